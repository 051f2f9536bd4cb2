import { ASCENT_PRESETS, DIRECT_DEFAULTS } from '@pareidolia/core';
import { describe, expect, it } from 'vitest';
import { resolveMethod } from './settings.ts';

const shape = { channels: 1, height: 28, width: 28 } as const;
const resolve = (request: Partial<Parameters<typeof resolveMethod>[0]>, before?: Parameters<typeof resolveMethod>[1]) =>
  resolveMethod({ set: {}, ...request }, before, shape);

describe('the method of a run', () => {
  it('is evolution over CPPNs with the paper’s 200 generations of 200, unless said otherwise', () => {
    expect(resolve({})).toMatchObject({ name: 'cppn', generations: 200, batch: 200 });
  });

  it('has every option spelled out, so that a later version with other defaults resumes it alike', () => {
    expect(resolve({ encoding: 'direct' })).toMatchObject({ options: { ...DIRECT_DEFAULTS } });
  });

  it('takes what is not said from the run that is resumed', () => {
    const before = resolve({ encoding: 'direct', generations: 30, batch: 40, set: { eta: 9 } });
    expect(resolve({}, before)).toEqual(before);
    expect(resolve({ generations: 60 }, before)).toEqual({ ...before, generations: 60 });
  });

  it('for ascent has --generations as steps and --batch as the images that climb together', () => {
    const spec = resolve({ encoding: 'ascent', preset: 'blur', generations: 70, batch: 12, starts: 3 });
    expect(spec).toMatchObject({ settings: { ...ASCENT_PRESETS.blur, steps: 70 }, starts: 3, group: 4 });
    expect(resolve({}, spec)).toEqual(spec);
  });

  it.each([
    [{ set: { decya: 1 } }, /^cppn has no setting decya; --set takes addLink/],
    [{ encoding: 'direct' as const, set: { mutationRate: 2 } }, /^mutationRate is 2/],
    [{ starts: 4 }, '--starts is for --encoding ascent only'],
    [
      { encoding: 'ascent' as const, set: { decay: 1 } },
      '--set decay=1 is out of range; give a share from 0 to below 1',
    ],
    [{ encoding: 'ascent' as const, set: { blurRadius: 0 } }, '--set blurRadius=0 is out of range'],
    [{ encoding: 'ascent' as const, set: { eta: 0 } }, /^ascent has no setting eta; --set takes decay/],
    [{ encoding: 'ascent' as const, generations: 0 }, '--generations is 0'],
  ])('refuses %j', (request, message) => {
    expect(() => resolve(request)).toThrow(message);
  });
});
