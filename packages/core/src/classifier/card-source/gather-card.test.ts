import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GraphBuilder, type Model, readModel } from '@pareidolia/autodiff';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../errors.ts';
import type { ModelCardInput } from '../card.ts';
import { type CardClues, gatherCard } from './gather-card.ts';
import type { Sidecar } from './sidecars.ts';

/** A network of `channels x 8 x 8` images and two classes. */
function network({
  channels = 3,
  side = 8 as number | string,
  classes = 2 as number | string,
  type = 'float32' as 'float32' | 'uint8',
  metadata = {} as Record<string, string>,
} = {}): Model {
  const b = new GraphBuilder('test');
  b.input('x', type, ['N', channels, side, side]);
  const pixels = type === 'uint8' ? b.op('Cast', ['x'], { to: 1 }) : 'x';
  b.output(b.op('Flatten', [b.op('GlobalAveragePool', [pixels])], {}, 'scores'));
  const model = b.build();
  const outputs = [{ name: 'scores', type: 'float32', shape: ['N', classes] } as const];
  const entries = Object.entries(metadata);
  return {
    ...model,
    ...(entries.length === 0 ? {} : { metadata: new Map(entries) }),
    graph: { ...model.graph, outputs },
  };
}

const beside = (file: string, fields: ModelCardInput): Sidecar => ({ file, part: { fields, notices: [] } });

const gather = (clues: Partial<CardClues>) =>
  gatherCard({ where: 'm.onnx', model: network(), remedy: 'Give a card', ...clues });

const card = (fields: ModelCardInput): NonNullable<CardClues['card']> => ({ fields, where: 'm.card.json' });

describe('the sources of a card', () => {
  const all: Partial<CardClues> = {
    options: { color: 'bgr' },
    card: card({ color: 'rgb', layout: 'NCHW' }),
    model: network({ metadata: { names: "['file a', 'file b']", 'Image.BitmapPixelFormat': 'Rgb8' } }),
    sidecars: [beside('labels.txt', { classNames: ['a', 'b'] }), beside('config.json', { range: [-1, 1] })],
  };

  it('count in the order options, card, metadata, files beside it', () => {
    const { card: merged, origins } = gather(all);
    expect(merged).toMatchObject({ color: 'bgr', layout: 'NCHW', classNames: ['file a', 'file b'], range: [-1, 1] });
    expect(Object.fromEntries(origins)).toEqual({
      color: 'option',
      layout: 'card',
      classNames: "the file's metadata",
      range: 'config.json',
    });
  });

  it('that disagree are told, but not for options', () => {
    const { notices } = gather({
      options: { layout: 'NCHW' },
      card: card({ color: 'rgb', layout: 'NHWC', range: [0, 1] }),
      model: network({
        metadata: { 'Image.BitmapPixelFormat': 'Bgr8', 'Image.NominalPixelRange': 'NominalRange_0_255' },
      }),
    });
    expect(notices).toEqual([
      "m.onnx: pixels are given in range [0, 1], as m.card.json says; the file's metadata says range [0, 255], which is not used",
      "m.onnx: color is rgb, as m.card.json says; the file's metadata says bgr, which is not used",
    ]);
  });

  it('that say the same in other words do not disagree', () => {
    const { notices, card: merged } = gather({
      sidecars: [
        beside('one.json', { range: [-1, 1] }),
        beside('two.json', { range: [0, 1], mean: 0.5, deviation: [0.5, 0.5, 0.5] }),
      ],
    });
    expect(notices).toEqual([]);
    expect(merged).toMatchObject({ range: [-1, 1], mean: 0, deviation: 1 });
  });

  it('that have the same classes in another order are told', () => {
    const { notices } = gather({
      card: card({ classNames: ['a', 'b'], range: [0, 1] }),
      sidecars: [beside('labels.txt', { classNames: ['b', 'a'] })],
    });
    expect(notices).toEqual([
      'm.onnx: classes are in the order of m.card.json; labels.txt has the same ones in another order, which is not used',
    ]);
  });

  it('give range, mean and deviation together, but options one by one', () => {
    const imagenet = beside('config.json', { range: [0, 1], mean: [0.4, 0.5, 0.6], deviation: 0.2 });
    const whole = gather({ card: card({ range: [0, 255] }), sidecars: [imagenet] });
    expect(whole.card).toMatchObject({ range: [0, 255], mean: 0, deviation: 1 });
    const partly = gather({ options: { mean: 0.3 }, sidecars: [imagenet] });
    expect(partly.card).toMatchObject({ range: [0, 1], mean: 0.3, deviation: 0.2 });
    expect(partly.notices).toEqual([]);
    const units = gather({ options: { range: [0, 255] }, sidecars: [imagenet] });
    expect(units.notices.join()).toContain('mean and deviation of config.json are for [0, 1]');
  });

  it('are left out where the graph says otherwise, and that is told', () => {
    const { card: merged, notices } = gather({
      model: network({ channels: 1 }),
      sidecars: [
        beside('labels.txt', { classNames: ['a', 'b', 'c'] }),
        beside('config.json', { height: 9, width: 8, color: 'rgb' }),
        beside('preprocessor_config.json', { range: [0, 1], mean: [0.4, 0.5, 0.6] }),
        beside('classes.txt', { classNames: ['x', 'y'] }),
      ],
    });
    expect(merged).toMatchObject({ classNames: ['x', 'y'], range: [0, 1], mean: 0 });
    expect(merged.height).toBeUndefined();
    expect(notices.slice(1)).toEqual([
      'm.onnx: labels.txt is not used for classNames: it names 3 classes, the network has 2',
      'm.onnx: config.json is not used for height and width: it says 8 x 9, the graph 8 x 8',
      'm.onnx: config.json is not used for color: it says rgb, the graph has 1 color channels',
      'm.onnx: preprocessor_config.json is not used for range and mean and deviation: it gives values for three color channels, the graph has one',
    ]);
  });

  it('say the sides that a graph leaves open', () => {
    const { card: merged } = gather({
      model: network({ side: 'S' }),
      sidecars: [beside('config.json', { height: 9, width: 8 })],
    });
    expect(merged).toMatchObject({ height: 9, width: 8 });
  });

  it('may name the classes of one sigmoid, and of none whose number is open', () => {
    const sidecars = [beside('labels.txt', { classNames: ['no', 'yes'] })];
    expect(gather({ model: network({ classes: 1 }), sidecars }).card.classNames).toEqual(['no', 'yes']);
    expect(gather({ model: undefined, sidecars }).notices.join()).toContain('how many the network has is not known');
  });

  it('are errors where the user wrote them', () => {
    expect(() => gather({ card: card({ deviation: 0 }) })).toThrow(InputError);
    expect(() => gather({ card: card({ deviation: 0 }) })).toThrow('m.card.json');
  });
});

