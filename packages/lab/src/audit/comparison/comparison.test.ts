import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { COMPARISON_VERSION, comparisonJsonSchema } from './comparison.ts';

it('has a published JSON Schema that is the one that follows from it (npm run schema -w @pareidolia/lab)', () => {
  const file = new URL(`../../../schema/audit-comparison-${COMPARISON_VERSION}.schema.json`, import.meta.url);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(comparisonJsonSchema());
});
