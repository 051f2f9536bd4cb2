/** @file How an 8-bit image becomes what the network expects, worked out from the graph's input and the card. */

import type { DataType } from '@pareidolia/autodiff';
import { InputError } from '../errors.ts';
import { type ImageShape, imageSize } from '../image/images.ts';
import type { ModelCard } from './card.ts';
import { imageAxes } from './image-axes.ts';

/** What stands between pixels and network. */
export interface InputPlan {
  readonly shape: ImageShape;
  /** The number of images in each call; any when absent. */
  readonly batch?: number;
  readonly layout: 'NCHW' | 'NHWC';
  /** The axes behind the batch that the network takes, where they are not the three of the layout. */
  readonly form?: readonly number[];
  /** Whether the network takes one image, without an axis for several. */
  readonly isAlone?: boolean;
  /** Of the input's elements. Values for whole numbers are rounded, and clipped to what the type holds. */
  readonly type: DataType;
  /** For each of the network's channels, which of ours (red, green, blue) it is. */
  readonly channelOrder: readonly number[];
  /** For each of the network's channels: value = pixel in [0, 1] times scale + offset. */
  readonly scale: readonly number[];
  readonly offset: readonly number[];
  /** For each of our channels the pixel in [0, 1] that the network receives as zero, clipped to the range. */
  readonly origin: readonly number[];
}

/** Numbers in the largest image: 3344 x 3344 pixels of three channels. Each costs some bytes for each of the images that probe. */
const MOST_PIXELS = 2 ** 25;

/**
 * @param name the graph's input
 * @param dims its shape, `undefined` where an axis is open, or where the file says none
 * @param where the model's name, for errors
 * @param type of the input's elements
 * @throws InputError where the input is not an image or disagrees with the card
 */
export function planInput(
  name: string,
  dims: readonly (number | undefined)[] | undefined,
  card: ModelCard,
  where: string,
  type: DataType = 'float32',
): InputPlan {
  const fail = (what: string): never => {
    const said = dims === undefined ? 'no shape' : `shape [${dims.map((d) => d ?? '?').join(', ')}]`;
    throw new InputError(`${where}: input ${name} has ${said}, ${what}`);
  };
  const { shape, layout, form, isAlone } = imageAxes(dims, card, fail);
  const { channels } = shape;
  if (imageSize(shape) > MOST_PIXELS)
    fail(`more than the ${MOST_PIXELS} numbers of the largest images that can be handled`);
  if (card.color !== undefined && (card.color === 'grey') !== (channels === 1)) {
    fail(`but the card says color ${card.color}: mend the card's field color`);
  }

  const each = (value: number | readonly number[], field: string): readonly number[] => {
    if (typeof value === 'number') return new Array<number>(channels).fill(value);
    if (value.length === channels) return value;
    return fail(`but the card gives ${value.length} values for ${field}: give one, or one for each channel`);
  };
  const [low, high] = card.range;
  const mean = each(card.mean, 'mean');
  const deviation = each(card.deviation, 'deviation');
  const channelOrder = card.color === 'bgr' ? [2, 1, 0] : channels === 1 ? [0] : [0, 1, 2];
  const origin = new Array<number>(channels);
  channelOrder.forEach((ours, theirs) => {
    origin[ours] = Math.min(1, Math.max(0, (mean[theirs]! - low) / (high - low)));
  });
  return {
    shape,
    layout,
    ...(form === undefined ? {} : { form }),
    ...(isAlone ? { isAlone } : {}),
    type,
    channelOrder,
    scale: deviation.map((value) => (high - low) / value),
    offset: deviation.map((value, i) => (low - mean[i]!) / value),
    origin,
  };
}

/** The ends of whole numbers that inputs may be of; `undefined` for floating-point types and those that hold no pixels. */
export function wholeRange(type: DataType): readonly [low: number, high: number] | undefined {
  return Object.hasOwn(WHOLE, type) ? WHOLE[type as keyof typeof WHOLE] : undefined;
}

const WHOLE = {
  uint8: [0, 255],
  int8: [-128, 127],
  uint16: [0, 65535],
  int16: [-32768, 32767],
  // Where float32 has all whole numbers; no pixel goes further.
  int32: [-(2 ** 24), 2 ** 24],
  uint32: [0, 2 ** 24],
  int64: [-(2 ** 24), 2 ** 24],
} as const satisfies Partial<Record<DataType, readonly [number, number]>>;

/** The types of an input's elements that hold pixels. */
export const INPUT_TYPES = {
  what: `elements of float16, float32, float64, ${Object.keys(WHOLE).join(', ')}`,
  how: 'pixels are rounded to whole numbers and clipped; the gradient with respect to these is an estimate',
} as const;

/**
 * The card as it holds for an input of a type: for whole numbers the range 0 .. 1 of a card that says nothing else would leave
 * black and white only, and 8-bit pixels are given as they are (from -128 where the type has signs).
 */
export function cardForType(card: ModelCard, type: DataType): ModelCard {
  const [low, high] = card.range;
  if (wholeRange(type) === undefined || low !== 0 || high !== 1) return card;
  return { ...card, range: type === 'int8' ? [-128, 127] : [0, 255] };
}
