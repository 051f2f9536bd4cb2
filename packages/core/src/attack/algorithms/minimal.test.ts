import { describe, expect, it } from 'vitest';
import { Random } from '../../random/random.ts';
import { greyAtDistances } from '../../testing/linear-model.ts';
import { attackImages } from '../run.ts';
import { cw } from './carlini-wagner.ts';
import { ddn } from './ddn.ts';
import { deepfool } from './deepfool.ts';
import { fab, fabT } from './fab.ts';
import { fmn } from './fmn.ts';
import { lbfgs } from './lbfgs.ts';
import { pdpgd } from './pdpgd.ts';
import { superDeepfool } from './super-deepfool.ts';

const COMMON = { seed: 1, batch: 8, quantize: false } as const;

/** From an image to the nearest plane; twice the largest is still within the box. */
const DISTANCES = [0.02, 0.05, 0.1, 0.18];

describe.each([
  { attack: deepfool, norms: ['l2', 'linf'] },
  { attack: cw, norms: ['l2', 'linf'] },
  { attack: ddn, norms: ['l2'] },
  { attack: fab, norms: ['l2', 'linf', 'l1'] },
  { attack: fabT, norms: ['l2', 'linf', 'l1'] },
  { attack: lbfgs, norms: ['l2'] },
  { attack: superDeepfool, norms: ['l2'] },
  { attack: fmn, norms: ['l2', 'linf', 'l1'] },
  { attack: pdpgd, norms: ['l2', 'linf', 'l1'] },
] as const)('$attack.name on a linear model', ({ attack, norms }) => {
  // Planes know no levels; and Adam's steps must be short against distances of some hundredths.
  const settings = attack === ddn ? { levels: 0, steps: 300 } : attack === cw ? { rate: 0.001 } : {};

  it.each(norms)('comes within 5 % of the nearest point of another class in %s', async (norm) => {
    // The cross-entropy that DDN follows is a mixture of all classes: with more than two it has no plane.
    for (const [seed, nearest] of DISTANCES.entries()) {
      const planes = (attack === ddn ? [1] : [1.5, 1, 2]).map((ratio) => ratio * nearest);
      const { model, images, labels } = greyAtDistances(Random.stream(3, seed), norm, planes);
      const options = { ...COMMON, norm, settings };
      const [result] = await attackImages(model, attack, images, labels, options);
      const { success, decision, distances } = result!;
      // The margin leads to the class that is strongest, which need not be the nearest.
      const follows = attack === cw || attack === fmn || attack === pdpgd;
      const reached = follows ? planes[decision! - 1]! : nearest;
      expect(success).toBe(true);
      expect(distances![norm] / nearest).toBeGreaterThan(1 - 1e-5);
      expect(distances![norm] / reached).toBeLessThan(1.05);
    }
  });

  it.each(norms)('comes within 5 % of the plane to its target in %s', async (norm) => {
    for (const [seed, exact] of DISTANCES.entries()) {
      const { model, images, labels } = greyAtDistances(Random.stream(5, seed), norm, [exact]);
      const options = { ...COMMON, norm, settings, targets: Int32Array.of(1) };
      const [result] = await attackImages(model, attack, images, labels, options);
      const { success, decision, distances } = result!;
      expect(success).toBe(true);
      expect(decision).toBe(1);
      expect(distances![norm] / exact).toBeGreaterThan(1 - 1e-5);
      expect(distances![norm] / exact).toBeLessThan(1.05);
    }
  });
});
