import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GRADIENT_RULES } from '../../gradients/rules.ts';
import { gradientGraph } from '../../testing/gradient-graph.ts';
import { RULE_SAMPLES } from '../../testing/rule-samples.ts';
import { runModel } from '../../testing/run.ts';
import { hasSoftwareGpu, SoftwareGpu } from '../../testing/webgpu.ts';

const samples = Object.entries(RULE_SAMPLES).filter(([name]) => name.split(' ')[0]! in GRADIENT_RULES);

/** WGSL allows trigonometric functions an absolute error of 2^-11; their inverses derive from them. */
const CIRCULAR: ReadonlySet<string> = new Set(['Acos', 'Asin', 'Atan', 'Cos', 'Sin', 'Tan']);

/** Relative to the largest entry. */
const limitOf = (operator: string): number => (CIRCULAR.has(operator) ? 2 ** -9 : 2e-6);

describe.skipIf(!hasSoftwareGpu)(
  'on WebGPU (SwiftShader of Chromium) value and gradient are as on the processor',
  () => {
    let gpu: SoftwareGpu;
    beforeAll(() => {
      gpu = new SoftwareGpu();
    });
    afterAll(() => gpu.close());

    it.each(samples)('%s', async (operator, subject) => {
      const { model, feeds } = gradientGraph(operator, subject);
      const expected = await runModel(model, feeds);
      const results = await gpu.run(model, feeds);
      for (const [name, { data, dims }] of Object.entries(expected)) {
        expect(results[name]!.dims, name).toEqual(dims);
        const limit = limitOf(operator) * Math.max(...data.map(Math.abs));
        data.forEach((value, i) => {
          expect(Math.abs(results[name]!.data[i]! - value), `${name}, element ${i}`).toBeLessThanOrEqual(limit);
        });
      }
    });
  },
);
