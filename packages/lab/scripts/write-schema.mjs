/** @file Writes the JSON Schemas of an audit's result and of a comparison, as they follow from their definitions. */

import { writeFileSync } from 'node:fs';
import { auditJsonSchema, comparisonJsonSchema } from '@pareidolia/lab';

const schemas = { 'audit-1': auditJsonSchema(), 'audit-comparison-1': comparisonJsonSchema() };
for (const [name, schema] of Object.entries(schemas)) {
  const file = new URL(`../schema/${name}.schema.json`, import.meta.url);
  writeFileSync(file, `${JSON.stringify(schema, null, 2)}\n`);
}
