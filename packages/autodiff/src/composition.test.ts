import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from './builder/builder.ts';
import { differentiate } from './differentiate.ts';
import { GRADIENT_RULES } from './gradients/rules.ts';
import { OPERATORS } from './operators/table.ts';
import { ELEMENTWISE_STEPS } from './testing/composition/elementwise.ts';
import { LAYER_STEPS } from './testing/composition/layers.ts';
import { MOVING_STEPS } from './testing/composition/moving.ts';
import { composition, type Step } from './testing/composition/step.ts';
import { UNROLLED_STEPS } from './testing/composition/unrolled.ts';
import { declareOperands, expectGradient } from './testing/finite-differences.ts';

const STEPS: Readonly<Record<string, Step>> = {
  ...ELEMENTWISE_STEPS,
  ...LAYER_STEPS,
  ...MOVING_STEPS,
  ...UNROLLED_STEPS,
};
const names = Object.keys(STEPS);
const anyStep = fc.constantFrom(...names);
const seeds = fc.nat(2 ** 20);
const stepsOf = (program: readonly string[]): Step[] => program.map((name) => STEPS[name]!);

/** The opset of a program: the oldest or the newest that has all of its operators. */
function opsetOf(program: readonly string[], newest: boolean): number {
  const least = Math.max(18, ...program.map((name) => OPERATORS.get(name)?.since ?? 18));
  const most = Math.min(24, ...program.map((name) => OPERATORS.get(name)?.runtimeUntil ?? 24));
  fc.pre(least <= most);
  return newest ? most : least;
}

describe('operators one behind another', () => {
  it('are drawn from all that have a gradient rule', () => {
    expect(Object.keys(GRADIENT_RULES).filter((opType) => STEPS[opType] === undefined)).toEqual([]);
  });

  it.each(names)('%s between two others has the gradient that differences show', (name) =>
    fc.assert(
      fc.asyncProperty(seeds, anyStep, anyStep, fc.boolean(), fc.boolean(), (seed, before, after, open, newest) => {
        const program = [before, name, after];
        return expectGradient(composition(stepsOf(program), seed, open, opsetOf(program, newest)), seed);
      }),
      { seed: 1847 + names.indexOf(name), numRuns: 2 },
    ),
  );

  it('many, by x and by all parameters', () =>
    fc.assert(
      fc.asyncProperty(
        seeds,
        fc.array(anyStep, { minLength: 3, maxLength: 7 }),
        fc.boolean(),
        fc.boolean(),
        (seed, program, open, newest) =>
          expectGradient(composition(stepsOf(program), seed, open, opsetOf(program, newest)), seed),
      ),
      { seed: 1676, numRuns: 60 },
    ));

  it('leave the forward nodes as they were: what is added comes behind', () => {
    fc.assert(
      fc.property(seeds, fc.array(anyStep, { minLength: 1, maxLength: 6 }), (seed, program) => {
        const opset = opsetOf(program, false);
        const subject = composition(stepsOf(program), seed, true, opset);
        const b = new GraphBuilder('graph', opset);
        declareOperands(b, subject);
        const y = subject.build(b);
        const before = [...b.nodes];
        differentiate(b, y, y, Object.keys(subject.operands));
        expect(b.nodes.slice(0, before.length)).toEqual(before);
      }),
      { seed: 1736, numRuns: 60 },
    );
  });
});
