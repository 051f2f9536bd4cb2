/** @file How an 8-bit image becomes what the network expects, worked out from the graph's input and the card. */

import { InputError } from '../errors.ts';
import type { ImageShape } from '../image/images.ts';
import type { ModelCard } from './card.ts';

/** What stands between pixels and network. */
export interface InputPlan {
  readonly shape: ImageShape;
  /** The number of images in each call; any when absent. */
  readonly batch?: number;
  readonly layout: 'NCHW' | 'NHWC';
  /** For each of the network's channels, which of ours (red, green, blue) it is. */
  readonly channelOrder: readonly number[];
  /** For each of the network's channels: value = pixel in [0, 1] times scale + offset. */
  readonly scale: readonly number[];
  readonly offset: readonly number[];
  /** For each of our channels the pixel in [0, 1] that the network receives as zero, clipped to the range. */
  readonly origin: readonly number[];
}

/**
 * @param name the graph's input
 * @param dims its shape, `undefined` where an axis is open
 * @param where the model's name, for errors
 * @throws InputError where the input is not an image or disagrees with the card
 */
export function planInput(
  name: string,
  dims: readonly (number | undefined)[],
  card: ModelCard,
  where: string,
): InputPlan {
  const fail = (what: string): never => {
    throw new InputError(`${where}: input ${name} has shape [${dims.map((d) => d ?? '?').join(', ')}], ${what}`);
  };
  if (dims.length !== 4) fail('which is no image: expected batch x channels x height x width (or channels last)');
  const layout = card.layout ?? (isChannels(dims[1]) || !isChannels(dims[3]) ? 'NCHW' : 'NHWC');
  const [channelAxis, heightAxis, widthAxis] = layout === 'NCHW' ? [1, 2, 3] : [3, 1, 2];
  const channels = dims[channelAxis] ?? (card.color === undefined ? undefined : card.color === 'grey' ? 1 : 3);
  if (!isChannels(channels)) {
    return fail(`which has no axis of 1 or 3 color channels; if it is an image, say layout and color in the card`);
  }
  if (card.color !== undefined && (card.color === 'grey') !== (channels === 1)) {
    fail(`but the card says color ${card.color}: mend the card's field color`);
  }
  const side = (axis: number, field: 'height' | 'width'): number => {
    const fixed = dims[axis];
    const said = card[field];
    if (fixed !== undefined && said !== undefined && fixed !== said) {
      fail(`but the card says ${field} ${said}: mend the card's field ${field}`);
    }
    return fixed ?? said ?? fail(`which leaves the ${field} open: give the card a field ${field}`);
  };
  const shape: ImageShape = { channels, height: side(heightAxis, 'height'), width: side(widthAxis, 'width') };

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
    channelOrder,
    scale: deviation.map((value) => (high - low) / value),
    offset: deviation.map((value, i) => (low - mean[i]!) / value),
    origin,
  };
}

function isChannels(count: number | undefined): count is 1 | 3 {
  return count === 1 || count === 3;
}
