/** @file Writes the JSON Schema of `pareidolia.config.json`, as it follows from its definition. */

import { writeFileSync } from 'node:fs';
import { COMMANDS } from '../dist/commands/registry.js';
import { configJsonSchema } from '../dist/config/config-schema.js';

const file = new URL('../schema/config-1.schema.json', import.meta.url);
writeFileSync(file, `${JSON.stringify(await configJsonSchema(COMMANDS), null, 2)}\n`);
