/** @file Writes the JSON Schema of an audit's result, as it follows from its definition. */

import { writeFileSync } from 'node:fs';
import { auditJsonSchema } from '@pareidolia/lab';

const file = new URL('../schema/audit-1.schema.json', import.meta.url);
writeFileSync(file, `${JSON.stringify(auditJsonSchema(), null, 2)}\n`);
