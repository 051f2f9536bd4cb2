/** @file What an ONNX file says about itself in its metadata. */

import type { Model } from '@pareidolia/autodiff';
import type { ModelCardInput } from '../card.ts';
import { type CardPart, defined, pixels } from './card-part.ts';
import { namesOfTable } from './class-names.ts';
import { pythonLiteral } from './python-literal.ts';

/** A key of the metadata, what is read of it, and by whom it is written. */
export interface MetadataKey {
  readonly key: string;
  readonly writtenBy: string;
  readonly reads: string;
  /** What a value says; a sentence where it cannot be used. */
  read(value: string, all: ReadonlyMap<string, string>): ModelCardInput | string;
}

/** The formats of ONNX's MetadataProps.md; alpha would be a fourth channel. */
const PIXEL_FORMATS: Readonly<Record<string, ModelCardInput['color']>> = { gray8: 'grey', rgb8: 'rgb', bgr8: 'bgr' };

const PIXEL_RANGES: Readonly<Record<string, readonly [number, number]>> = {
  nominalrange_0_255: [0, 255],
  normalized_0_1: [0, 1],
  normalized_1_1: [-1, 1],
  nominalrange_16_235: [16, 235],
};

/** What Ultralytics calls the kinds of networks that are no classifiers. */
const TASKS: Readonly<Record<string, string>> = {
  detect: 'finds objects',
  segment: 'segments images',
  pose: 'finds poses',
  obb: 'finds turned boxes',
};

/** Every key that is read. */
export const METADATA_KEYS: readonly MetadataKey[] = [
  {
    key: 'Image.BitmapPixelFormat',
    writtenBy: 'Azure Custom Vision, WinMLTools ([ONNX](https://onnx.ai/onnx/repo-docs/MetadataProps.html))',
    reads: '`color`: Gray8, Rgb8 or Bgr8',
    read: (value) => {
      const color = PIXEL_FORMATS[value.trim().toLowerCase()];
      return color === undefined ? 'is none of Gray8, Rgb8 and Bgr8' : { color };
    },
  },
  {
    key: 'Image.NominalPixelRange',
    writtenBy: 'the same',
    reads: '`range`: NominalRange_0_255, Normalized_0_1, Normalized_1_1 ([-1, 1]) or NominalRange_16_235',
    read: (value) => {
      const range = PIXEL_RANGES[value.trim().toLowerCase()];
      return range === undefined ? `is none of the ranges of ONNX's MetadataProps.md` : { range: [...range] };
    },
  },
  {
    key: 'Image.ColorSpaceGamma',
    writtenBy: 'the same',
    reads: 'SRGB is how pixels are given; Linear is not supported, and said',
    read: (value) =>
      value.trim().toLowerCase() === 'linear' ? 'asks for linear light, but pixels are given as sRGB, as they are' : {},
  },
  {
    key: 'names',
    writtenBy: 'Ultralytics (YOLO)',
    reads: '`classNames`: a Python dictionary or list',
    read: (value) => {
      const classNames = namesOfTable(pythonLiteral(value));
      return classNames === undefined ? 'is no dictionary of names by number' : { classNames };
    },
  },
  {
    key: 'imgsz',
    writtenBy: 'Ultralytics (YOLO)',
    reads: '`height` and `width`, where the graph leaves them open',
    read: (value) => {
      const sides = [pythonLiteral(value)].flat();
      const [height, width = height] = sides.map(pixels);
      return height === undefined || width === undefined ? 'is no size in pixels' : { height, width };
    },
  },
  {
    key: 'task',
    writtenBy: 'Ultralytics (YOLO)',
    reads: '`classify`: pixels are x/255 in RGB; any other task (`detect`, ...) is no classifier, and said',
    read: (value, all) => {
      const task = value.trim().toLowerCase();
      if (task !== 'classify') {
        return `is ${task}: the network ${TASKS[task] ?? 'does something else'}, and is no classifier of images`;
      }
      return all.get('author')?.trim() === 'Ultralytics' ? { range: [0, 1], color: 'rgb' } : {};
    },
  },
  {
    key: 'stride',
    writtenBy: 'Ultralytics (YOLO)',
    reads: 'nothing: it says by what the sides of images can be divided',
    read: () => ({}),
  },
];

/**
 * What the model's own metadata say of its card. Keys of ONNX's own (`Image. ...`) are read whatever their case, as it asks.
 *
 * @param metadata of the file
 * @param where the model's name, for the notices
 */
export function metadataPart(metadata: Model['metadata'], where: string): CardPart {
  const fields: ModelCardInput = {};
  const notices: string[] = [];
  const lowered = new Map([...(metadata ?? [])].map(([key, value]) => [key.toLowerCase(), value]));
  for (const { key, read } of METADATA_KEYS) {
    const value = key.startsWith('Image.') ? lowered.get(key.toLowerCase()) : metadata?.get(key);
    if (metadata === undefined || value === undefined) continue;
    const said = read(value, metadata);
    if (typeof said === 'string') {
      notices.push(`${where}: ${key} of its metadata (${abridged(value)}) ${said}`);
    } else Object.assign(fields, { ...said, ...fields });
  }
  return { fields: defined<ModelCardInput>(fields), notices };
}

function abridged(value: string): string {
  const line = value.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
  return line.length > 40 ? `${line.slice(0, 37)}...` : line;
}
