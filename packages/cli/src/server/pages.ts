/** @file The built pages of the studio: only what was found here, when the server began, is ever served. */

import { createReadStream, type ReadStream, readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { InputError } from '@pareidolia/core';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.onnx': 'application/octet-stream',
};

/** The pages with the addresses at which they are opened: the studio, and that of pupils who take a quiz. */
const PAGES = [
  ['index.html', '/'],
  ['quiz.html', '/quiz'],
] as const;

export interface PageFile {
  readonly type: string;
  /** A stream, so that listeners who take their time cost no memory, or what was made of the file. */
  readonly read: () => Buffer | ReadStream;
  /** Whether the name changes with the contents. */
  readonly lasting: boolean;
}

/**
 * The files by their address, `/` for the page itself.
 *
 * @throws InputError where they are not built
 */
export function studioPages(folder = builtFolder()): ReadonlyMap<string, PageFile> {
  const names = (() => {
    try {
      return readdirSync(folder, { recursive: true }).map(String);
    } catch (cause) {
      throw notBuilt(folder, cause);
    }
  })();
  const pages = new Map<string, PageFile>();
  for (const name of names) {
    const path = join(folder, name);
    if (!statSync(path).isFile()) continue;
    const address = `/${name.split('\\').join('/')}`;
    const type = TYPES[extname(name)] ?? 'application/octet-stream';
    pages.set(address, { type, read: () => createReadStream(path), lasting: address.startsWith('/assets/') });
  }
  if (!pages.has('/index.html')) throw notBuilt(folder);
  const served = (name: string): Buffer =>
    Buffer.from(readFileSync(join(folder, name), 'utf8').replace('<html ', '<html data-engine="server" '));
  for (const [file, address] of PAGES) {
    const page = pages.get(`/${file}`);
    if (page === undefined) continue;
    const marked = served(file);
    pages.set(address, { ...page, read: () => marked });
    pages.set(`/${file}`, { ...page, read: () => marked });
  }
  // A page with a server needs no keeping, and must not be answered from an old one.
  pages.delete('/service-worker.js');
  return pages;
}

/**
 * The pages are a package of their own, found by its name and nowhere else: pages get the token, so a folder that happens to be
 * there must never be served.
 *
 * @throws InputError where the package is not installed
 */
function builtFolder(): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('@pareidolia/studio/package.json')), 'dist', 'pages');
  } catch (cause) {
    throw new InputError(
      'The package @pareidolia/studio, which holds the pages, is not installed; install pareidolia anew',
      {
        cause,
      },
    );
  }
}

function notBuilt(folder: string, cause?: unknown): InputError {
  return new InputError(`The studio's pages are not in ${folder}; build them with: npm run build:site`, { cause });
}
