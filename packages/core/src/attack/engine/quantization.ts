/**
 * @file The images that a file can hold: 256 levels a value. Rounding removes a perturbation that is smaller than a level,
 * so the nearest adversarial image of whole levels is searched for, not rounded to.
 */

import { isAdversarial } from '../criterion.ts';
import { type Ball, distances, length, type Norm, TOLERANCE } from '../norm.ts';
import { gradientAt, logitsOf, logitsOfEach, type Steps } from './query.ts';
import { marginTo, type Sample } from './sample.ts';

const TOP = 255;

/** The nearest levels. */
export function levelsOf(image: Float32Array): Uint8Array {
  const levels = new Uint8Array(image.length);
  for (let i = 0; i < levels.length; i++) levels[i] = Math.min(TOP, Math.max(0, Math.round(image[i]! * TOP)));
  return levels;
}

/** The image that levels stand for. */
export function imageOf(levels: Uint8Array): Float32Array {
  const image = new Float32Array(levels.length);
  for (let i = 0; i < image.length; i++) image[i] = levels[i]! / TOP;
  return image;
}

/** Whether a file can hold an image exactly. */
export function isLevels(image: Float32Array): boolean {
  for (let i = 0; i < image.length; i++) {
    const value = image[i]!;
    if (!(value >= 0 && value <= 1) || Math.fround(Math.round(value * TOP) / TOP) !== value) return false;
  }
  return true;
}

/** Room for pixels that are float32, in levels; less than the tolerance with which distances are held against an epsilon. */
const ROUNDING = (TOLERANCE * TOP) / 2;

/**
 * The levels of an image, inside the ball: the nearest ones for Linf; for the other norms the nearest ones, taken back one
 * level where that saves most until the distance fits.
 */
export function roundInside(image: Float32Array, original: Float32Array, { norm, epsilon }: Ball): Uint8Array {
  const levels = levelsOf(image);
  if (norm === 'linf') {
    for (let i = 0; i < levels.length; i++) {
      const low = Math.ceil((original[i]! - epsilon) * TOP - ROUNDING);
      const high = Math.floor((original[i]! + epsilon) * TOP + ROUNDING);
      levels[i] = Math.min(TOP, high, Math.max(0, low, levels[i]!));
    }
    return levels;
  }
  if (distances(imageOf(levels), original)[norm] <= epsilon) return levels;
  // What rounding made longer goes first: taking it back changes the image least.
  const outward = (i: number): number => {
    const [exact, rounded] = [image[i]! - original[i]!, levels[i]! / TOP - original[i]!];
    return Math.abs(rounded) - Math.abs(exact);
  };
  const order = Array.from(levels.keys())
    .filter((i) => Math.abs(levels[i]! - original[i]! * TOP) >= 0.5)
    .sort((a, b) => outward(b) - outward(a) || a - b);
  let total = distances(imageOf(levels), original)[norm] ** (norm === 'l2' ? 2 : 1);
  const limit = epsilon ** (norm === 'l2' ? 2 : 1);
  for (const i of order) {
    if (total <= limit) break;
    const part = (level: number): number => {
      const size = Math.abs(level / TOP - original[i]!);
      return norm === 'l2' ? size * size : norm === 'l1' ? size : Number(size > ROUNDING / TOP);
    };
    const back =
      norm === 'l0' ? Math.round(original[i]! * TOP) : levels[i]! - Math.sign(levels[i]! / TOP - original[i]!);
    total += part(back) - part(levels[i]!);
    levels[i] = back;
  }
  return levels;
}

/** Lengths at which a perturbation that rounding broke is tried again. */
const STRETCHES = [1, 1.02, 1.04, 1.07, 1.1, 1.15, 1.2, 1.3, 1.45, 1.7, 2, 3] as const;

/** Halvings of the interval between the last stretch that did not do and the first that did. */
const FINER = 3;

/** Levels by which all values are pushed uphill where rounding them uphill does not do. */
const PUSHES = [0, 1, 2, 4, 8] as const;

/** Halvings of the way from an image of whole levels that is adversarial to the nearest one in floating point. */
const HALVINGS = 8;

/** Multiples of the predicted length at which the nearest 8-bit images are tried. */
const TRIALS = [0.85, 0.9, 0.95, 0.98, 1, 1.02, 1.05, 1.1, 1.2, 1.4, 2] as const;

