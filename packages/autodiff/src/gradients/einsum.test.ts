import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../builder/builder.ts';
import { OnnxError } from '../errors.ts';
import { CASES, expectGradient, gradientsOf } from '../testing/finite-differences.ts';
import { type Sample, sample } from '../testing/samples.ts';

const seeds = fc.nat(2 ** 30);
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/** Operands of random lengths; `...` stands for the axes of the letters X and Y. */
function operandsOf(equation: string, lengths: readonly number[], seed: number): Record<string, Sample> {
  const terms = equation.replaceAll(' ', '').split('->')[0]!.split(',');
  const lengthOf = (letter: string): number => lengths[`${LETTERS}XY`.indexOf(letter) % lengths.length]!;
  return Object.fromEntries(
    terms.map((term, index) => [`x${index}`, sample(seed + 2 * index, [...term.replace('...', 'XY')].map(lengthOf))]),
  );
}

describe('Einsum', () => {
  it.each([
    'ij->ji',
    'ij->i',
    'ij->',
    'ijk->kij',
    'ij,jk->ik',
    'ij,jk',
    'ba,ab',
    'bij,bjk->bik',
    'bhid,bhjd->bhij',
    'bhij,bhjd->bihd',
    'b h i d, b h j d -> b h i j',
    'i,i->',
    'i,j->ij',
    'ij,ij->ij',
    'ij,k->j',
    'bi,oi,bo->b',
    'nchw,oc->nohw',
    '...ij,...jk->...ik',
    '...ij,jk->...ik',
    '...ij,jk',
    '...i->...',
    'i...,ij->...j',
  ])('%s', (equation) =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 7, maxLength: 7 }),
        (seed, lengths) => {
          const operands = operandsOf(equation, lengths, seed);
          return expectGradient({ operands, build: (b) => b.op('Einsum', Object.keys(operands), { equation }) }, seed);
        },
      ),
      { ...CASES, numRuns: 5 },
    ),
  );

  it('of a value with itself', () =>
    expectGradient(
      { operands: { x: sample(1, [3, 4]) }, build: (b) => b.op('Einsum', ['x', 'x'], { equation: 'ij,kj->ik' }) },
      1,
    ));

  it('of axes under an ellipsis that are stretched', () =>
    expectGradient(
      {
        operands: { x: sample(1, [1, 3, 2, 4]), y: sample(2, [2, 1, 4, 2]) },
        build: (b) => b.op('Einsum', ['x', 'y'], { equation: '...ij,...jk->...ik' }),
      },
      1,
    ));

  it('of an open batch by weights, which receive the sum over it', () =>
    expectGradient(
      {
        operands: { x: sample(1, [3, 2, 4]), w: sample(2, [4, 5]) },
        open: ['x'],
        build: (b) => b.op('Einsum', ['x', 'w'], { equation: 'bij,jk->bik' }),
      },
      1,
    ));

  it.each([
    'ii->i',
    'ii',
    'ii->',
    'iii->i',
    'bii->b',
    'bii->bi',
    'biib->bi',
    'iji->j',
    'iji->ij',
    'iij->i',
    'ii,ij->j',
    'ii,jj->ij',
    'ii,ii->i',
    'bii,ij->bj',
    'ibi,kj->bk',
    '...ii->...i',
    '...ii,ij->...j',
  ])('%s, of diagonals', (equation) =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 7, maxLength: 7 }),
        (seed, lengths) => {
          const operands = operandsOf(equation, lengths, seed);
          return expectGradient({ operands, build: (b) => b.op('Einsum', Object.keys(operands), { equation }) }, seed);
        },
      ),
      { ...CASES, numRuns: 5 },
    ),
  );

  it('of diagonals in an open batch, along axes of open length', () =>
    expectGradient(
      {
        operands: { x: sample(1, [3, 4, 4]) },
        open: ['x'],
        openAxes: [0, 1, 2],
        build: (b) => b.op('Einsum', ['x'], { equation: 'bii->bi' }),
      },
      1,
    ));

  it('of a diagonal puts the cotangent onto it, and zeros beside it', async () => {
    const x = sample(1, [2, 2]);
    const subject = { operands: { x }, build: (b: GraphBuilder) => b.op('Einsum', ['x'], { equation: 'ii->i' }) };
    const cotangent = { dims: [2], data: Float32Array.of(3, 5) };
    const { x: gradient } = await gradientsOf(subject, ['x'], { x }, cotangent);
    expect([...gradient!.data]).toEqual([3, 0, 0, 5]);
  });

  it.each([
    ['i->j->k', 'has the equation i->j->k, which is none'],
    ['i1->i', 'has the equation i1->i, which is none'],
    ['i,j->ij', 'has the equation i,j->ij and operands of 2 axes, which do not fit'],
    ['ijk->i', 'has the equation ijk->i and operands of 2 axes, which do not fit'],
    ['ij->k', 'has an equation whose output names k, which no operand has'],
    ['ii->i', 'has axes of 2 and 3 under one letter'],
  ])('refuses %s of a matrix', (equation, message) => {
    const b = new GraphBuilder();
    b.input('x', 'float32', [2, 3]);
    expect(() => b.op('Einsum', ['x'], { equation })).toThrow(OnnxError);
    const again = new GraphBuilder();
    again.input('x', 'float32', [2, 3]);
    expect(() => again.op('Einsum', ['x'], { equation })).toThrow(message);
  });
});
