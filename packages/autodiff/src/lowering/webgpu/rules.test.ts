import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../builder/builder.ts';
import { differentiate } from '../../differentiate.ts';
import { GRADIENT_RULES } from '../../gradients/rules.ts';
import type { Model } from '../../model/model.ts';
import { OPERATORS } from '../../operators/table.ts';
import { declareOperands, type Subject } from '../../testing/finite-differences.ts';
import { RULE_SAMPLES } from '../../testing/rule-samples.ts';
import { runModel } from '../../testing/run.ts';
import { type Sample, sample } from '../../testing/samples.ts';
import { hasSoftwareGpu, SoftwareGpu } from '../../testing/webgpu.ts';
import { lowerForWebGpu } from './lower.ts';

it('every operator that has a gradient rule has an example to try on a device', () => {
  const shown = new Set(Object.keys(RULE_SAMPLES).map((name) => name.split(' ')[0]));
  expect(Object.keys(GRADIENT_RULES).filter((operator) => !shown.has(operator))).toEqual([]);
});

const samples = Object.entries(RULE_SAMPLES).filter(([name]) => name.split(' ')[0]! in GRADIENT_RULES);

/** WGSL allows trigonometric functions an absolute error of 2^-11; their inverses derive from them. */
const CIRCULAR: ReadonlySet<string> = new Set(['Acos', 'Asin', 'Atan', 'Cos', 'Sin', 'Tan']);

/** Relative to the largest entry. */
const limitOf = (operator: string): number => (CIRCULAR.has(operator) ? 2 ** -9 : 2e-6);

/** The value and its gradient with respect to every operand, with the inputs. */
function gradientGraph(
  name: string,
  subject: Subject,
): { readonly model: Model; readonly feeds: Record<string, Sample> } {
  const b = new GraphBuilder(name, OPERATORS.get(name)?.since);
  declareOperands(b, subject);
  const y = subject.build(b);
  const inputs = Object.entries(subject.operands).filter(([name]) => !(subject.constants ?? []).includes(name));
  b.input('cotangent', 'float32', b.shape(y));
  b.output(b.op('Identity', [y], {}, 'value'));
  const wrt = subject.wrt ?? inputs.map(([name]) => name);
  for (const [index, gradient] of differentiate(b, y, 'cotangent', wrt).entries()) {
    b.output(b.op('Identity', [gradient], {}, `gradient of ${wrt[index]}`));
  }
  const batch = inputs[0]![1].dims[0]!;
  const dims = b.shape(y).map((dim) => (typeof dim === 'number' ? dim : batch));
  return { model: b.build(), feeds: { ...Object.fromEntries(inputs), cotangent: sample(77, dims) } };
}

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
      const results = await gpu.run(lowerForWebGpu(model), feeds);
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
