/**
 * @file Whether an image's scores depend on the images beside it, as they do where a network normalizes by the statistics of
 * the batch.
 */

import { InputError } from '../errors.ts';
import { type ImageShape, type Images, imageSize } from '../image/images.ts';
import { Random } from '../random/random.ts';

/**
 * Difference of logits, as a share of the largest one, that rounding explains: other kernels for other batches, and sums of
 * float32 in another order, give up to 1e-5.
 */
const ROUNDING = 1e-2;

const PROBE_STREAM = 0x70726f62;

/**
 * Shows the same image with different company, and compares what is said of it. The company is black, white and noise, so that
 * statistics of the batch differ.
 *
 * @param logits of a batch of images, `N x classes`
 * @param batch images in each call, where the number is fixed
 * @param most images in a call; an image that is always alone has no company
 * @throws InputError where the scores differ by more than rounding
 */
export async function refuseCoupled(
  shape: ImageShape,
  batch: number | undefined,
  most: number,
  where: string,
  logits: (images: Images) => Promise<Float32Array>,
): Promise<void> {
  if (most === 1) return;
  const size = imageSize(shape);
  const random = Random.stream(1, PROBE_STREAM);
  const image = Uint8Array.from({ length: size }, () => 64 + Math.floor(random.uniform() * 128));
  const company = [new Uint8Array(size), new Uint8Array(size).fill(255)];
  const batchOf = (own: readonly Uint8Array[]): Images => {
    const data = new Uint8Array(own.length * size);
    own.forEach((pixels, row) => {
      data.set(pixels, row * size);
    });
    return { ...shape, count: own.length, data };
  };
  const count = batch ?? Math.min(3, most);
  const rows = Array.from({ length: count }, (_, row) => (row === 0 ? image : company[row % 2]!));
  const alone = await logits(batchOf(batch === undefined ? [image] : rows.map(() => image)));
  const beside = await logits(batchOf(rows));
  const numClasses = beside.length / count;
  const first = (values: Float32Array): number[] => [...values.subarray(0, numClasses)];
  const [own, other] = [first(alone), first(beside)];
  // Scores that are not finite are refused where they are used.
  if (![...own, ...other].every(Number.isFinite)) return;
  const largest = Math.max(1e-6, ...own.map(Math.abs), ...other.map(Math.abs));
  const worst = own.reduce(
    (most, value, k) => (Math.abs(value - other[k]!) > Math.abs(own[most]! - other[most]!) ? k : most),
    0,
  );
  if (Math.abs(own[worst]! - other[worst]!) <= ROUNDING * largest) return;
  const [with1, with2] = [own, other].map((values) => values[worst]!.toPrecision(3));
  throw new InputError(
    `${where} scores an image by the images beside it (the logit of class ${worst} is ${with1} ${batch === undefined ? 'alone' : 'beside copies of it'} and ${with2} beside others), so its scores say nothing of one image; export it for inference (model.eval() in PyTorch)`,
  );
}
