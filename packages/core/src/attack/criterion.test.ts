import { describe, expect, it } from 'vitest';
import { criterionLikelihood } from './criterion.ts';

const untargeted = { label: 0, target: undefined };

describe('the likelihood of a criterion', () => {
  it('is -log p(label), or log p(target)', () => {
    const logits = Float32Array.of(1, 2, 0.5);
    const sum = Math.E + Math.E ** 2 + Math.E ** 0.5;
    expect(criterionLikelihood(untargeted, logits)).toBeCloseTo(-Math.log(Math.E / sum), 12);
    expect(criterionLikelihood({ label: 0, target: 2 }, logits)).toBeCloseTo(Math.log(Math.E ** 0.5 / sum), 12);
  });

  it('tells probabilities apart that float32 and float64 round to 1', () => {
    const [sure, surer] = [Float32Array.of(40, 0), Float32Array.of(80, 0)];
    expect(criterionLikelihood(untargeted, sure)).toBeGreaterThan(criterionLikelihood(untargeted, surer));
    expect(criterionLikelihood(untargeted, surer)).toBeCloseTo(Math.exp(-80), 40);
  });

  it('stays finite where probabilities vanish', () => {
    expect(criterionLikelihood(untargeted, Float32Array.of(-3000, 0, 0))).toBeCloseTo(3000 + Math.log(2), 9);
    expect(criterionLikelihood({ label: 0, target: 1 }, Float32Array.of(0, -5000))).toBeCloseTo(-5000, 9);
  });
});
