/** @file Writes the list of files that the service worker keeps, so that the page works offline after its first load. */

import { createHash } from 'node:crypto';
import type { Plugin } from 'vite';

/** Files that only some visitors need; they are kept once they have been asked for. The page of pupils works with a server only. */
const LATER = /asyncify|\.map$|(^|\/)quiz[-.]/;

export function offline(): Plugin {
  return {
    name: 'pareidolia-offline',
    apply: 'build',
    generateBundle(_, bundle) {
      const files = Object.keys(bundle)
        .filter((name) => !LATER.test(name))
        .sort();
      const version = createHash('sha256').update(files.join('\n')).digest('hex').slice(0, 12);
      const source = `self.KEPT = ${JSON.stringify({ version, files: ['./', ...files] })};\n`;
      this.emitFile({ type: 'asset', fileName: 'kept.js', source });
    },
  };
}
