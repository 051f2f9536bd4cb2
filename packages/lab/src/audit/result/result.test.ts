import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { AUDIT_VERSION, auditJsonSchema } from './result.ts';

it('has a published JSON Schema that is the one that follows from it (npm run schema -w @pareidolia/lab)', () => {
  const file = new URL(`../../../schema/audit-${AUDIT_VERSION}.schema.json`, import.meta.url);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(auditJsonSchema());
});

it('has a schema that takes nothing that is not in it', () => {
  expect(auditJsonSchema()).toMatchObject({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `https://pareidolia.example/schema/audit-${AUDIT_VERSION}.schema.json`,
    additionalProperties: false,
  });
});
