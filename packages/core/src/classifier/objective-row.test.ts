import { GraphBuilder, writeModel } from '@pareidolia/autodiff';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeRuntime } from '../runtime/node.ts';
import type { Objective } from './objective.ts';
import { objectiveOfRow } from './objective-row.ts';
import { OnnxClassifier } from './onnx-classifier.ts';

describe('an objective in plain arithmetic', () => {
  /** Its six pixels are its logits, so that a gradient by the pixels is one by the logits. */
  let identity: OnnxClassifier;
  beforeAll(async () => {
    const b = new GraphBuilder('identity');
    b.output(b.op('Flatten', [b.input('x', 'float32', ['N', 1, 1, 6])], { axis: 1 }, 'logits'));
    identity = await OnnxClassifier.load(writeModel(b.build()), {
      runtime: nodeRuntime(),
      device: 'cpu',
      threads: 1,
      where: 'identity',
    });
  });
  afterAll(() => identity.dispose());

  const classIndices = Int32Array.of(2, 5);
  const objectives: readonly Objective[] = [
    { kind: 'log-probability', classIndices },
    { kind: 'margin', classIndices },
    { kind: 'dlr', classIndices },
    { kind: 'targeted-dlr', classIndices, targets: Int32Array.of(0, 1) },
    { kind: 'linear', weights: Float32Array.from({ length: 12 }, (_, i) => i - 4) },
  ];

  it.each(objectives)('is what the graph of $kind computes, with its derivative', async (objective) => {
    // Quarters are exact in float32, and logits that differ keep the ratios far from a division by zero.
    const logits = fc.uniqueArray(fc.integer({ min: -40, max: 40 }), { minLength: 6, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(logits, logits, async (...rows) => {
        const z = rows.map((row) => row.map((value) => value / 4));
        const data = Float32Array.from(z.flat());
        const answer = await identity.gradient({ channels: 1, height: 1, width: 6, count: 2, data }, objective);
        for (const [row, own] of z.entries()) {
          const { value, cotangent } = objectiveOfRow(own, objective, row);
          expect(Math.abs(value - answer.value[row]!)).toBeLessThan(1e-5 * (1 + Math.abs(value)));
          cotangent.forEach((slope, k) => {
            expect(Math.abs(slope - answer.gradient[6 * row + k]!)).toBeLessThan(1e-5 * (1 + Math.abs(slope)));
          });
        }
      }),
      { numRuns: 40 },
    );
  });

  it('is finite far below the threshold of a detector, where float64 has no more of the classes', () => {
    // All but the last have e^-900 of the probability: of that the right class gets ln(e^-904 + e^-900 (1 + r)), by the definition of `refusedAs`.
    const z = [-904, -900, -902, 0];
    const objective: Objective = { kind: 'margin', classIndices: Int32Array.of(0), refusedAs: Int32Array.of(0) };
    const { value, cotangent } = objectiveOfRow(z, objective, 0);
    // The right class is raised to the rival, times 1 + r with r = 900 - ln(1 + e^-2 + e^-4) - ln 2.
    const lacks = 900 - Math.log(1 + Math.exp(-2) + Math.exp(-4)) - Math.LN2;
    expect(value).toBeCloseTo(-Math.log(1 + lacks + Math.exp(-4)), 9);
    const step = 1e-4;
    cotangent.forEach((slope, k) => {
      const at = (by: number): number =>
        objectiveOfRow(
          z.map((own, i) => (i === k ? own + by : own)),
          objective,
          0,
        ).value;
      expect(slope).toBeCloseTo((at(step) - at(-step)) / (2 * step), 6);
    });
  });
});
