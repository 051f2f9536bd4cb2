import { describe, expect, it } from 'vitest';
import type { JobConfig } from '../job/config.ts';
import { nextSteps, type SearchEnd } from './next-steps.ts';
import type { FoolSettings } from './settings.ts';

function commands(settings: Partial<FoolSettings>, end: Partial<SearchEnd> = {}): string[] {
  const config = {
    inputs: {
      model: { name: 'net.onnx', path: 'my nets/net.onnx', sha256: '' },
      'model card': { name: 'net.onnx', sha256: '', options: { mean: [0.5], std: [0.25] } },
    },
    seed: 3,
    settings: {
      emitter: 'mutation',
      encoding: 'direct',
      archive: 'elites',
      generations: 20,
      batch: 200,
      set: {},
      classes: [0, 1, 2, 3, 4],
      device: 'cpu',
      ...settings,
    },
  } as unknown as JobConfig<FoolSettings>;
  const usual = { config, out: 'runs/one', trend: 'rising', hasGradient: true, numClasses: 5 } as const;
  return nextSteps({ ...usual, ...end }).map(({ command }) => command);
}

const BEGIN = "npx pareidolia fool --model 'my nets/net.onnx' --mean 0.5 --std 0.25";

describe('what to try next', () => {
  it('is ascent, more generations and another encoding, with the same network and card', () => {
    expect(commands({})).toEqual([
      `${BEGIN} --emitter gradient-ascent`,
      'npx pareidolia fool --resume --out runs/one --generations 100',
      `${BEGIN} --encoding cppn`,
    ]);
  });

  it('is no ascent where no gradient flows, and no more of what has leveled off', () => {
    expect(commands({ encoding: 'cppn' }, { hasGradient: false, trend: 'level' })).toEqual([
      `${BEGIN} --encoding direct`,
    ]);
  });

  it('is four times as many generations of a long search, for the same classes', () => {
    const [ascent, more] = commands({ generations: 300, classes: [1, 2, 4] });
    expect(ascent).toContain('--classes 1-2,4');
    expect(more).toContain('--generations 1200');
  });

  it('after ascent is another seed, or evolution', () => {
    expect(commands({ emitter: 'gradient-ascent', encoding: 'pixels' }, { trend: 'level' })).toEqual([
      `${BEGIN} --emitter gradient-ascent --seed 4`,
      `${BEGIN} --emitter mutation`,
    ]);
  });

  it('after another start keeps what is searched: the encoding, and what images are told apart by', () => {
    expect(commands({ emitter: 'auto', encoding: 'direct' }, { trend: 'level' })[0]).toBe(
      `${BEGIN} --emitter auto --encoding direct --seed 4`,
    );
    expect(commands({ emitter: 'auto', encoding: 'cppn' }, { trend: 'level' })[0]).toBe(
      `${BEGIN} --emitter auto --seed 4`,
    );
    const measured = { emitter: 'auto', encoding: 'cppn', archive: 'grid', measures: ['brightness', 'symmetry'] };
    expect(commands(measured, { trend: 'level' })[0]).toBe(
      `${BEGIN} --archive grid --measures brightness,symmetry --emitter auto --seed 4`,
    );
  });

  it('keeps all models of an ensemble, and those that look on', () => {
    const config = {
      inputs: {
        model: { name: 'a.onnx', path: 'a.onnx', sha256: '' },
        'model 2': { name: 'b.onnx', path: 'b.onnx', sha256: '' },
        'onlooker 1': { name: 'c.onnx', path: 'c.onnx', sha256: '' },
      },
      seed: 1,
      settings: { emitter: 'mutation', encoding: 'direct', classes: [0, 1, 2, 3, 4], device: 'cpu' },
    } as unknown as JobConfig<FoolSettings>;
    const steps = commands({}, { config, trend: 'level' });
    expect(steps[0]).toMatch(/^npx pareidolia fool --model a.onnx --model b.onnx --transfer c.onnx /);
  });
});
