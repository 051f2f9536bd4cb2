/** @file Renders CPPNs by the kernel; the readable twin is `renderCppnPlain`. */

import type { ImageShape } from '../../image/images.ts';
import { BAND, FREE, OUT, sharedKernel } from '../../kernel/kernel.ts';
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

/** Pixels times words of the program that are computed between two pauses of {@link renderCppnInBands}: a tenth of a second. */
const WORK = 50_000_000;

/** Pixels that the kernel computes at a time. */
const TILE = 256;

/**
 * Renders one image as {@link renderCppn} does, a band at a time: other work, other renderings included, may be done in between.
 *
 * @param shape with as many channels as the genome has outputs
 * @param image receives `channels x height x width` values
 * @yields after each band
 */
export function* renderCppnInBands(
  genome: CppnGenome,
  shape: ImageShape,
  image: Uint8Array,
): Generator<void, void, void> {
  checkChannels(genome, shape);
  const { words, length, nodes } = writer.write(genome);
  const program = words.slice(0, length);
  const { channels, height, width } = shape;
  const kernel = sharedKernel();
  const buffers = FREE + Math.ceil(length / 16) * 64;
  const band = Math.min(BAND, Math.max(1, Math.floor(WORK / length / TILE)) * TILE);
  for (let first = 0; first < height * width; first += band) {
    const count = Math.min(band, height * width - first);
    kernel.reserve(buffers + (FIRST_NODE_SLOT + nodes) * SLOT_BYTES);
    kernel.words.set(program, FREE / 4);
    kernel.run.renderCppn(FREE, buffers, OUT, BAND, width, height, first, count);
    kernel.copyOut(channels, first, count, image);
    yield;
  }
}
