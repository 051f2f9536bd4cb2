/** @file `node fuzz/images.mjs [mutants] [seed]`: pictures of all formats that are read, and data sets. */

import { gzipSync } from 'node:zlib';
import { InputError, parseIdx } from '@pareidolia/core';
import fc from 'fast-check';
import sharp from 'sharp';
import { readPhotograph } from '../packages/cli/dist/image/photograph.js';
import { fuzz, mutantsOf } from './support/mutants.mjs';

const shape = { channels: 3, height: 8, width: 8 };
const pixels = Uint8Array.from({ length: 20 * 12 * 3 }, (_, i) => (i * 37) % 256);
const raw = sharp(pixels, { raw: { width: 20, height: 12, channels: 3 } });
const formats = ['png', 'jpeg', 'webp', 'gif', 'tiff', 'avif'];
const files = await Promise.all(formats.map((format) => raw.clone().toFormat(format).toBuffer()));

/** A Windows bitmap of 24 bits. */
function bmp() {
  const bytes = Buffer.alloc(54 + 20 * 12 * 3);
  bytes.write('BM', 'latin1');
  bytes.writeUInt32LE(54, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(20, 18);
  bytes.writeInt32LE(12, 22);
  bytes.writeUInt16LE(24, 28);
  bytes.set(pixels, 54);
  return bytes;
}

/** Three images of 4 x 5 as an IDX file. */
const idx = Buffer.concat([Buffer.from([0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 5]), Buffer.alloc(60, 9)]);
const pictures = mutantsOf([...files, bmp()]).map((bytes) => ({ bytes, isPicture: true }));
const data = mutantsOf([idx, gzipSync(idx)]).map((bytes) => ({ bytes, isPicture: false }));

const either = fc.oneof({ arbitrary: pictures, weight: 4 }, { arbitrary: data, weight: 1 });
await fuzz('pictures and data sets', either, async ({ bytes, isPicture }) => {
  try {
    if (isPicture) await readPhotograph({ name: 'a picture', bytes }, shape, {});
    else await parseIdx(bytes, 'a file');
    return true;
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
});
