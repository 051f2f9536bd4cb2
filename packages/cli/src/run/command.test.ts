import { CPPN_DEFAULTS, type ModelCard, parseCard } from '@pareidolia/core';
import { describe, expect, it } from 'vitest';
import { ranges, reproducingCommand, resumingCommand } from './command.ts';
import type { RunConfig } from './config.ts';
import { resolveMethod } from './settings.ts';

const shape = { channels: 1, height: 28, width: 28 } as const;
const card: ModelCard = parseCard({});
const config = (changes: Partial<RunConfig>): RunConfig => ({
  pareidolia: '1',
  runtime: 'r',
  node: 'n',
  model: { file: 'lenet.onnx', path: 'my nets/lenet.onnx', sha256: '' },
  card: { origin: '', sha256: '', contents: JSON.parse(JSON.stringify(card)) },
  method: resolveMethod({ set: {} }, undefined, shape),
  seed: 7,
  classes: [0, 1, 2, 3],
  device: 'cpu',
  command: '',
  ...changes,
});

describe('the command that does a run again', () => {
  it('names what was asked for, fit for a shell', () => {
    expect(reproducingCommand(config({}), 4)).toBe(
      "npx pareidolia fool --model 'my nets/lenet.onnx' --encoding cppn --classes all --generations 200 --batch 200 --seed 7",
    );
  });

  it('names settings where they are not the usual ones', () => {
    const method = resolveMethod({ set: { eta: CPPN_DEFAULTS.eta + 1 } }, undefined, shape);
    expect(reproducingCommand(config({ method }), 4)).toContain(' --set eta=16 ');
  });

  it.each([
    [{ preset: 'sparse' as const }, '--preset sparse'],
    [{ preset: 'plain' as const, set: { decay: 0.25 } }, '--set decay=0.25'],
  ])('names the preset of an ascent, or its settings: %j', (request, words) => {
    const method = resolveMethod({ encoding: 'ascent', set: {}, ...request }, undefined, shape);
    expect(reproducingCommand(config({ method }), 4)).toContain(words);
  });

  it('leaves out the model where it is the embedded one', () => {
    const model = { file: 'lenet-digits.onnx', sha256: '' };
    expect(reproducingCommand(config({ model }), 4)).toMatch(/^npx pareidolia fool --encoding/);
  });
});

it('a folder name is quoted where it must be', () => {
  expect(resumingCommand('runs/mine')).toBe('npx pareidolia fool --resume --out runs/mine');
  expect(resumingCommand("it's")).toBe("npx pareidolia fool --resume --out 'it'\\''s'");
});

it('classes are told as ranges', () => {
  expect(ranges([0, 1, 2, 5, 7, 8])).toBe('0-2,5,7-8');
});
