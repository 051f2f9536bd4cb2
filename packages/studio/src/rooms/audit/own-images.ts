/** @file Pictures that a user opens for an audit: brought to the size of the network, as many as are looked at. */

import type { StudioModel } from '@pareidolia/studio';
import { openPhotograph } from '../../images/photograph.ts';
import type { OwnImages } from './auditing.svelte.ts';
import type { FoundFile } from './dropped-files.ts';

/** Values that all images have together, at most: they are in memory. */
const MOST_VALUES = 100_000_000;

/** Reasons that are named one by one. */
const MOST_NAMED = 5;

/**
 * Opens pictures, in the order of their names; of many, some that are spread over all.
 *
 * @param most images at most
 * @param onRead told how many are done, of how many
 * @throws Error with a sentence where none can be used
 */
export async function openOwnImages(
  files: readonly FoundFile[],
  model: StudioModel,
  most: number,
  onRead: (done: number, total: number) => void,
): Promise<OwnImages> {
  const pictures = files.filter(isPicture).toSorted((a, b) => compare(a.path, b.path));
  if (pictures.length === 0) throw new Error('There is no picture among these files; choose PNG or JPEG files');
  const { channels, height, width } = model.shape;
  const size = channels * height * width;
  const count = Math.max(1, Math.min(most, Math.floor(MOST_VALUES / size), pictures.length));
  // The same ones each time.
  const chosen = Array.from({ length: count }, (_, i) => pictures[Math.floor((i * pictures.length) / count)]!);
  const known = labelsOf(
    chosen.map(({ path }) => path),
    model.classNames,
  );
  const data = new Uint8Array(count * size);
  const names: string[] = [];
  const labels: number[] = [];
  const leftOut: string[] = [];
  for (const [place, { file, path }] of chosen.entries()) {
    onRead(place, count);
    if (known !== undefined && known[place] === undefined) {
      leftOut.push(`${path} is left out, since its folder names no class of the network`);
      continue;
    }
    try {
      data.set(await openPhotograph(file, model), names.length * size);
      names.push(plain(path));
      labels.push(known?.[place] ?? 0);
    } catch (error) {
      leftOut.push(error instanceof Error ? error.message : String(error));
    }
  }
  if (names.length === 0) throw new Error(`None of the pictures can be used: ${leftOut[0]}`);
  return {
    model: model.id,
    origin: originOf(pictures),
    names,
    data: data.slice(0, names.length * size),
    ...(known === undefined ? {} : { labels }),
    leftOut: shortened(leftOut),
    inAll: Math.max(names.length, pictures.length - leftOut.length),
  };
}

/** What the names of their folders say, the innermost first; `undefined` where none names a class. */
export function labelsOf(
  paths: readonly string[],
  classNames: readonly string[],
): readonly (number | undefined)[] | undefined {
  const classes = new Map<string, number>();
  // A name may be shortened to the part before its first comma; the first class of a name has it.
  for (const part of [(name: string) => name, (name: string) => name.split(',', 1)[0]!]) {
    for (const [index, name] of classNames.entries()) {
      const key = part(name).trim().toLowerCase();
      if (!classes.has(key)) classes.set(key, index);
    }
  }
  const labels = paths.map((path) =>
    path
      .split('/')
      .slice(0, -1)
      .reduceRight<number | undefined>((label, folder) => label ?? classes.get(folder.trim().toLowerCase()), undefined),
  );
  return labels.some((label) => label !== undefined) ? labels : undefined;
}

function isPicture({ file: { name, type } }: FoundFile): boolean {
  return type.startsWith('image/') || /\.(png|jpe?g|webp|gif|bmp|avif)$/i.test(name);
}

/** The folder that all of them are in, or how many they are. */
function originOf(pictures: readonly FoundFile[]): string {
  const folders = new Set(pictures.map(({ path }) => path.split('/').slice(0, 1).join('/')));
  const [folder] = folders;
  if (folders.size === 1 && pictures[0]!.path.includes('/')) return plain(`${folder}/`).slice(0, 200);
  return pictures.length === 1 ? plain(pictures[0]!.path).slice(0, 200) : `${pictures.length} opened pictures`;
}

/** Names become parts of reports. */
function plain(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ').slice(0, 1000);
}

function shortened(reasons: readonly string[]): string[] {
  const named = reasons.slice(0, MOST_NAMED).map((reason) => plain(reason));
  const more = reasons.length - named.length;
  return more === 0 ? named : [...named, `${more} more pictures were left out`];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
