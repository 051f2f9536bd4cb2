/** @file Which axes of a network's input are channels, height and width: images of any rank, flat ones too. */

import type { ImageShape } from '../image/images.ts';
import type { ModelCard } from './card.ts';

/** How an input holds images. */
export interface ImageAxes {
  readonly shape: ImageShape;
  readonly layout: 'NCHW' | 'NHWC';
  /**
   * The axes behind the batch that the values of an image are reshaped to; absent where they are the three of the layout.
   */
  readonly form?: readonly number[];
  /** Whether the input is one image, without an axis for several. */
  readonly isAlone: boolean;
}

/** What inputs {@link imageAxes} reads. */
export const INPUT_FORMS = [
  {
    what: 'inputs `N x C x H x W`, `N x H x W x C`, `N x H x W` (grey)',
    how: 'read off the shape; `layout` in the card decides where both fit',
  },
  {
    what: 'flat inputs: `N x CHW`, `N x C x HW`, `N x HW x C`',
    how: 'taken as square, or with `height` and `width` of the card; a file that says no shape needs `color`, too',
  },
  { what: 'one image, without `N`', how: 'run on one image at a time' },
] as const;

/** Rows shorter than the square of this are rather tables of numbers than images, unless the card says sides. */
const LEAST_SIDE = 8;

/** Lengths; `undefined` where one is open. */
type Lengths = readonly (number | undefined)[];

/**
 * Reads the axes of `N x C x H x W` and `N x H x W x C`, of `N x H x W` (grey), of flat images (`N x CHW`, `N x C x HW`,
 * `N x HW x C`) whose sides the card says or that are square, and of one image without an axis for several.
 *
 * @param dims of the input; `undefined` where the file says none
 * @param fail throws what is wrong
 */
export function imageAxes(dims: Lengths | undefined, card: ModelCard, fail: (what: string) => never): ImageAxes {
  if (dims === undefined) {
    if (card.color === undefined || card.height === undefined || card.width === undefined) {
      return fail('which says nothing of images: give the card the fields color, height and width');
    }
    const shape = { channels: channelsOf(card)!, height: card.height, width: card.width } as const;
    return { shape, layout: card.layout ?? 'NCHW', isAlone: false };
  }
  if (dims.length === 4) return { ...fullAxes(dims, card, fail), isAlone: false };
  if (dims.length === 3) return threeAxes(dims, card, fail);
  const length = dims.at(-1);
  if (dims.length === 0 || dims.length > 2) {
    return fail('which is no image: expected batch x channels x height x width (or channels last)');
  }
  return { ...flatAxes(length, card, fail), isAlone: dims.length === 1 };
}

/** Whether an input has no axis for several images. */
export function isAlone(dims: Lengths | undefined): boolean {
  if (dims?.length === 1) return true;
  if (dims?.length !== 3) return false;
  const [a, b, c] = dims;
  const isSide = (length: number | undefined): boolean => length === undefined || length > 3;
  return (a === 3 && isSide(b) && isSide(c)) || (isChannels(c) && a !== undefined && a > 3 && isSide(b));
}

/** `N x C x H x W`, or the other layout. */
function fullAxes(dims: Lengths, card: ModelCard, fail: (what: string) => never): Omit<ImageAxes, 'isAlone'> {
  const layout = card.layout ?? (isChannels(dims[1]) || !isChannels(dims[3]) ? 'NCHW' : 'NHWC');
  const [channelAxis, heightAxis, widthAxis] = layout === 'NCHW' ? [1, 2, 3] : [3, 1, 2];
  const channels = dims[channelAxis] ?? channelsOf(card);
  if (!isChannels(channels)) {
    return fail('which has no axis of 1 or 3 color channels; if it is an image, say layout and color in the card');
  }
  const shape = {
    channels,
    height: side(dims[heightAxis], 'height', card, fail),
    width: side(dims[widthAxis], 'width', card, fail),
  };
  return { shape, layout };
}

/** `N x H x W` of grey images, `N x C x HW` or `N x HW x C`; or one image `C x H x W` or `H x W x C`. */
function threeAxes(dims: Lengths, card: ModelCard, fail: (what: string) => never): ImageAxes {
  if (isAlone(dims)) {
    const full = fullAxes([1, ...dims], card, fail);
    const { channels, height, width } = full.shape;
    return {
      ...full,
      form: full.layout === 'NCHW' ? [channels, height, width] : [height, width, channels],
      isAlone: true,
    };
  }
  const [, b, c] = dims;
  const [channels, pixels] = isChannels(b) ? [b, c] : isChannels(c) ? [c, b] : [];
  if (channels !== undefined && pixels !== undefined && pixels > 3) {
    const { height: h, width: w } = card;
    const isFlat = h !== undefined && w !== undefined ? h * w === pixels : Number.isInteger(Math.sqrt(pixels));
    if (isFlat) {
      const root = Math.sqrt(pixels);
      const shape = { channels, height: card.height ?? root, width: card.width ?? root };
      return { shape, layout: isChannels(b) ? 'NCHW' : 'NHWC', form: [b!, c!], isAlone: false };
    }
  }
  const [height, width] = [side(b, 'height', card, fail), side(c, 'width', card, fail)];
  return { shape: { channels: 1, height, width }, layout: 'NCHW', form: [height, width], isAlone: false };
}

/** All values of an image in one axis. */
function flatAxes(
  length: number | undefined,
  card: ModelCard,
  fail: (what: string) => never,
): Omit<ImageAxes, 'isAlone'> {
  const layout = card.layout ?? 'NCHW';
  const { height, width } = card;
  if (height !== undefined && width !== undefined) {
    const channels = channelsOf(card) ?? (length === undefined ? 1 : length / (height * width));
    const values = channels * height * width;
    if (isChannels(channels) && (length === undefined || length === values)) {
      return { shape: { channels, height, width }, layout, form: [values] };
    }
    return fail(`but an image of the card has ${height} x ${width} pixels: mend the card's fields height and width`);
  }
  for (const channels of [1, 3] as const) {
    const root = Math.sqrt((length ?? Number.NaN) / channels);
    const fits =
      (card.color === undefined || channelsOf(card) === channels) && root >= LEAST_SIDE && Number.isInteger(root);
    if (fits) return { shape: { channels, height: root, width: root }, layout, form: [length!] };
  }
  return fail('which is no image, or a flat one that is not square: give the card the fields height and width');
}

function side(
  fixed: number | undefined,
  field: 'height' | 'width',
  card: ModelCard,
  fail: (what: string) => never,
): number {
  const said = card[field];
  if (fixed !== undefined && said !== undefined && fixed !== said) {
    fail(`but the card says ${field} ${said}: mend the card's field ${field}`);
  }
  return fixed ?? said ?? fail(`which leaves the ${field} open: give the card a field ${field}`);
}

function channelsOf({ color }: ModelCard): 1 | 3 | undefined {
  return color === undefined ? undefined : color === 'grey' ? 1 : 3;
}

function isChannels(count: number | undefined): count is 1 | 3 {
  return count === 1 || count === 3;
}
