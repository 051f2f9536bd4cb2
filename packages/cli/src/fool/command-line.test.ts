import { resolveSearch, type SearchRequest } from '@pareidolia/core';
import { describe, expect, it } from 'vitest';
import { foolCommand, ranges } from './command-line.ts';

const shape = { channels: 1, height: 28, width: 28 } as const;
const command = (request: SearchRequest, model: string | undefined = 'my nets/lenet.onnx'): string =>
  foolCommand(
    resolveSearch(request, shape),
    { classes: [0, 1, 2, 3], seed: 7, device: 'cpu', model, card: undefined, cardOptions: {} },
    4,
  );

describe('the command that does a search again', () => {
  it('names what was asked for, fit for a shell', () => {
    expect(command({})).toBe(
      "npx pareidolia fool --model 'my nets/lenet.onnx' --emitter mutation --encoding cppn --classes all --generations 200 --batch 200 --seed 7",
    );
  });

  it('names settings where they are not the usual ones', () => {
    expect(command({ settings: { eta: 16 } })).toContain(' --set eta=16 ');
  });

  it('names the emitter always, for the usual one depends on the network, and the archive where it is another one', () => {
    expect(command({ emitter: 'iso-line', archive: 'decisions' })).toContain(
      ' --emitter iso-line --encoding direct --archive decisions ',
    );
  });

  it.each([{ preset: 'sparse' }, { preset: 'decay', settings: { decay: 0.25 } }, { generations: 7, batch: 12 }])(
    'of gradient ascent gives the same search again: %j',
    (request) => {
      const asked = resolveSearch({ emitter: 'gradient-ascent', ...request }, shape);
      const words = command({ emitter: 'gradient-ascent', ...request }).split(' ');
      const value = (option: string): number => Number(words[words.indexOf(`--${option}`) + 1]);
      const settings = Object.fromEntries(
        words.flatMap((word, i) => (words[i - 1] === '--set' ? [word.split('=')] : [])).map(([k, v]) => [k, Number(v)]),
      );
      const again = { emitter: 'gradient-ascent', generations: value('generations'), batch: value('batch'), settings };
      expect(resolveSearch(again, shape)).toEqual(asked);
    },
  );

  it('leaves out the model where it is the embedded one', () => {
    const origin = {
      classes: [0],
      seed: 1,
      device: 'cpu',
      model: undefined,
      card: undefined,
      cardOptions: {},
    } as const;
    expect(foolCommand(resolveSearch({}, shape), origin, 4)).toMatch(
      /^npx pareidolia fool --emitter mutation --encoding cppn --classes 0 /,
    );
  });
});

it('classes are told as ranges', () => {
  expect(ranges([0, 1, 2, 5, 7, 8])).toBe('0-2,5,7-8');
});
