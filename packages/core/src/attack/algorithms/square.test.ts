import { describe, expect, it } from 'vitest';
import { Random } from '../../random/random.ts';
import type { Sample } from '../engine/sample.ts';
import { distances, type Norm } from '../norm.ts';
import { shareAt, square } from './square.ts';

/** The images that Square asks about, where scores are random. */
function asked(norm: Norm, epsilon: number, image: Float32Array, steps: number): Float32Array[] {
  const random = Random.stream(5);
  const sample: Sample = {
    shape: { channels: 3, height: 9, width: 7 },
    numClasses: 2,
    image,
    logits: Float32Array.of(1, 0),
    criterion: { label: 0, target: undefined },
    random: Random.stream(6),
  };
  const search = square.kind === 'fixed' && square.search(sample, { norm, epsilon }, { ...square.settings, steps });
  const images: Float32Array[] = [];
  if (!search) return images;
  let result = search.next([]);
  while (result.done !== true) {
    const [query] = result.value;
    images.push(query!.image as Float32Array);
    const logits = Float32Array.of(1, random.uniform());
    result = search.next([{ logits, value: 0, gradient: new Float32Array(0) }]);
  }
  return images;
}

const grey = new Float32Array(3 * 9 * 7).fill(0.5);

describe('Square', () => {
  it('halves the share of its squares after 10, 50, 200, 500, 1000, 2000, 4000, 6000 and 8000 of 10,000 steps', () => {
    const halvings = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000];
    for (const [index, step] of halvings.entries()) {
      expect(shareAt(step, 10_000, 0.8)).toBeCloseTo(0.8 / 2 ** index, 12);
      expect(shareAt(step + 1, 10_000, 0.8)).toBeCloseTo(0.4 / 2 ** index, 12);
      // The schedule is stretched to the number of steps.
      expect(shareAt(step / 10 + 1, 1000, 0.8)).toBeCloseTo(0.4 / 2 ** index, 12);
    }
  });

  it('starts in Linf with vertical stripes of one color', () => {
    const [start] = asked('linf', 0.1, grey, 1);
    for (let i = 0; i < start!.length; i++) {
      const channel = Math.floor(i / 63);
      expect(start![i]).toBe(start![channel * 63 + (i % 7)]);
    }
    expect(new Set(start)).toEqual(new Set([Math.fround(0.4), Math.fround(0.6)]));
  });

  it('asks in Linf only about images whose every value is at an end of ball and box', () => {
    const random = Random.stream(7);
    const image = grey.map(() => random.uniform());
    const ends = Array.from(image, (pixel) => [Math.max(0, pixel - 0.2), Math.min(1, pixel + 0.2)].map(Math.fround));
    for (const candidate of asked('linf', 0.2, image, 60)) {
      expect(candidate.every((pixel, i) => ends[i]!.includes(pixel))).toBe(true);
    }
  });

  it('asks in L2 only about images at distance epsilon, while the box is far away', () => {
    for (const candidate of asked('l2', 0.3, grey, 300)) expect(distances(candidate, grey).l2).toBeCloseTo(0.3, 5);
  });

  it('never leaves the ball in L2 where the box cuts', () => {
    const random = Random.stream(8);
    const image = grey.map(() => Math.round(random.uniform()));
    for (const candidate of asked('l2', 3, image, 300)) {
      expect(distances(candidate, image).l2).toBeLessThanOrEqual(3 + 1e-5);
      expect(candidate.every((pixel) => pixel >= 0 && pixel <= 1)).toBe(true);
    }
  });

  it('asks as often as it has steps, and about another image each time', () => {
    const images = asked('linf', 0.1, grey, 40);
    expect(images).toHaveLength(40);
    images.slice(1).forEach((image, i) => {
      expect(image).not.toEqual(images[i]);
    });
  });
});
