/** @file The readable renderer of CPPNs: pixel by pixel. The kernel must give the same bytes. */

import type { ImageShape } from '../../image/images.ts';
import { level, writeHsv } from '../levels.ts';
import { coordinate, distance, gaussian, ramp, sigmoid, sine } from './functions.ts';
import type { CppnGenome } from './genome.ts';
import { FIRST_NODE_SLOT, HEADER_WORDS, ProgramWriter } from './program.ts';

/** In the order of `ACTIVATIONS`. */
const FUNCTIONS = [sine, sigmoid, gaussian, ramp] as const;

/**
 * Renders one image.
 *
 * @param shape with as many channels as the genome has outputs
 * @param image receives `channels x height x width` values
 */
export function renderCppnPlain(genome: CppnGenome, shape: ImageShape, image: Uint8Array): void {
  checkChannels(genome, shape);
  const { words, nodes } = new ProgramWriter().write(genome);
  const floats = new Float32Array(words.buffer);
  const values = new Float32Array(FIRST_NODE_SLOT + nodes);
  const output = (index: number): number => Math.min(Math.abs(values[words[2 + index]!]!), 1);
  const stride = shape.height * shape.width;
  for (let pixel = 0; pixel < stride; pixel++) {
    const x = coordinate(pixel % shape.width, shape.width);
    const y = coordinate(Math.floor(pixel / shape.width), shape.height);
    values.set([x, y, distance(x, y)]);
    let at = HEADER_WORDS;
    for (let node = 0; node < nodes; node++) {
      let sum = floats[at + 1]!;
      const end = at + 3 + 2 * words[at + 2]!;
      for (let link = at + 3; link < end; link += 2) {
        sum = Math.fround(sum + Math.fround(floats[link + 1]! * values[words[link]!]!));
      }
      values[FIRST_NODE_SLOT + node] = FUNCTIONS[words[at]!]!(sum);
      at = end;
    }
    if (shape.channels === 1) image[pixel] = level(output(0));
    else writeHsv(output(0), output(1), output(2), image, pixel, stride);
  }
}

/** @throws RangeError where a genome is asked for other channels than it has outputs */
export function checkChannels(genome: CppnGenome, { channels }: ImageShape): void {
  if (channels !== genome.outputs) {
    throw new RangeError(`A CPPN with ${genome.outputs} outputs cannot fill ${channels} channels`);
  }
}
