/** @file Images that are learned within seconds. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '@pareidolia/core';

/** An IDX file of bytes. */
function idx(dims: readonly number[], data: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * dims.length);
  header.writeUInt32BE(0x0800 + dims.length);
  dims.forEach((dim, axis) => {
    header.writeUInt32BE(dim, 4 + 4 * axis);
  });
  return Buffer.concat([header, data]);
}

/** A folder `name` in `folder` of training images with a bright half, left or right; `count` in two classes, `side` x `side`. */
export function halves(folder: string, name: string, count: number, side: number): string {
  const path = join(folder, name);
  const random = Random.stream(1);
  mkdirSync(path);
  const images = Uint8Array.from({ length: count * side * side }, (_, i) => {
    const half = i % side < side / 2 ? 0 : 1;
    return (Math.floor(i / side ** 2) % 2 === half ? 180 : 0) + random.integer(60);
  });
  writeFileSync(join(path, 'train-images-idx3-ubyte'), idx([count, side, side], images));
  writeFileSync(
    join(path, 'train-labels-idx1-ubyte'),
    idx(
      [count],
      Uint8Array.from({ length: count }, (_, i) => i % 2),
    ),
  );
  writeFileSync(join(path, 'classes.txt'), 'left\nright\n');
  return path;
}
