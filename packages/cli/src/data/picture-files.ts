/** @file Which files below a folder are pictures. */

import { type Dirent, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { InputError } from '@pareidolia/core';
import { reason } from './read.ts';

/** Endings of files that are taken for pictures. Not all can be read: what is left out of a folder is counted, not passed over. */
const PICTURES = new Set([
  ...['.png', '.jpg', '.jpeg', '.jpe', '.jfif', '.webp', '.gif', '.avif', '.tif', '.tiff', '.bmp'],
  ...['.heic', '.heif', '.hif', '.jxl', '.jp2', '.svg', '.svgz'],
]);

/** Whether a name has the ending of a picture. */
export function isPictureName(name: string): boolean {
  return PICTURES.has(extname(name).toLowerCase());
}

export interface PictureFiles {
  /** Paths, sorted. */
  readonly files: readonly string[];
  /** What could not be looked into, each with a sentence without a full stop. */
  readonly skipped: readonly string[];
}

/**
 * All pictures below a folder; the file itself where the path is one. Links are followed, but not into a folder that holds
 * them. What begins with a dot, and `__MACOSX`, which archives of a Mac hold, are no pictures.
 *
 * @throws InputError where there is no such folder, it cannot be read, or nothing in it is a picture
 */
export function listPictures(path: string): PictureFiles {
  const stat = follow(path);
  if (typeof stat === 'string') {
    throw new InputError(
      stat === reason({ code: 'ENOENT' })
        ? `There is no folder of images ${path}; check the path`
        : `The folder of images ${path} cannot be read: ${stat}`,
    );
  }
  if (!stat.isDirectory()) return { files: [path], skipped: [] };
  const files: string[] = [];
  const skipped: string[] = [];
  let begun = false;
  const walk = (folder: string, above: readonly string[]): void => {
    let entries: Dirent[];
    let real: string;
    try {
      real = realpathSync(folder);
      entries = readdirSync(folder, { withFileTypes: true });
    } catch (cause) {
      if (!begun) throw new InputError(`The folder of images ${folder} cannot be read: ${reason(cause)}`, { cause });
      skipped.push(`The folder ${folder} cannot be read: ${reason(cause)}`);
      return;
    }
    begun = true;
    for (const entry of entries) {
      const own = join(folder, entry.name);
      const isPicture = isPictureName(entry.name);
      if (entry.name.startsWith('.') || entry.name === '__MACOSX') continue;
      if (entry.isFile() && isPicture) files.push(own);
      else if (entry.isDirectory()) walk(own, [...above, real]);
      else if (entry.isSymbolicLink()) {
        const target = follow(own);
        if (typeof target === 'string') {
          if (isPicture || extname(own) === '') skipped.push(`The link ${own} leads nowhere: ${target}`);
        } else if (target.isDirectory()) {
          const real2 = realpathSync(own);
          if ([...above, real].includes(real2)) skipped.push(`The link ${own} leads back to a folder that holds it`);
          else walk(own, [...above, real]);
        } else if (target.isFile() && isPicture) files.push(own);
      }
    }
  };
  walk(path, []);
  if (files.length > 0) return { files: files.sort(), skipped };
  const why = skipped.length === 0 ? '' : ` (${skipped[0]})`;
  throw new InputError(`${path} holds no images${why}; put files like ${[...PICTURES].slice(0, 4).join(', ')} there`);
}

/** What is at a path, behind links; why not, in words, where nothing can be found. */
function follow(path: string): Stats | string {
  try {
    return statSync(path);
  } catch (cause) {
    return reason(cause);
  }
}