/** Shares of the changes that are taken back together. */
const PRUNED = [0.01, 0.02, 0.04, 0.08, 0.15, 0.3] as const;

/** Times the network is linearized anew, and after how many in vain the search ends. */
const [ROUNDS, IN_VAIN] = [12, 4];

/** How much of the gradients before goes into the next direction: they are those of a curved boundary near by. */
const KEPT = 0.5;

/** What is known before the search for the nearest 8-bit image. */
export interface QuantizedOptions {
  /** An image of whole levels that is adversarial. */
  readonly known?: Uint8Array | undefined;
  /** An adversarial image that rounding hurts less than the nearest one. */
  readonly surest?: Float32Array | undefined;
  /** The queries that the budget still allows; unlimited when absent. */
  readonly left?: () => number;
  /** Told of each nearer image, so that it is not lost where the search is cut short. */
  readonly onBetter?: (levels: Uint8Array) => void;
}

/**
 * Searches for the adversarial 8-bit image nearest to the original, from an image that is adversarial in floating
 * point.
 *
 * First the perturbation is stretched and rounded, a little more each time, until it is adversarial. Where that does not do,
 * each value is rounded the way the gradient shows, if gradients may be asked for, and then comes a bisection between the
 * image and one that is known to be adversarial as bytes, or is when rounded: where there is one, the search does not end
 * without a result.
 *
 * Then, where gradients may be asked for, the margin is linearized there:
 * of all 8-bit images with a given linear gain, those with the least L2 norm move each value by round(t |g_i|) levels
 * along its gradient (the greedy order of gain by cost), so that t alone is left to try; for Linf all values move by the
 * same number of levels; for L1 and L0 the steepest values move to the end of the box, in L1 the last of them part of the way.
 *
 * @param gradients whether gradients may be asked for
 * @returns levels that are adversarial as bytes; `undefined` where none was found
 */
export function* nearestQuantized(
  sample: Sample,
  found: Float32Array,
  norm: Norm,
  gradients: boolean,
  options: QuantizedOptions = {},
): Steps<Uint8Array | undefined> {
  const { known, surest } = options;
  const search = new QuantizedSearch(sample, norm, options);
  if (known !== undefined) search.take(known);
  let reached = yield* search.stretch(found, gradients ? 0 : FINER);
  if (!reached && gradients) reached = yield* search.pushUphill(found);
  if (!reached) {
    if (search.best === undefined && surest !== undefined) yield* search.tryOne(levelsOf(surest));
    yield* search.halve(found);
  }
  if (!gradients) return search.best;
  let from = found;
  for (let [round, vain] = [0, 0]; round < ROUNDS && vain < IN_VAIN; round++) {
    const improved = yield* search.linearise(from);
    const pruned = yield* search.prune();
    vain = improved || pruned ? 0 : vain + 1;
    if (search.best !== undefined) from = imageOf(search.best);
  }
  return search.best;
}

class QuantizedSearch {
  readonly #sample: Sample;
  readonly #norm: Norm;
  readonly #onBetter: QuantizedOptions['onBetter'];
  readonly #left: () => number;
  #least = Number.POSITIVE_INFINITY;
  best: Uint8Array | undefined;
  /** Of the margin, gathered over the rounds. */
  #gathered: Float32Array | undefined;

  constructor(sample: Sample, norm: Norm, { left, onBetter }: QuantizedOptions) {
    this.#sample = sample;
    this.#norm = norm;
    this.#onBetter = onBetter;
    this.#left = left ?? (() => Number.POSITIVE_INFINITY);
  }

  /** Begins with levels that are adversarial. */
  take(levels: Uint8Array): void {
    this.#least = this.#distance(levels);
    this.best = levels;
    this.#onBetter?.(levels);
  }

