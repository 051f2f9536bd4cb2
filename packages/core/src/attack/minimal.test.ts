import { describe, expect, it } from 'vitest';
import type { FloatImages } from '../image/images.ts';
import { Random } from '../random/random.ts';
import { type LinearModel, labelledGreys, randomLinearModel } from '../testing/linear-model.ts';
import { cw } from './carlini-wagner.ts';
import { ddn } from './ddn.ts';
import { deepfool } from './deepfool.ts';
import { fab, fabT } from './fab.ts';
import { lbfgs } from './lbfgs.ts';
import { dual, length } from './norm.ts';
import { attackImages } from './run.ts';

const COMMON = { seed: 1, batch: 8, quantise: false } as const;

/** The distance to a region Z_of > Z_from is |Z_of - Z_from| / |w|_q (Hoelder), while the box is far away. */
function toPlane(
  model: LinearModel,
  { data, count }: FloatImages,
  row: number,
  of: number,
  from: number,
  norm: 'l1' | 'l2' | 'linf',
) {
  const size = data.length / count;
  const { value, weights } = model.difference(data.subarray(row * size, (row + 1) * size), of, from);
  return -value / length(weights, dual(norm));
}

describe.each([
  { attack: deepfool, norms: ['l2', 'linf'] },
  { attack: cw, norms: ['l2', 'linf'] },
  { attack: ddn, norms: ['l2'] },
  { attack: fab, norms: ['l2', 'linf', 'l1'] },
  { attack: fabT, norms: ['l2', 'linf', 'l1'] },
  { attack: lbfgs, norms: ['l2'] },
] as const)('$attack.name on a linear model', ({ attack, norms }) => {
  // Planes have no lattice; and Adam's steps must be short against distances of some hundredths.
  const settings = attack === ddn ? { levels: 0, steps: 300 } : attack === cw ? { rate: 0.001 } : {};

  it.each(norms)('comes within 5 % of the nearest point of another class in %s', async (norm) => {
    // The cross-entropy that DDN follows is a mixture of all classes: with more than two it has no plane.
    const classes = attack === ddn ? 2 : 4;
    const model = randomLinearModel(Random.stream(3), classes);
    const { images, labels } = await labelledGreys(model, Random.stream(4), 5);
    const results = await attackImages(model, attack, images, labels, { ...COMMON, norm, settings });
    for (const { index, label, success, decision, distances } of results) {
      const rivals = Array.from({ length: classes }, (_, k) => k).filter((k) => k !== label);
      const planes = rivals.map((k) => toPlane(model, images, index, k, label, norm));
      const nearest = Math.min(...planes);
      // The margin leads to the class that is strongest, which need not be the nearest.
      const reached = attack === cw ? planes[rivals.indexOf(decision!)]! : nearest;
      expect(success).toBe(true);
      expect(distances![norm] / nearest).toBeGreaterThan(1 - 1e-5);
      expect(distances![norm] / reached).toBeLessThan(1.05);
    }
  });

  it.each(norms)('comes within 5 % of the plane to its target in %s', async (norm) => {
    const model = randomLinearModel(Random.stream(5), 2);
    const { images, labels } = await labelledGreys(model, Random.stream(6), 5);
    const targets = labels.map((label) => 1 - label);
    const results = await attackImages(model, attack, images, labels, { ...COMMON, norm, settings, targets });
    for (const { index, label, success, decision, distances } of results) {
      const exact = toPlane(model, images, index, 1 - label, label, norm);
      expect(success).toBe(true);
      expect(decision).toBe(1 - label);
      expect(distances![norm] / exact).toBeGreaterThan(1 - 1e-5);
      expect(distances![norm] / exact).toBeLessThan(1.05);
    }
  });
});
