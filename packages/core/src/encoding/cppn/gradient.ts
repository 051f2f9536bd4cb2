/**
 * @file The gradient of an image's score with respect to the weights of its CPPN, by the kernel; the readable twin is
 * `cppnGradientPlain`.
 */

import type { ImageShape } from '../../image/images.ts';
import { BAND, FREE, sharedKernel } from '../../kernel/kernel.ts';
import { type CppnGenome, INPUTS } from './genome.ts';
import { checkChannels } from './plain.ts';
import { FIRST_NODE_SLOT, ProgramWriter } from './program.ts';

const SLOT_BYTES = 1024;
const BIAS = INPUTS.indexOf('bias');

const writer = new ProgramWriter();

/**
 * Carries a gradient with respect to pixels back to the weights (reverse-mode differentiation). Rounding to 8 bits counts as the
 * identity, as in the straight-through estimator: pass the gradient at the 8-bit image, and what is climbed is the score of the
 * file. The kinks of |out|, of the ramp and of the hue's circle have the derivative 0.
 *
 * @param shape of the image, with as many channels as the genome has outputs
 * @param pixels the derivatives with respect to the pixel values in [0, 1], `C x H x W`
 * @param into receives one derivative for each link, in the order of the genome's weights; 0 where no output depends on it
 */
export function cppnGradient(genome: CppnGenome, shape: ImageShape, pixels: Float32Array, into: Float32Array): void {
  checkChannels(genome, shape);
  const { words, length, nodes } = writer.write(genome);
  const { channels, height, width } = shape;
  const size = height * width;
  const band = Math.min(BAND, (size + 15) & ~15);
  const starts = FREE + aligned(4 * length);
  const sums = starts + aligned(4 * nodes);
  const sumsLength = genome.weights.length + nodes;
  const gradient = sums + aligned(8 * sumsLength);
  const buffers = gradient + aligned(4 * band * channels);
  const slots = (FIRST_NODE_SLOT + nodes) * SLOT_BYTES;
  const kernel = sharedKernel();
  kernel.reserve(buffers + 3 * slots);
  const { floats, doubles } = kernel;
  kernel.words.set(words.subarray(0, length), FREE / 4);
  doubles.fill(0, sums / 8, sums / 8 + sumsLength);
  for (let first = 0; first < size; first += band) {
    const count = Math.min(band, size - first);
    for (let channel = 0; channel < channels; channel++) {
      const to = gradient / 4 + channel * band;
      floats.set(pixels.subarray(channel * size + first, channel * size + first + count), to);
      floats.fill(0, to + count, to + Math.min(band, (count + 15) & ~15));
    }
    kernel.run.cppnGradient(
      FREE,
      starts,
      buffers,
      buffers + slots,
      buffers + 2 * slots,
      gradient,
      4 * band,
      sums,
      width,
      height,
      first,
      count,
    );
  }
  collect(genome, writer.needed(genome), doubles.subarray(sums / 8, sums / 8 + sumsLength), into);
}

/** From the order of the program, where a node's bias comes before its links and needless nodes are missing. */
function collect(
  { linkCounts, sources }: CppnGenome,
  needed: Int32Array,
  sums: Float64Array,
  into: Float32Array,
): void {
  let link = 0;
  let at = 0;
  for (let node = 0; node < linkCounts.length; node++) {
    const end = link + linkCounts[node]!;
    if (needed[node] === 0) {
      into.fill(0, link, end);
      link = end;
      continue;
    }
    const bias = at++;
    for (; link < end; link++) into[link] = sums[sources[link] === BIAS ? bias : at++]!;
  }
}

function aligned(bytes: number): number {
  return (bytes + 63) & ~63;
}
