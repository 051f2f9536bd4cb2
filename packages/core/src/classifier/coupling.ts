/**
 * @file Whether an image's scores depend on anything but the image: on the images beside it, as where a network normalizes by
 * the statistics of the batch, or on chance, as where noise or dropout was exported with it.
 */

import type { ImageShape, Images } from '../image/images.ts';
import { batchOf, probeImages } from './probes.ts';

/**
 * Difference of logits, as a share of the largest one, that rounding explains: other kernels for other batches, and sums of
 * float32 in another order, give up to 1e-5.
 */
const ROUNDING = 1e-2;
/** The same for one call that is made twice. */
const REPEATED = 1e-4;
/** How many times as large as by chance a difference is that the company explains. */
const BEYOND_CHANCE = 5;
/** Calls with one image that show how far a random network's scores differ. */
const REPEATS = 6;

/** What is done with networks that need more than one call for a batch. */
export const RUNS = {
  fixed: {
    what: 'a batch that is fixed, or written into a Reshape',
    how: 'opened where it can be, else filled up or run on one image at a time',
  },
  company: {
    what: 'scores that depend on the other images (batch normalization in training mode)',
    how: 'noticed by probes; run on one image at a time, or refused where that says nothing',
  },
  chance: {
    what: 'scores that depend on chance (dropout, noise)',
    how: 'noticed by probes and said; `draws` in the card takes means',
  },
} as const;

/** Logits of a class that should be equal. */
export interface Difference {
  readonly classIndex: number;
  readonly values: readonly [number, number];
}

/** What an image's scores depend on besides the image. */
export interface Coupling {
  /** Two calls with the same image. */
  readonly chance?: Difference;
  /** The same image alone (in a fixed batch: beside copies of it), and beside others or at another place. */
  readonly company?: Difference;
  /** What a call with several images ends with, though one with a single image does not. */
  readonly failure?: string;
}

/**
 * Shows a network the same image again, beside others, and at another place, and compares what it says of it. The others are
 * black, white, grey and noise, so that statistics of the batch differ.
 *
 * @param batch images in each call, where the number is fixed
 * @param most images in a call; an image that is always alone has no company
 * @param logits of a batch of images, `N x classes`
 */
export async function couplingOf(
  shape: ImageShape,
  batch: number | undefined,
  most: number,
  logits: (images: Images) => Promise<Float32Array>,
): Promise<Coupling> {
  const [image, ...others] = probeImages(shape);
  const count = batch ?? 1;
  /** The logits of some rows of a batch. */
  const ask = async (images: readonly Uint8Array[], rows: readonly number[]): Promise<readonly Float32Array[]> => {
    const data = await logits(batchOf(shape, images));
    const width = data.length / images.length;
    return rows.map((row) => data.slice(row * width, (row + 1) * width));
  };
  const copies = Array.from({ length: count }, () => image!);
  const alone = async (): Promise<Float32Array> => (await ask(copies, [0]))[0]!;
  const own = await alone();
  const again = await alone();
  // Scores that are not finite are refused where they are used.
  if (!isFiniteRow(own) || !isFiniteRow(again)) return {};
  let chance = difference(own, again, REPEATED);
  let largest = relative(own, again);
  if (chance !== undefined) {
    for (let repeat = 2; repeat < REPEATS; repeat++) {
      const other = await alone();
      largest = Math.max(largest, relative(own, other));
      chance = difference(own, other, REPEATED) ?? chance;
    }
  }
  const result = chance === undefined ? {} : { chance };
  if (most === 1) return result;
  const total = batch ?? Math.min(others.length + 1, most);
  const company = Array.from({ length: total - 1 }, (_, at) => others[at % others.length]!);
  const last = total - 1;
  let placed: readonly Float32Array[];
  try {
    placed = [
      ...(batch === undefined ? [] : await ask(copies, [last])),
      ...(await ask([image!, ...company], [0])),
      ...(await ask([...company, image!], [last])),
    ];
  } catch (error) {
    if (batch !== undefined) throw error;
    return { ...result, failure: error instanceof Error ? error.message : String(error) };
  }
  const allowed = Math.max(ROUNDING, BEYOND_CHANCE * largest);
  const found = placed.map((other) => difference(own, other, allowed)).find((each) => each !== undefined);
  return found === undefined ? result : { ...result, company: found };
}

/**
 * Whether a network that is shown one image at a time says the same of all: it has subtracted the image from itself, or
 * normalized it away.
 *
 * @param logits of a batch of images, `N x classes`
 */
export async function isBlindAlone(
  shape: ImageShape,
  logits: (images: Images) => Promise<Float32Array>,
): Promise<boolean> {
  const images = probeImages(shape);
  const rows: Float32Array[] = [];
  for (const image of images) rows.push(await logits(batchOf(shape, [image])));
  return rows.every((row) => difference(rows[0]!, row, REPEATED) === undefined);
}

function isFiniteRow(row: Float32Array): boolean {
  return row.every(Number.isFinite);
}

/** The largest difference of two rows, as a share of the largest number in them. */
function relative(one: Float32Array, other: Float32Array): number {
  const largest = [one, other].reduce(
    (most, row) => row.reduce((all, value) => Math.max(all, Math.abs(value)), most),
    1e-6,
  );
  return one.reduce((most, value, k) => Math.max(most, Math.abs(value - other[k]!)), 0) / largest;
}

/** The class that differs most; `undefined` where it is by no more than a share of the largest number. */
function difference(one: Float32Array, other: Float32Array, share: number): Difference | undefined {
  if (!isFiniteRow(other) || relative(one, other) <= share) return undefined;
  const away = (k: number): number => Math.abs(one[k]! - other[k]!);
  const classIndex = one.reduce((most, _, k) => (away(k) > away(most) ? k : most), 0);
  return { classIndex, values: [one[classIndex]!, other[classIndex]!] };
}
