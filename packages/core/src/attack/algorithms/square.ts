/** @file Square: random search that changes one square at a time, and keeps what raises the score. */

import {
  type Ball,
  bumps,
  clip,
  criterionLikelihood,
  criterionMargin,
  defineFixedAttack,
  drawWindow,
  logitsOf,
  placesIn,
  type Sample,
  type Steps,
  type Window,
  z,
} from '../kit.ts';

/** What the search draws in a norm. */
interface Proposals {
  /** The image that the search starts from. */
  start(): Float32Array;
  /** The side of the squares that cover a share of the image. */
  side(share: number): number;
  /** An image that differs in one square (Linf) or two (L2). */
  change(image: Float32Array, side: number): Float32Array;
}

/** Steps of 10,000 after which the share of the image that a square covers is halved (section 5 of the paper). */
const HALVINGS = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000] as const;

/** The share of the image that is changed at a step of so many. */
export function shareAt(step: number, steps: number, start: number): number {
  const scaled = Math.floor((step / steps) * 10_000);
  return start / 2 ** HALVINGS.filter((halving) => halving < scaled).length;
}

/** No float32 pixel can be told from its neighbor in a smaller ball. */
const LEAST_EPSILON = 1e-7;

/** Andriushchenko et al. 2020, algorithm 1. */
function* randomSearch(sample: Sample, ball: Ball, options: { readonly steps: number; readonly share: number }): Steps {
  if (ball.epsilon < LEAST_EPSILON) return;
  const { criterion } = sample;
  // Section 3.1: the margin; the cross-entropy where the attack aims at a class.
  const score = criterion.target === undefined ? criterionMargin : criterionLikelihood;
  const proposals = ball.norm === 'l2' ? proposalsL2(sample, ball.epsilon) : proposalsLinf(sample, ball.epsilon);
  let image = proposals.start();
  let best = score(criterion, yield* logitsOf(image));
  for (let step = 1; step < options.steps; step++) {
    const candidate = proposals.change(image, proposals.side(shareAt(step, options.steps, options.share)));
    const reached = score(criterion, yield* logitsOf(candidate));
    if (reached <= best) continue;
    best = reached;
    image = candidate;
  }
}

/** Algorithm 2: every value stays at an end of the ball, a square takes one end for each channel. */
function proposalsLinf({ shape, image: original, random }: Sample, epsilon: number): Proposals {
  const { channels, height, width } = shape;
  const sign = (): number => (random.uniform() < 0.5 ? -1 : 1);
  const end = (i: number, direction: number): number => Math.min(1, Math.max(0, original[i]! + direction * epsilon));
  return {
    start() {
      const image = new Float32Array(original.length);
      for (let channel = 0; channel < channels; channel++) {
        for (let column = 0; column < width; column++) {
          const stripe = sign();
          for (let row = 0; row < height; row++) {
            const i = (channel * height + row) * width + column;
            image[i] = end(i, stripe);
          }
        }
      }
      return image;
    },
    side: (share) => sideOf(share, shape),
    change(image, side) {
      const window = drawWindow(shape, side, random);
      const candidate = image.slice();
      let changed = false;
      // Signs that change nothing are drawn anew: their score is known.
      while (!changed) {
        for (let channel = 0; channel < channels; channel++) {
          const direction = sign();
          for (const i of placesIn(shape, channel, window)) {
            candidate[i] = end(i, direction);
            changed ||= candidate[i] !== image[i];
          }
        }
      }
      return candidate;
    },
  };
}

/** Tiles along the shorter side of the first image of the L2 attack. */
const TILES = 5;

