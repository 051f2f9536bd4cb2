import { describe, expect, it } from 'vitest';
import { Random } from '../../random/random.ts';
import { AlteredModel } from '../../testing/altered-model.ts';
import { greyAtDistances } from '../../testing/linear-model.ts';
import { distances } from '../norm.ts';
import { attackImages } from '../run.ts';
import { fmn } from './fmn.ts';

const COMMON = { seed: 1, batch: 4, quantize: false } as const;

describe('the starting point of FMN', () => {
  /** A grey image, and one of class 1 on the far side of the plane at .1 in L2, three times as far. */
  function scene() {
    const { model, images, labels } = greyAtDistances(Random.stream(811), 'l2', [0.1]);
    const { weights } = model.difference(images.data, 1, 0);
    const size = Math.hypot(...weights);
    const other = images.data.map((pixel, i) => pixel + (0.3 * weights[i]!) / size);
    return { model, images, labels, starts: { ...images, data: other } };
  }

  it('is on the boundary in front of a known image: without a slope to follow that is what is found', async () => {
    const { model, images, labels, starts } = scene();
    const flat = new AlteredModel(model, ({ gradient }) => gradient.fill(0));
    const [without] = await attackImages(flat, fmn, images, labels, { ...COMMON, starts });
    expect(without!.success).toBe(false);
    const [from] = await attackImages(flat, fmn, images, labels, { ...COMMON, starts, settings: { start: 1 } });
    expect(from!.success).toBe(true);
    // A third of the way in exact numbers; starting points have whole levels, and the bisection ends within 2^-10 of the way.
    expect(from!.distances!.l2).toBeGreaterThan(0.1 - 1e-5);
    expect(from!.distances!.l2).toBeLessThan(0.1 * 1.02);
    expect(distances(from!.image!, images.data).l2).toBeCloseTo(from!.distances!.l2, 6);
  });

  it.each(['l2', 'linf', 'l1', 'l0'] as const)('does not lead away from the nearest point in %s', async (norm) => {
    const planes = norm === 'l0' ? [0.1] : [0.1, 0.15];
    const { model, images, labels } = greyAtDistances(Random.stream(812), norm === 'l0' ? 'l1' : norm, planes);
    const run = (start: number) => attackImages(model, fmn, images, labels, { ...COMMON, norm, settings: { start } });
    const [[at], [from]] = [await run(0), await run(1)];
    expect(from!.success).toBe(true);
    // Within 5 % of the plane of the class that it ends in. One value is enough for a plane at .1 in L1; two are allowed for.
    const exact = norm === 'l0' ? 1 : planes[from!.decision! - 1]!;
    expect(from!.distances![norm]).toBeGreaterThan(exact * (1 - 1e-5));
    expect(from!.distances![norm]).toBeLessThan(norm === 'l0' ? 2.5 : exact * 1.05);
    expect(at!.success).toBe(true);
  });
});
