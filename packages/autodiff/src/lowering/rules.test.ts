import { describe, expect, it } from 'vitest';
import { GRADIENT_RULES } from '../gradients/rules.ts';
import { gradientGraph } from '../testing/gradient-graph.ts';
import { RULE_SAMPLES } from '../testing/rule-samples.ts';
import { runModel } from '../testing/run.ts';
import type { Target } from './lower.ts';

it('every operator that has a gradient rule has an example to try', () => {
  const shown = new Set(Object.keys(RULE_SAMPLES).map((name) => name.split(' ')[0]));
  expect(Object.keys(GRADIENT_RULES).filter((operator) => !shown.has(operator))).toEqual([]);
});

const samples = Object.entries(RULE_SAMPLES).filter(([name]) => name.split(' ')[0]! in GRADIENT_RULES);

const TARGETS: readonly [string, Target][] = [
  ['the CPU with blocks of 8', { kind: 'onnxruntime-cpu', block: 8 }],
  ['the CPU with blocks of 16', { kind: 'onnxruntime-cpu', block: 16 }],
  ['WebGPU, run on the CPU', { kind: 'webgpu' }],
];

/** Relative to the largest entry. */
const LIMIT = 2e-6;

describe.each(TARGETS)('lowered for %s', (_, target) => {
  it.each(samples)('value and gradient of %s are those of the plain lowering', async (operator, subject) => {
    const { model, feeds } = gradientGraph(operator, subject);
    const expected = await runModel(model, feeds, { kind: 'plain' });
    const results = await runModel(model, feeds, target);
    for (const [name, { data, dims }] of Object.entries(expected)) {
      expect(results[name]!.dims, name).toEqual(dims);
      const limit = LIMIT * Math.max(...data.map(Math.abs));
      data.forEach((value, i) => {
        expect(Math.abs(results[name]!.data[i]! - value), `${name}, element ${i}`).toBeLessThanOrEqual(limit);
      });
    }
  });
});
