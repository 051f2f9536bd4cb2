/** @file Removes everything that a build makes. */

import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { publicPackages } from './pack.mjs';

for (const { folder } of publicPackages()) {
  rmSync(join(folder, 'dist'), { recursive: true, force: true });
  for (const name of readdirSync(folder)) if (name.endsWith('.tsbuildinfo')) rmSync(join(folder, name));
}