/** Algorithm 3: the L2 norm of the perturbation stays epsilon; what one window loses, another receives. */
function proposalsL2({ shape, image: original, random }: Sample, epsilon: number): Proposals {
  const { channels, height, width } = shape;
  const patterns = new Map<string, Float32Array>();
  const pattern = (side: number): Float32Array => {
    const sideways = random.uniform() < 0.5;
    const key = `${side} ${sideways}`;
    const known = patterns.get(key) ?? bumps(side, sideways);
    patterns.set(key, known);
    return known;
  };
  const sign = (): number => (random.uniform() < 0.5 ? -1 : 1);
  return {
    start() {
      const side = Math.max(1, Math.floor(Math.min(height, width) / TILES));
      const [rows, columns] = [Math.floor(height / side), Math.floor(width / side)];
      const [top, left] = [(height - rows * side) >> 1, (width - columns * side) >> 1];
      const perturbation = new Float32Array(original.length);
      for (let tile = 0; tile < rows * columns; tile++) {
        const bump = pattern(side);
        const window: Window = {
          top: top + Math.floor(tile / columns) * side,
          left: left + (tile % columns) * side,
          side,
        };
        for (let channel = 0; channel < channels; channel++) {
          const direction = sign();
          placesIn(shape, channel, window).forEach((i, place) => {
            perturbation[i] = direction * bump[place]!;
          });
        }
      }
      const scale = epsilon / Math.sqrt(squaresOf(perturbation));
      return clip(perturbation.map((value, i) => original[i]! + scale * value));
    },
    // Odd, so that the pattern has a center, and at least 3, so that it has two sides.
    side: (share) => {
      const side = Math.max(3, sideOf(share, shape));
      return Math.min(height, width, side % 2 === 0 ? side + 1 : side);
    },
    change(image, side) {
      const perturbation = new Float32Array(image.length);
      for (let i = 0; i < image.length; i++) perturbation[i] = image[i]! - original[i]!;
      const unused = Math.max(0, epsilon ** 2 - squaresOf(perturbation));
      const [taking, giving] = [drawWindow(shape, side, random), drawWindow(shape, side, random)];
      const bump = pattern(side);
      for (let channel = 0; channel < channels; channel++) {
        const direction = sign();
        const places = placesIn(shape, channel, taking);
        const taken = takeOut(perturbation, places);
        // What both windows hold; what they have in common has gone with the first.
        const rest = takeOut(perturbation, placesIn(shape, channel, giving));
        const held = squaresOf(taken);
        const room = Math.sqrt(held + squaresOf(rest) + unused / channels);
        const scale = held === 0 ? 0 : 1 / Math.sqrt(held);
        for (let k = 0; k < taken.length; k++) taken[k] = direction * bump[k]! + scale * taken[k]!;
        const length = Math.sqrt(squaresOf(taken));
        for (let k = 0; k < taken.length; k++) {
          // A window that holds just the opposite of the pattern already: the pattern alone.
          perturbation[places[k]!] = room * (length > CANCELLED ? taken[k]! / length : direction * bump[k]!);
        }
      }
      for (let i = 0; i < image.length; i++) perturbation[i]! += original[i]!;
      return clip(perturbation);
    },
  };
}

/** The values at some places, which become zero. */
function takeOut(values: Float32Array, places: Int32Array): Float32Array {
  const taken = new Float32Array(places.length);
  for (let k = 0; k < places.length; k++) {
    taken[k] = values[places[k]!]!;
    values[places[k]!] = 0;
  }
  return taken;
}

/** Two directions whose sum is shorter are opposite but for rounding. */
const CANCELLED = 1e-5;

/** sqrt(p h w), in whole pixels that fit into the image. */
function sideOf(share: number, { height, width }: Sample['shape']): number {
  return Math.min(height, width, Math.max(1, Math.round(Math.sqrt(share * height * width))));
}

function squaresOf(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!;
  return sum;
}

/** Square (Andriushchenko et al. 2020), which sees scores only. */
export const square = defineFixedAttack({
  name: 'square',
  title: 'Square attack',
  paper: 'Andriushchenko et al. 2020, arXiv 1912.00049',
  summary: 'random search over squares of one color; sees scores only',
  access: 'scores',
  norms: ['linf', 'l2'],
  targeted: true,
  // As in AutoAttack; for ImageNet the paper starts with a share of .05 (Linf) and .1 (L2), and with 10,000 steps.
  settings: z.object({
    steps: z.int().min(1).default(5000).describe('queries'),
    share: z.number().gt(0).max(1).default(0.8).describe('share of the image that the first squares cover'),
  }),
  search: (sample, ball, settings) => randomSearch(sample, ball, settings),
});
