/** @file Writes the JSON Schema of `pareidolia.config.json`, as it follows from its definition. */

import { writeFileSync } from 'node:fs';
import { configJsonSchema } from '../dist/audit/config-file.js';

const file = new URL('../schema/config-1.schema.json', import.meta.url);
writeFileSync(file, `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
