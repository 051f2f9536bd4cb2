import { InputError, queryBudget, type Recordable, ServiceError } from '@pareidolia/core';
import { describe, expect, it } from 'vitest';
import { scriptedClassifier } from '../testing/scripted-classifier.ts';
import { type AuditOptions, audit } from './audit.ts';
import type { AuditedClassifier, RealImages } from './bench.ts';
import type { AuditCheck } from './check.ts';
import { garbageCheck } from './checks/garbage.ts';
import { perturbationCheck } from './checks/perturbation.ts';
import { searchCheck } from './checks/search.ts';

const even: AuditedClassifier = {
  shape: { channels: 1, height: 2, width: 2 },
  numClasses: 2,
  classNames: ['a', 'b'],
  where: 'even',
  predict: async ({ count }) => ({ count, numClasses: 2, data: new Float32Array(2 * count).fill(0.5) }),
  logits: async ({ count }) => ({ count, numClasses: 2, data: new Float32Array(2 * count) }),
  gradient: async ({ count }) => ({
    logits: new Float32Array(2 * count),
    value: new Float32Array(count),
    gradient: new Float32Array(4 * count),
  }),
};

const images = (count: number) => ({ ...even.shape, count, data: new Uint8Array(4 * count) });

const check = (run: AuditCheck['run']): AuditCheck => ({ name: 'own', title: 'own', cost: () => 1, run });
const NOTHING = { figures: [], sections: [], pictures: [], limits: [] };

describe('the queries of an audit', () => {
  it('are those of its units, each once, gradients in both directions', async () => {
    const own = check(async (bench) => {
      for (let turn = 0; turn < 2; turn++) {
        await bench.unit('scores', async () => (await bench.classifier.predict(images(3))).data);
      }
      await bench.unit('slopes', async () => {
        const floats = { ...even.shape, count: 2, data: new Float32Array(8) };
        await bench.classifier.gradient(floats, { kind: 'margin', classIndices: Int32Array.of(0, 0) });
        return null;
      });
      return NOTHING;
    });
    const { result } = await audit(even, { checks: [own] });
    expect(result.queries).toEqual({ forward: 5, backward: 2 });
  });

  it('are without those that a budget refused', async () => {
    const own = check(async (bench) => {
      await bench.unit('scores', async () => {
        await bench.classifier.predict(images(4));
        await bench.classifier.predict(images(100)).catch(() => undefined);
        return null;
      });
      return NOTHING;
    });
    const { result } = await audit(queryBudget(even, 10), { checks: [own] });
    expect(result.queries).toEqual({ forward: 4, backward: 0 });
  });

  it('are the same where an audit goes on from what it had stored', async () => {
    const stored = new Map<string, unknown>();
    const unit = async <T>(key: string, work: (bookmark: { value: undefined; offer(): void }) => Promise<T>) => {
      if (!stored.has(key)) stored.set(key, await work({ value: undefined, offer: () => {} }));
      return stored.get(key) as T;
    };
    let asked = 0;
    const counting: AuditedClassifier = {
      ...even,
      predict: (some) => {
        asked += some.count;
        return even.predict(some);
      },
    };
    const own = check(async (bench) => {
      await bench.unit('scores', async () => (await bench.classifier.predict(images(3))).data);
      return NOTHING;
    });
    const first = await audit(counting, { checks: [own], unit });
    const again = await audit(counting, { checks: [own], unit });
    expect(asked).toBe(3);
    expect(again.result).toEqual(first.result);
  });
});

/** Keeps units in a map, as a job folder keeps them in its journal. */
function keeping(): NonNullable<AuditOptions['unit']> {
  const kept = new Map<string, Recordable>();
  return async (key, work) => {
    if (!kept.has(key)) kept.set(key, await work({ value: undefined, offer: () => {} }));
    // A key belongs to one place in the code, which gives it its type.
    return kept.get(key) as Awaited<ReturnType<typeof work>>;
  };
}

describe('a service', () => {
  const names = [...'0123456789'];
  const checks = [garbageCheck, searchCheck, perturbationCheck];
  const service = (predict?: AuditedClassifier['predict']): AuditedClassifier =>
    scriptedClassifier(names, (image) => names.map((_, k) => image[k]! / 20), {
      noGradient: 'it is asked over HTTP',
      logits: async ({ count, data }) => {
        const unit = data instanceof Uint8Array ? 20 : 20 / 255;
        const all = Array.from({ length: count }, (_, i) => [...data.subarray(64 * i, 64 * i + 10)]).flat();
        return { count, numClasses: 10, data: Float32Array.from(all, (pixel) => pixel / unit) };
      },
      ...(predict === undefined ? {} : { predict }),
    });
  const real: RealImages = {
    origin: 'noise',
    names: ['a', 'b', 'c'],
    images: {
      channels: 1,
      height: 8,
      width: 8,
      count: 3,
      data: Uint8Array.from({ length: 192 }, (_, i) => (37 * i) % 256),
    },
  };

  it('that answers no more is asked no more, and what was measured until then stands', async () => {
    let left = 150;
    let afterwards = 0;
    const dying = service(async (images) => {
      if (left <= 0) afterwards++;
      left -= images.count;
      if (left <= 0) throw new ServiceError('scripted cannot be reached');
      return service().predict(images);
    });
    const { result, gone } = await audit(dying, { checks, images: real });
    expect(gone?.message).toBe('scripted cannot be reached');
    expect(afterwards).toBe(0);
    // Black, white and the 16 greys fit, and 100 stripes.
    const figure = (id: string) => result.figures.find((each) => each.id === id);
    expect(figure('garbage.stripes')!.counted!.of).toBe(100);
    expect(figure('garbage.text')).toMatchObject({ value: null, state: 'not measured' });
    expect(result.limits[0]).toMatch(/During the check of images that show nothing the service stopped answering/);
    expect(result.limits.join()).toContain('answered no more when it came to changes to real images');
    expect(result.headline).toContain('the service stopped answering before the audit was done');
  });

  it('that refuses one image is asked on', async () => {
    const picky = service((images) =>
      images.count === 1 ? Promise.reject(new InputError('not this one')) : service().predict(images),
    );
    const { result, gone } = await audit(picky, { checks: [garbageCheck] });
    expect(gone).toBeUndefined();
    expect(result.figures.find(({ id }) => id === 'garbage.text')!.state).toBe('measured');
  });

  it.each([50, 400, 2000, 9000])(
    'with a budget of %i queries goes on where a larger one is given, to the same end',
    async (budget) => {
      const unit = keeping();
      const asks = (most: number) => audit(queryBudget(service(), most), { checks, images: real, unit });
      const short = await asks(budget);
      expect(short.result.limits.join()).toMatch(/[Qq]uer/);
      expect(short.result.queries.forward).toBeLessThanOrEqual(budget);
      expect((await asks(1_000_000)).result).toEqual((await audit(service(), { checks, images: real })).result);
    },
  );
});