  /** @returns whether the levels are adversarial; the nearest such ones are kept */
  *tryOne(levels: Uint8Array): Steps<boolean> {
    const logits = yield* logitsOf(levels);
    this.#keep(levels, logits);
    return isAdversarial(this.#sample.criterion, logits);
  }

  /**
   * Rounds the perturbation at growing lengths until it is adversarial.
   *
   * @param halvings of the last interval
   * @returns whether one was found that is nearer than what is known, or what is known is as near as the rounded image
   */
  *stretch(found: Float32Array, halvings: number): Steps<boolean> {
    const { image } = this.#sample;
    const stretched = (factor: number): Uint8Array =>
      levelsOf(found.map((pixel, i) => image[i]! + factor * (pixel - image[i]!)));
    let low = 0;
    // Half of what is left is for the way from what is known.
    const tries = this.best === undefined ? STRETCHES.length : Math.max(2, Math.floor(this.#left() / 2));
    for (const factor of STRETCHES.slice(0, tries)) {
      const levels = stretched(factor);
      if (this.#distance(levels) >= this.#least) return low === 0;
      if (yield* this.tryOne(levels)) {
        let high: number = factor;
        for (let step = 0; low > 0 && step < halvings; step++) {
          const middle = (low + high) / 2;
          if (yield* this.tryOne(stretched(middle))) high = middle;
          else low = middle;
        }
        return true;
      }
      low = factor;
    }
    return false;
  }

  /** Rounds each value the way the margin grows at an image, then pushes all of them further. */
  *pushUphill(at: Float32Array): Steps<boolean> {
    const { image, criterion } = this.#sample;
    const { objective, sign } = marginTo(criterion);
    const { gradient } = yield* gradientAt(at, objective);
    const few = this.#norm === 'l0' || this.#norm === 'l1';
    for (const push of PUSHES) {
      const levels = levelsOf(at);
      for (let i = 0; i < levels.length; i++) {
        if (gradient[i] === 0 || (few && at[i] === image[i])) continue;
        const exact = at[i]! * TOP;
        const up = sign * gradient[i]! > 0;
        const level = up ? Math.ceil(exact - ROUNDING) + push : Math.floor(exact + ROUNDING) - push;
        levels[i] = Math.min(TOP, Math.max(0, level));
      }
      if (this.#distance(levels) >= this.#least) return false;
      if (yield* this.tryOne(levels)) return true;
    }
    return false;
  }

  /** Bisection between an image and the best levels. */
  *halve(found: Float32Array): Steps {
    if (this.best === undefined) return;
    const far = imageOf(this.best);
    let [low, high] = [0, 1];
    for (let step = 0; step < HALVINGS; step++) {
      const middle = (low + high) / 2;
      if (yield* this.tryOne(levelsOf(found.map((pixel, i) => pixel + middle * (far[i]! - pixel))))) high = middle;
      else low = middle;
    }
  }

  /**
   * Tries those that are nearer than the best, or the farthest of them where the budget does not allow all.
   *
   * @param candidates by distance
   */
  *tryEach(candidates: readonly Uint8Array[]): Steps<boolean> {
    const nearer = candidates.filter((levels) => this.#distance(levels) < this.#least);
    if (nearer.length === 0) return false;
    const shorter = nearer.slice(-Math.max(1, Math.min(nearer.length, this.#left())));
    const answers = yield* logitsOfEach(shorter);
    return answers.map((logits, index) => this.#keep(shorter[index]!, logits)).includes(true);
  }

  /** Tries the 8-bit images that the margin's linearization at an image proposes. */
  *linearise(at: Float32Array): Steps<boolean> {
    const { image, criterion } = this.#sample;
    const { objective, sign } = marginTo(criterion);
    const answer = yield* gradientAt(at, objective);
    const { value } = answer;
    const gradient = this.#gather(answer.gradient);
    const steepestEntry = length(gradient, 'linf');
    if (steepestEntry === 0) return false;
    // margin(x) ~ margin(at) + g (x - at): what an image has to gain from the original.
    let needed = (criterion.confidence ?? 0) - sign * value;
    for (let i = 0; i < at.length; i++) needed += sign * gradient[i]! * (at[i]! - image[i]!);
    const gain = (levels: Uint8Array): number => {
      let total = 0;
      for (let i = 0; i < levels.length; i++) total += sign * gradient[i]! * (levels[i]! / TOP - image[i]!);
      return total;
    };
    const build = this.#family(gradient, sign, steepestEntry);
    let [low, high] = [0, 1];
    while (high < 2 ** 24 && gain(build(high)) < needed) high *= 2;
    for (let step = 0; step < 24; step++) {
      const middle = (low + high) / 2;
      if (gain(build(middle)) < needed) low = middle;
      else high = middle;
    }
    const unique = new Map(
      TRIALS.map((trial) => build(high * trial)).map((levels) => [levels.join(), levels] as const),
    );
    return yield* this.tryEach([...unique.values()]);
  }

  /**
   * Takes back what helps least: of the changes of the best image, one level each, those that cost the margin least for what
   * they save of the distance, as many as it bears.
   */
  *prune(): Steps<boolean> {
    const { best } = this;
    if (best === undefined || this.#norm === 'linf') return false;
    const { image, criterion } = this.#sample;
    const { objective, sign } = marginTo(criterion);
    const { gradient } = yield* gradientAt(imageOf(best), objective);
    const offset = (i: number): number => best[i]! - Math.round(image[i]! * TOP);
    const cost = (i: number): number => {
      const levels = Math.abs(offset(i));
      const saved = this.#norm === 'l2' ? 2 * levels - 1 : 1;
      return (sign * gradient[i]! * Math.sign(offset(i)) * (this.#norm === 'l0' ? levels : 1)) / saved;
    };
    const changed = Array.from(best.keys()).filter((i) => offset(i) !== 0);
    const costs = new Map(changed.map((i) => [i, cost(i)]));
    changed.sort((a, b) => costs.get(a)! - costs.get(b)! || a - b);
    const candidates = PRUNED.toReversed()
      .map((share) => Math.ceil(share * changed.length))
      .map((count) => {
        const levels = best.slice();
        for (const i of changed.slice(0, count)) {
          levels[i]! -= this.#norm === 'l0' ? offset(i) : Math.sign(offset(i));
        }
        return levels;
      });
    return yield* this.tryEach(candidates);
  }

  #gather(gradient: Float32Array): Float32Array {
    const before = this.#gathered;
    const scale = before === undefined ? 0 : length(gradient, 'l2') / Math.max(length(before, 'l2'), 1e-30);
    this.#gathered =
      before === undefined ? gradient : gradient.map((slope, i) => (1 - KEPT) * slope + KEPT * scale * before[i]!);
    return this.#gathered;
  }

  /** 8-bit images along the gradient, longer with growing t. */
  #family(gradient: Float32Array, sign: 1 | -1, largest: number): (t: number) => Uint8Array {
    const { image } = this.#sample;
    const base = levelsOf(image);
    const moved = (levels: (i: number, slope: number) => number): Uint8Array => {
      const result = new Uint8Array(base.length);
      for (let i = 0; i < base.length; i++) {
        const slope = (sign * gradient[i]!) / largest;
        const level = base[i]! + Math.sign(slope) * levels(i, Math.abs(slope));
        result[i] = level < 0 ? 0 : level > TOP ? TOP : level;
      }
      return result;
    };
    switch (this.#norm) {
      case 'l2':
        return (t) => moved((_, slope) => Math.round(t * slope));
      case 'linf':
        return (t) => moved((_, slope) => (slope > 0 ? Math.ceil(t) : 0));
      default: {
        const order = Array.from(base.keys()).sort((a, b) => Math.abs(gradient[b]!) - Math.abs(gradient[a]!) || a - b);
        const rank = new Uint32Array(base.length);
        order.forEach((i, place) => {
          rank[i] = place;
        });
        if (this.#norm === 'l0') return (t) => moved((i) => (rank[i]! < t ? TOP : 0));
        // The last value goes a part of its way only: at the steepest one a few levels may do.
        return (t) =>
          moved((i) => {
            const room = sign * gradient[i]! > 0 ? TOP - base[i]! : base[i]!;
            return Math.ceil(Math.min(1, Math.max(0, t - rank[i]!)) * room);
          });
      }
    }
  }

  #distance(levels: Uint8Array): number {
    return distances(imageOf(levels), this.#sample.image)[this.#norm];
  }

  #keep(levels: Uint8Array, logits: Float32Array): boolean {
    if (!isAdversarial(this.#sample.criterion, logits)) return false;
    const distance = this.#distance(levels);
    if (distance >= this.#least) return false;
    this.#least = distance;
    this.best = levels;
    this.#onBetter?.(levels);
    return true;
  }
}
