import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cells, mergeCells, withOwnIds } from './cells.ts';
import { readElites, readIsland, writeElites, writeIsland } from './search-object.ts';

// Few scores and genomes, so that many are equal.
const elite = fc.record({
  genome: fc.uint8Array({ minLength: 1, maxLength: 2, max: 2 }),
  confidence: fc.constantFrom(0, 0.5, 1),
  id: fc.constant(0),
});
const cells: fc.Arbitrary<Cells> = fc.array(fc.option(elite), { minLength: 4, maxLength: 4 });

/** The bytes are canonical, so equal archives are equal bytes. */
const bytes = (held: Cells): string => Buffer.from(writeElites(held)).toString('hex');

describe('merging elites', () => {
  it('is associative, commutative and idempotent', () => {
    fc.assert(
      fc.property(cells, cells, cells, (a, b, c) => {
        const whole = bytes(mergeCells([a, b, c]));
        expect(bytes(mergeCells([c, b, a]))).toBe(whole);
        expect(bytes(mergeCells([mergeCells([a, b]), c]))).toBe(whole);
        expect(bytes(mergeCells([a, mergeCells([b, c])]))).toBe(whole);
        expect(bytes(mergeCells([a, b, c, a]))).toBe(whole);
      }),
    );
  });

  it('keeps the best score of each cell, and of equal ones the genome that comes first', () => {
    const of = (confidence: number, ...genome: number[]) => ({ genome: Uint8Array.from(genome), confidence, id: 0 });
    expect(
      mergeCells([
        [of(0.5, 2), null, of(0.1, 1)],
        [of(0.5, 1, 9), of(0, 7), of(0.2, 3)],
      ]),
    ).toEqual([of(0.5, 1, 9), of(0, 7), of(0.2, 3)]);
  });
});

it('after an exchange elites have one id exactly where they have one genome, and none that a candidate gets', () => {
  fc.assert(
    fc.property(cells, cells, (a, b) => {
      const held = [...withOwnIds(a), ...withOwnIds(b)].flatMap((elite) => elite ?? []);
      for (const one of held) {
        expect(one.id).toBeLessThan(0);
        for (const other of held) expect(one.id === other.id).toBe(Buffer.compare(one.genome, other.genome) === 0);
      }
    }),
  );
});

describe('an island as bytes', () => {
  const state = {
    generations: 3,
    candidates: 60,
    evaluations: 60,
    replacements: 9,
    emitter: { step: new Float32Array([0.1, -0]) },
  };

  it('is read back to the same bits', () => {
    fc.assert(
      fc.property(cells, (elites) => {
        const island = { state: { ...state, elites }, done: false };
        expect(readIsland(writeIsland(island), 4)).toEqual(island);
        expect(readElites(writeElites(elites), 4)).toEqual(elites);
      }),
    );
  });

  it('is refused where it has other cells, is cut short, or is none', () => {
    const island = writeIsland({
      state: { ...state, elites: [{ genome: Uint8Array.of(1, 2, 3), confidence: 0.5, id: 1 }] },
      done: true,
    });
    expect(() => readIsland(island, 2)).toThrow('It has 1 cells instead of 2');
    expect(() => readIsland(island.subarray(0, island.length - 1), 1)).toThrow(
      'Its parts have 3 bytes, and there are 2',
    );
    expect(() => readIsland(Uint8Array.of(1, 2, 3), 1)).toThrow('It does not begin as an object of a campaign');
    expect(() => readIsland(writeElites([null]), 1)).toThrow('It is no island');
  });
});
