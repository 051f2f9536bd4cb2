import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Looked for in the current folder, in this order. */
const CONFIG_FILES = ['pareidolia.config.json', 'pareidolia.config.yaml', 'pareidolia.config.yml'] as const;

/** Those that are in a folder. */
export function findConfigFiles(folder: string): readonly string[] {
  return CONFIG_FILES.map((name) => join(folder, name)).filter(existsSync);
}
