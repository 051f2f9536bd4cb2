/**
 * @file Color pictures of ten everyday things, drawn by procedure: 32x32, each thing in the colors, proportions and parts that it has, on any
 * background, turned, moved, sometimes partly covered, in any light. They may be shipped with the project, and there is no end of them.
 */

import { Random } from '../../random/random.ts';
import type { Dataset } from '../dataset.ts';
import { drawLayers, type Placement } from './drawing.ts';
import { background, expose, foreground } from './scenery.ts';
import { SKETCHES, type Sketch } from './sketches.ts';

/** Height and width of a drawn thing, in pixels. */
export const THING_SIZE = 32;

/** What the drawn things are called, by class. */
export const THING_LABELS: readonly string[] = Object.keys(SKETCHES);

/** Examples in the parts of the drawn things: pieces of the sequence of a seed, one behind the other. */
export const THING_PARTS = { train: 30_000, validation: 3_000, test: 5_000 } as const;

/** Things are drawn from a stream of random numbers of their own. */
const THING_STREAM = 0x7468696e;

const KINDS: readonly Sketch[] = Object.values(SKETCHES);

/**
 * Draws a dataset. Example `i` depends on the seed and on `first + i` alone and shows class `(first + i) mod 10`.
 *
 * @param count number of examples
 * @param seed which pictures; datasets of different seeds have nothing in common
 * @param first position of the first example in the endless sequence that belongs to the seed
 * @param side height and width in pixels; larger ones show the same, but for the noise
 */
export function drawThings(count: number, seed: number, first = 0, side = THING_SIZE): Dataset {
  const size = 3 * side * side;
  const data = new Uint8Array(count * size);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const index = first + i;
    labels[i] = index % KINDS.length;
    drawThing(labels[i]!, Random.stream(seed, THING_STREAM, index), data.subarray(i * size, (i + 1) * size), side);
  }
  return {
    name: 'things',
    classNames: THING_LABELS,
    images: { channels: 3, height: side, width: side, count, data },
    labels,
  };
}

/**
 * Draws one thing.
 *
 * @param kind its class, 0 .. 9
 * @param image receives 3 x side x side levels
 */
export function drawThing(kind: number, random: Random, image: Uint8Array, side: number = THING_SIZE): void {
  const scale = THING_SIZE * (0.32 + 0.16 * random.uniform());
  const room = THING_SIZE / 2 - 0.85 * scale;
  const place: Placement = {
    scale,
    stretch: Math.exp(0.08 * random.normal()),
    angle: 0.16 * random.normal(),
    isMirrored: random.uniform() < 0.5,
    x: THING_SIZE / 2 + room * (2 * random.uniform() - 1),
    y: THING_SIZE / 2 + room * (2 * random.uniform() - 1),
  };
  const behind = background(THING_SIZE, random);
  const thing = KINDS[kind]!(random);
  const levels = new Float32Array(image.length);
  const front = foreground(THING_SIZE, random);
  drawLayers(behind, thing, front, place, { side, unit: THING_SIZE / side }, levels);
  expose(levels, side, random, image);
}
