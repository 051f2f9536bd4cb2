/** @file SimBA: adds or takes away one direction of an orthonormal basis after the other. */

import type { ImageShape } from '../../image/images.ts';
import type { Random } from '../../random/random.ts';
import { minimal } from '../attack.ts';
import { criterionLikelihood, isAdversarial } from '../criterion.ts';
import { logitsOf, type Steps } from '../engine/query.ts';
import type { Sample } from '../engine/sample.ts';
import { clip } from '../norm.ts';
import { type CosineWave, cosineWaves, valuesOf } from '../numerics/dct.ts';

/** Adds a basis direction, `size` times, to an image, in place. */
type Push = (image: Float32Array, size: number) => void;

/**
 * Guo et al. 2019, algorithm 1: each direction is tried once, forwards and, if that does not make success likelier,
 * backwards; the first adversarial image ends it. The L2 norm is at most step sqrt(steps), by Pythagoras.
 */
function* descend(
  { image: original, logits, criterion }: Sample,
  directions: Iterable<Push>,
  options: { readonly step: number; readonly steps: number },
): Steps {
  let image: Float32Array = original.slice();
  let best = criterionLikelihood(criterion, logits);
  let tried = 0;
  for (const push of directions) {
    if (tried++ >= options.steps) return;
    for (const sign of [1, -1]) {
      const candidate = image.slice();
      push(candidate, sign * options.step);
      // At the end of the box the answer is known.
      if (clip(candidate).every((value, i) => value === image[i])) continue;
      const answer = yield* logitsOf(candidate);
      if (isAdversarial(criterion, answer)) return;
      const likelihood = criterionLikelihood(criterion, answer);
      if (likelihood <= best) continue;
      best = likelihood;
      image = candidate;
      break;
    }
  }
}

/** Single values of channels, in random order. */
function* pixels({ image, random }: Sample): Generator<Push> {
  for (const i of random.shuffle(Int32Array.from(image.keys()))) {
    yield (values, size) => {
      values[i]! += size;
    };
  }
}

/** How much the band of frequencies grows when it is used up, as a share of all. */
const WIDENING = 1 / 32;

/**
 * The waves that SimBA-DCT goes through: in random order those with less than a share of the frequencies of either axis,
 * and when they are used up, as in the authors' program, those of the next narrow band.
 */
export function lowFrequenciesFirst(shape: ImageShape, share: number, random: Random): readonly CosineWave[] {
  const band = ({ down, across }: CosineWave): number => {
    const frequency = Math.max((down + 1) / shape.height, (across + 1) / shape.width);
    return Math.max(0, Math.ceil((frequency - share) / WIDENING));
  };
  // The sort is stable: the order within a band stays random.
  return random.shuffle(cosineWaves(shape)).sort((a, b) => band(a) - band(b));
}

function* waves({ shape, random }: Sample, share: number): Generator<Push> {
  const area = shape.height * shape.width;
  for (const wave of lowFrequenciesFirst(shape, share, random)) {
    const values = valuesOf(wave, shape);
    yield (image, size) => {
      for (let i = 0; i < area; i++) image[wave.channel * area + i]! += size * values[i]!;
    };
  }
}

const COMMON = {
  paper: 'Guo et al. 2019, arXiv 1905.07121',
  access: 'scores',
  norms: ['l2'],
  targeted: true,
} as const;

export const simba = minimal({
  ...COMMON,
  name: 'simba',
  title: 'Simple black-box attack on pixels',
  summary: 'pushes one value after the other, up or down, where the score follows; sees scores only',
  settings: { step: 0.2, steps: 10_000 },
  search: (sample, _, settings) => descend(sample, pixels(sample), settings),
});

export const simbaDct = minimal({
  ...COMMON,
  name: 'simba-dct',
  title: 'Simple black-box attack on low frequencies',
  summary: 'adds one slow cosine wave after the other, where the score follows; sees scores only',
  settings: { step: 0.2, steps: 10_000, share: 1 / 8 },
  search: (sample, _, { share, ...settings }) => descend(sample, waves(sample, share), settings),
});
