/** @file Images with their right classes as bytes, so that a worker needs no folder and no dataset. */

import { type ImageShape, InputError, imageSize } from '@pareidolia/core';
import { z } from 'zod';
import type { Subjects } from '../../attack/subjects.ts';
import type { LoadedImages } from '../../audit/real-images.ts';
import { pack, unpack } from './pack.ts';

const dim = z.int().min(1).max(65_536);
const common = {
  origin: z.string(),
  names: z.array(z.string()),
  leftOut: z.array(z.string()),
  shape: z.strictObject({ channels: z.union([z.literal(1), z.literal(3)]), height: dim, width: dim }),
};
const labelling = z.enum(['dataset', 'file', 'folders', 'decision']);

const subjects = z.strictObject({ kind: z.literal('subjects'), labelling, ...common });
const real = z.strictObject({
  kind: z.literal('images'),
  labelling: z.enum(['dataset', 'file', 'folders']).nullable(),
  hasLabels: z.boolean(),
  inAll: z.int().min(0),
  isResized: z.boolean(),
  ...common,
});

/** Images to attack. */
export function writeSubjects({ origin, names, images, labels, labelling, leftOut }: Subjects): Uint8Array {
  const { channels, height, width } = images;
  const header = { kind: 'subjects', labelling, origin, names, leftOut, shape: { channels, height, width } };
  return pack(header, [images.data, bytesOf(labels)]);
}

/** @throws InputError where they are none, or of another shape */
export function readSubjects(bytes: Uint8Array, shape: ImageShape): Subjects {
  const { header, parts } = unpack(bytes);
  const found = subjects.safeParse(header);
  if (!found.success) throw new InputError(`It holds no images to attack (${found.error.issues[0]!.path.join('.')})`);
  const { origin, names, leftOut, labelling } = found.data;
  const images = imagesOf(found.data.shape, shape, names.length, parts[0]);
  return { origin, names, images, labels: labelsOf(parts[1], names.length), labelling, leftOut };
}

/** Images of an audit. */
export function writeRealImages({ images, labelling, inAll, leftOut, isResized }: LoadedImages): Uint8Array {
  const { channels, height, width, data } = images.images;
  const header = {
    kind: 'images',
    labelling: labelling ?? null,
    hasLabels: images.labels !== undefined,
    inAll,
    isResized,
    origin: images.origin,
    names: images.names,
    leftOut,
    shape: { channels, height, width },
  };
  return pack(header, [data, ...(images.labels === undefined ? [] : [bytesOf(images.labels)])]);
}

/** @throws InputError where they are none, or of another shape */
export function readRealImages(bytes: Uint8Array, shape: ImageShape): LoadedImages {
  const { header, parts } = unpack(bytes);
  const found = real.safeParse(header);
  if (!found.success) throw new InputError(`It holds no images of an audit (${found.error.issues[0]!.path.join('.')})`);
  const { origin, names, leftOut, labelling, hasLabels, inAll, isResized } = found.data;
  const images = imagesOf(found.data.shape, shape, names.length, parts[0]);
  return {
    images: { origin, names, images, ...(hasLabels ? { labels: labelsOf(parts[1], names.length) } : {}) },
    labelling: labelling ?? undefined,
    inAll,
    leftOut,
    isResized,
  };
}

function imagesOf(own: ImageShape, shape: ImageShape, count: number, data: Uint8Array | undefined) {
  if (own.channels !== shape.channels || own.height !== shape.height || own.width !== shape.width) {
    throw new InputError(
      `Its images are ${own.width} x ${own.height}, the network takes ${shape.width} x ${shape.height}`,
    );
  }
  if (data?.length !== count * imageSize(own)) throw new InputError('It lacks pixels');
  return { ...own, count, data };
}

function bytesOf(labels: Int32Array): Uint8Array {
  return new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength);
}

function labelsOf(bytes: Uint8Array | undefined, count: number): Int32Array {
  if (bytes?.length !== 4 * count) throw new InputError('It lacks labels');
  return new Int32Array(bytes.buffer, 0, count);
}
