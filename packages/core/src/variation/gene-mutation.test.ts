import { describe, expect, it } from 'vitest';
import { directEncoding } from '../encoding/direct.ts';
import { InputError } from '../errors.ts';
import type { ImageShape } from '../image/images.ts';
import { Random } from '../random/random.ts';
import { GENE_MUTATION_SETTINGS, geneMutationOf } from './gene-mutation.ts';

const GREY: ImageShape = { channels: 1, height: 28, width: 28 };

/** The distance in [0, 1] that each gene went, for the genes of many children of one grey parent. */
function changes(children: number, generation: number, options = {}): Float64Array {
  const mutation = geneMutationOf(options);
  const parent = new Uint16Array(784).fill(32768);
  const all = new Float64Array(children * 784);
  for (let child = 0; child < children; child++) {
    const genes = mutation.apply([parent], Random.stream(1, generation, child), generation);
    for (let i = 0; i < 784; i++) all[child * 784 + i] = (genes[i]! - 32768) / 65535;
  }
  return all;
}

/** Asserts that `hits` of `n` is a share of `chance`, to five standard errors. */
function expectShare(hits: number, n: number, chance: number): void {
  expect(Math.abs(hits / n - chance)).toBeLessThan(5 * Math.sqrt((chance * (1 - chance)) / n));
}

describe('mutation of genes', () => {
  it("moves a gene further than d with the paper's chance, 0.1 (1-d)^16", () => {
    const moved = changes(400, 1);
    for (const d of [0.001, 0.01, 0.05, 0.1, 0.2, 0.4]) {
      expectShare(moved.filter((x) => Math.abs(x) > d).length, moved.length, 0.1 * (1 - d) ** 16);
    }
  });

  it('is that of a coin tossed for each gene: gaps between mutated genes are geometric, all places alike', () => {
    const children = 1000;
    const moved = changes(children, 1);
    const places = new Array<number>(784).fill(0);
    const gaps = new Array<number>(40).fill(0);
    let mutated = 0;
    for (let child = 0; child < children; child++) {
      let last = -1;
      for (let i = 0; i < 784; i++) {
        if (moved[child * 784 + i] === 0) continue;
        places[i]!++;
        mutated++;
        const gap = i - last - 1;
        if (gap < gaps.length) gaps[gap]!++;
        last = i;
      }
    }
    // One step in 8,000 rounds to nothing, which is far below these errors.
    for (const count of places) expectShare(count, children, 0.1);
    for (const [gap, count] of gaps.entries()) expectShare(count, mutated + children, 0.1 * 0.9 ** gap);
  });

  it('halves its rate every 1000 generations, or as told', () => {
    const expectRate = (rate: number, generation: number, options = {}): void => {
      const moved = changes(100, generation, options);
      expectShare(moved.filter((x) => x !== 0).length, moved.length, rate);
    };
    expectRate(0.1, 999);
    expectRate(0.05, 1000);
    expectRate(0.0125, 3000);
    expectRate(0.1, 3000, { halveEvery: 0 });
    expectRate(0.5, 10, { halveEvery: 10, mutationRate: 1 });
  });

  it('changes every gene at rate 1 and clamps at both ends', () => {
    const mutation = geneMutationOf({ mutationRate: 1 });
    const black = mutation.apply([new Uint16Array(784)], Random.stream(1), 1);
    const white = mutation.apply([new Uint16Array(784).fill(65535)], Random.stream(1), 1);
    // Half of the steps go out of range and end on it.
    expectShare(black.filter((gene) => gene === 0).length, 784, 0.5);
    expectShare(white.filter((gene) => gene === 65535).length, 784, 0.5);
  });

  it('leaves the parent alone, and is a function of its stream', () => {
    const mutation = geneMutationOf();
    const parent = directEncoding(GREY).random(Random.stream(1));
    const before = parent.slice();
    const child = mutation.apply([parent], Random.stream(2), 1);
    expect(parent).toEqual(before);
    expect(mutation.apply([parent], Random.stream(2), 1)).toEqual(child);
    expect(mutation.apply([parent], Random.stream(3), 1)).not.toEqual(child);
  });
});

it('refuses settings out of range, or unknown', () => {
  for (const mutationRate of [0, 1.1, Number.NaN]) expect(() => geneMutationOf({ mutationRate })).toThrow(InputError);
  for (const halveEvery of [-5, 0.5, Number.NaN]) expect(() => geneMutationOf({ halveEvery })).toThrow(InputError);
  expect(() => geneMutationOf({ eta: 0 })).toThrow('eta of gene-mutation is 0; give a number above 0 and at most 1000');
  expect(() => geneMutationOf({ rate: 1 })).toThrow(
    'gene-mutation has no setting rate; it has mutationRate, eta, halveEvery',
  );
});

it('has the settings of the paper', () => {
  expect(GENE_MUTATION_SETTINGS.parse({})).toEqual({ mutationRate: 0.1, eta: 15, halveEvery: 1000 });
});
