/** @file Runs `pareidolia data` at the terminal. */

import { join } from 'node:path';
import { InputError, unknownName } from '@pareidolia/core';
import { DownloadError, type DownloadProgress } from '../data/catalog/download.ts';
import { fetchItem } from '../data/catalog/fetch-item.ts';
import { CATALOG, type CatalogItem } from '../data/catalog/items.ts';
import { isThere, pathsOf, type StateOfFile, stateOf } from '../data/catalog/state.ts';
import { dataFolder } from '../data/folder.ts';
import { duration } from '../terminal/figures.ts';
import { catchInterrupt } from '../terminal/interrupt.ts';
import { writeError, writeOut } from '../terminal/output.ts';
import { terminalProgress } from '../terminal/progress.ts';
import { alignColumns } from '../terminal/table.ts';

/** What is said of the state of a file. */
const STATES = { there: 'as published', missing: 'missing', other: 'OTHER BYTES than published' } as const;

export function runDataList(json: boolean): void {
  const folder = dataFolder();
  const items = CATALOG.map((item) => ({ ...item, there: isThere(item, folder) }));
  if (json) {
    writeOut(`${JSON.stringify({ folder, items })}\n`);
    return;
  }
  const rows = items.map(({ name, summary, licence, there }) => [name, there ? 'yes' : 'no', summary, licence]);
  writeOut(`${alignColumns([['name', 'there', 'what it is', 'licence'], ...rows], [])}\n\nFolder: ${folder}\n`);
}

/** @throws InputError where a name is unknown */
export async function runDataFetch(names: readonly string[], json: boolean): Promise<void> {
  const items = chosen(names);
  const folder = dataFolder();
  const progress = terminalProgress();
  const interrupt = catchInterrupt(() => progress.say('Stopping; what has come is kept. Ctrl-C again stops at once.'));
  const files: { readonly path: string; readonly what: string }[] = [];
  let item = items[0]!;
  try {
    for (item of items) {
      const begun = performance.now();
      await fetchItem(item, folder, interrupt.signal, {
        file: (path, what) => {
          files.push({ path: join(folder, path), what });
          progress.mention(`${join(folder, path)}: ${what === 'there' ? 'is there' : 'fetched, and as published'}`);
        },
        progress: (at) => progress.update(() => `${item.name}  ${line(at, performance.now() - begun)}`),
      });
    }
    if (json) writeOut(`${JSON.stringify({ folder, files })}\n`);
  } catch (error) {
    progress.clear();
    if (interrupt.signal.aborted) {
      writeError(`Stopped. It goes on with: pareidolia data fetch ${names.join(' ')}\n`);
      process.exitCode = interrupt.code ?? 1;
    } else if (error instanceof DownloadError) {
      const where = pathsOf(item).map((path) => join(folder, path));
      writeError(
        `pareidolia: ${item.name} cannot be fetched: ${error.message}. Try again later, or put the files there by hand: ${where.join(', ')} (addresses: pareidolia data list --json)\n`,
      );
      process.exitCode = 1;
    } else throw error;
  } finally {
    progress.clear();
    interrupt.release();
  }
}

/** @throws InputError where a name is unknown, or nothing is there */
export async function runDataVerify(names: readonly string[], json: boolean): Promise<void> {
  const folder = dataFolder();
  const states: StateOfFile[] = [];
  for (const item of names.length === 0 ? CATALOG : chosen(names)) {
    const own = await stateOf(item, folder);
    if (names.length > 0 || own.some(({ state }) => state !== 'missing')) states.push(...own);
  }
  if (states.length === 0) {
    throw new InputError(`${folder} holds nothing of the catalog; fetch some with: pareidolia data fetch mnist`);
  }
  if (json) writeOut(`${JSON.stringify({ folder, files: states })}\n`);
  else
    writeOut(
      `${alignColumns(
        states.map(({ path, state }) => [path, STATES[state]]),
        [],
      )}\n\nFolder: ${folder}\n`,
    );
  if (states.some(({ state }) => state !== 'there')) process.exitCode = 1;
}

/** @throws InputError where a name is unknown */
function chosen(names: readonly string[]): readonly CatalogItem[] {
  if (names.includes('all')) return CATALOG;
  return [...new Set(names)].map((name) => {
    const item = CATALOG.find((each) => each.name === name);
    if (item !== undefined) return item;
    throw new InputError(unknownName('data set or network', name, ['all', ...CATALOG.map((each) => each.name)]));
  });
}

function line({ bytes, whole, received }: DownloadProgress, milliseconds: number): string {
  const rate = received / Math.max(1, milliseconds / 1000);
  const megabytes = (size: number): string => (size / 1e6).toFixed(1);
  const of = whole === undefined ? '' : ` of ${megabytes(whole)}`;
  const left = whole === undefined ? '' : `  ${duration((whole - bytes) / Math.max(1, rate))} left`;
  return `${megabytes(bytes)}${of} MB  ${megabytes(rate)} MB/s${left}`;
}