describe('without a card', () => {
  it('it is told every time how pixels are given', () => {
    expect(gather({}).notices).toEqual([
      'No model card for m.onnx: pixels are given as x/255 without mean and deviation, RGB; if the network was trained otherwise the figures are wrong. Give a card',
    ]);
    expect(gather({ model: network({ channels: 1 }) }).notices.join()).toContain('without mean and deviation; if');
    expect(gather({ card: card({ color: 'bgr' }) }).notices.join()).toMatch(
      /^The card of m.onnx says no range, mean and deviation: .* BGR;/,
    );
  });

  it.each<[string, Partial<CardClues>]>([
    ['an option', { options: { mean: 0 } }],
    ['the card', { card: card({ range: [0, 1] }) }],
    ['the metadata', { model: network({ metadata: { 'Image.NominalPixelRange': 'Normalized_0_1' } }) }],
    ['a file', { sidecars: [beside('config.json', { deviation: 0.5 })] }],
    ['the type of the input', { model: network({ type: 'uint8' }) }],
  ])('it is not told where %s says it', (_, clues) => {
    expect(gather(clues).notices).toEqual([]);
  });
});

const cases = join(process.env.PAREIDOLIA_DATA ?? join(process.cwd(), '..', 'shared', 'data'), '..', 'cases', 'models');

describe.skipIf(!existsSync(cases))('networks of shared/cases/models', () => {
  it('silent-metadata-range-ignored: grey levels 0 to 255, as its metadata says', () => {
    const model = readModel(new Uint8Array(readFileSync(join(cases, 'silent-metadata-range-ignored.onnx'))));
    const { card: merged, notices } = gather({ model });
    expect(merged).toMatchObject({ range: [0, 255], color: 'grey' });
    expect(notices).toEqual([]);
  });
});
