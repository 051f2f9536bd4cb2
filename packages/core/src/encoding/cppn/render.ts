/** @file Renders CPPNs by the kernel; the readable twin is `renderCppnPlain`. */

import type { ImageShape } from '../../image/images.ts';
import { BAND, FREE, OUT, sharedKernel } from '../kernel.ts';
import type { CppnGenome } from './genome.ts';
import { checkChannels } from './plain.ts';
import { FIRST_NODE_SLOT, ProgramWriter } from './program.ts';

/** Bytes of a node's buffer in the kernel: one tile of 256 floats. */
const SLOT_BYTES = 1024;

const writer = new ProgramWriter();

/**
 * Renders one image, of any size: a CPPN has no pixels of its own.
 *
 * @param shape with as many channels as the genome has outputs
 * @param image receives `channels x height x width` values
 */
export function renderCppn(genome: CppnGenome, shape: ImageShape, image: Uint8Array): void {
  checkChannels(genome, shape);
  const { words, length, nodes } = writer.write(genome);
  const { channels, height, width } = shape;
  const kernel = sharedKernel();
  const buffers = FREE + Math.ceil(length / 16) * 64;
  kernel.reserve(buffers + (FIRST_NODE_SLOT + nodes) * SLOT_BYTES);
  kernel.words.set(words.subarray(0, length), FREE / 4);
  for (let first = 0; first < height * width; first += BAND) {
    const count = Math.min(BAND, height * width - first);
    kernel.run.renderCppn(FREE, buffers, OUT, BAND, width, height, first, count);
    kernel.copyOut(channels, first, count, image);
  }
}
