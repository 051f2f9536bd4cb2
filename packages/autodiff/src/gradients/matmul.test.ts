import fc from 'fast-check';
import { describe, it } from 'vitest';
import { CASES, expectGradient } from '../testing/finite-differences.ts';
import { sample } from '../testing/samples.ts';

const seeds = fc.nat(2 ** 30);
const size = fc.integer({ min: 1, max: 5 });

describe('Gemm: alpha A B + beta C', () => {
  const flag = fc.integer({ min: 0, max: 1 });
  const factor = fc.constantFrom(-1.5, 0.25, 1, 2);

  it('by A, B and C, transposed or not, C of every shape that broadcasts', () =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        fc.tuple(size, size, size),
        fc.tuple(flag, flag),
        fc.tuple(factor, factor),
        fc.constantFrom('none', 'scalar', 'row', 'one row', 'column', 'full', 'one'),
        (seed, [m, k, n], [transA, transB], [alpha, beta], kind) => {
          const c = {
            none: undefined,
            scalar: [],
            row: [n],
            'one row': [1, n],
            column: [m, 1],
            full: [m, n],
            one: [1, 1],
          }[kind];
          const operands = {
            a: sample(seed, transA ? [k, m] : [m, k]),
            b: sample(seed + 2, transB ? [n, k] : [k, n]),
            ...(c === undefined ? {} : { c: sample(seed + 4, c) }),
          };
          return expectGradient(
            { operands, build: (b) => b.op('Gemm', Object.keys(operands), { transA, transB, alpha, beta }) },
            seed,
          );
        },
      ),
      { ...CASES, numRuns: 60 },
    ));

  it('of an open batch by constant weights, as a layer does', () =>
    fc.assert(
      fc.asyncProperty(seeds, fc.tuple(size, size, size), flag, (seed, [m, k, n], transB) =>
        expectGradient(
          {
            operands: {
              x: sample(seed, [m, k]),
              w: sample(seed + 2, transB ? [n, k] : [k, n]),
              bias: sample(seed + 4, [n]),
            },
            constants: ['w', 'bias'],
            open: ['x'],
            build: (b) => b.op('Gemm', ['x', 'w', 'bias'], { transB }),
          },
          seed,
        ),
      ),
      CASES,
    ));

  it('of a matrix with itself', () =>
    expectGradient({ operands: { x: sample(3, [3, 4]) }, build: (b) => b.op('Gemm', ['x', 'x'], { transB: 1 }) }, 3));
});

describe('MatMul', () => {
  /** Leading axes of two stacks of matrices that broadcast with each other. */
  const stacks = fc
    .array(fc.tuple(size, fc.constantFrom('both', 'left', 'right')), { maxLength: 2 })
    .chain((axes) => fc.tuple(fc.constant(axes), fc.nat(axes.length), fc.boolean()))
    .map(([axes, missing, swap]) => {
      const left = axes.map(([dim, who]) => (who === 'right' ? 1 : dim));
      const right = axes.map(([dim, who]) => (who === 'left' ? 1 : dim));
      return swap ? ([left.slice(missing), right] as const) : ([left, right.slice(missing)] as const);
    });

  it('of stacks of matrices that broadcast', () =>
    fc.assert(
      fc.asyncProperty(seeds, fc.tuple(size, size, size), stacks, (seed, [m, k, n], [left, right]) =>
        expectGradient(
          {
            operands: { x: sample(seed, [...left, m, k]), y: sample(seed + 2, [...right, k, n]) },
            build: (b) => b.op('MatMul', ['x', 'y']),
          },
          seed,
        ),
      ),
      { ...CASES, numRuns: 60 },
    ));

  it('of a vector with a vector, a matrix or a stack of them, on either side', () =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        size,
        fc.array(size, { maxLength: 3 }),
        fc.constantFrom('left', 'right'),
        fc.boolean(),
        (seed, k, rest, side, open) => {
          const [last = [], ...front] = [rest.slice(-1), ...rest.slice(0, -1)];
          const left = side === 'left' ? [k] : [...rest, k];
          const right = side === 'right' ? [k] : [...front, k, ...last];
          const stack = side === 'left' ? 'y' : 'x';
          return expectGradient(
            {
              operands: { x: sample(seed, left), y: sample(seed + 2, right) },
              open: open && rest.length > 1 ? [stack] : [],
              build: (b) => b.op('MatMul', ['x', 'y']),
            },
            seed,
          );
        },
      ),
      { ...CASES, numRuns: 40 },
    ));

  it('of an open batch by constant weights', () =>
    fc.assert(
      fc.asyncProperty(seeds, fc.tuple(size, size, size), fc.boolean(), (seed, [m, k, n], deep) =>
        expectGradient(
          {
            operands: { x: sample(seed, deep ? [2, m, k] : [m, k]), w: sample(seed + 2, [k, n]) },
            constants: ['w'],
            open: ['x'],
            build: (b) => b.op('MatMul', ['x', 'w']),
          },
          seed,
        ),
      ),
      CASES,
    ));

  it('of an open batch by weights that are an input, which receive the sum over the batch', () =>
    expectGradient(
      {
        operands: { x: sample(5, [3, 2, 4]), w: sample(6, [4, 3]) },
        open: ['x'],
        build: (b) => b.op('MatMul', ['x', 'w']),
      },
      5,
    ));
});
