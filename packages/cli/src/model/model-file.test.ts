import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GraphBuilder, writeModel } from '@pareidolia/autodiff';
import { InputError, parseCard } from '@pareidolia/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inspectModel } from './inspect.ts';
import { readModel } from './model-file.ts';
import { modelInputs } from './model-inputs.ts';

let folder: string;
let model: string;

/** Means of the color channels, as logits of three classes. */
function network(metadata?: ReadonlyMap<string, string>): Uint8Array {
  const b = new GraphBuilder('means');
  b.input('x', 'float32', ['N', 3, 8, 8]);
  b.output(b.op('Flatten', [b.op('GlobalAveragePool', ['x'])], {}, 'scores'));
  return writeModel({ ...b.build(), ...(metadata === undefined ? {} : { metadata }) });
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'model-'));
  model = join(folder, 'net.onnx');
  writeFileSync(model, network());
});
afterEach(() => rmSync(folder, { recursive: true }));

const beside = (name: string, contents: unknown): void =>
  writeFileSync(join(folder, name), typeof contents === 'string' ? contents : JSON.stringify(contents));

const inspect = (more: Partial<Parameters<typeof inspectModel>[0]> = {}) =>
  inspectModel({ model, device: 'cpu', threads: 1, ...more });

describe('the card of a model file', () => {
  it('says that there is none, every time', () => {
    expect(readModel(model, undefined).notices.join()).toMatch(
      /^No model card for net.onnx: .* x\/255 .* RGB; .* --mean, --std and --range, .*inspect \S*net.onnx --write-card/,
    );
    beside('net.card.json', { color: 'bgr' });
    expect(readModel(model, undefined).notices.join()).toMatch(/^The card of net.onnx says no range/);
    expect(readModel(model, undefined, { mean: 0.5 }).notices).toEqual([]);
    expect(readModel(undefined, undefined).notices).toEqual([]);
  });

  it('is put together of options, card, metadata and files, and says of what', async () => {
    writeFileSync(model, network(new Map([['Image.NominalPixelRange', 'NominalRange_0_255']])));
    beside('net.card.json', { colour: 'bgr' });
    beside('labels.txt', 'red\ngreen\nblue\n');
    const { card, notices } = await inspect({ cardOptions: { std: 2 } });
    expect(notices).toEqual([]);
    const from = Object.fromEntries(card.fields.map(({ field, value, from: source }) => [field, [value, source]]));
    expect(from).toMatchObject({
      classNames: [['red', 'green', 'blue'], 'labels.txt'],
      color: ['bgr', 'card'],
      range: [[0, 255], "the file's metadata"],
      mean: [0, 'default'],
      deviation: [2, 'option'],
      height: [8, 'graph'],
    });
  });

  it('is found beside a folder called onnx too', () => {
    mkdirSync(join(folder, 'onnx'));
    const inside = join(folder, 'onnx', 'model.onnx');
    writeFileSync(inside, network());
    beside('preprocessor_config.json', { image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] });
    const { card, origins, notices } = readModel(inside, undefined);
    expect(card).toMatchObject({ range: [0, 1], mean: 0.5, deviation: 0.5 });
    expect(origins.get('mean')).toBe('../preprocessor_config.json');
    expect(notices).toEqual([]);
  });

  it('goes on without files that cannot be used, and names each once', () => {
    beside('labels.txt', 'red\ngreen\n');
    beside('config.json', '{ damaged');
    mkdirSync(join(folder, 'classes.txt'));
    const { card, notices } = readModel(model, undefined, { range: [0, 255] });
    expect(card.classNames).toBeUndefined();
    expect(notices).toHaveLength(2);
    expect(notices.join('\n')).toContain('config.json is not used: ');
    expect(notices.join('\n')).toContain(
      'labels.txt is not used for classNames: it names 2 classes, the network has 3',
    );
  });

  it('ends everything where the user named a file that cannot be used', () => {
    beside('names.txt', 'red');
    expect(() => readModel(model, undefined, { classNames: join(folder, 'names.txt') })).toThrow(InputError);
  });

  it('is noted in a job with the options, and is another one without them', () => {
    const inputs = modelInputs(readModel(model, undefined, { range: [0, 255] }));
    expect(inputs['model card']).toMatchObject({ options: { range: [0, 255] }, contents: { range: [0, 255] } });
    const without = modelInputs(readModel(model, undefined))['model card'];
    expect(without).not.toHaveProperty('options');
    expect(without?.sha256).not.toBe(inputs['model card']?.sha256);
  });

  it('survives that the file is no model, which is told when it is opened', () => {
    writeFileSync(model, 'no model');
    expect(readModel(model, undefined).card).toEqual(parseCard({}));
  });
});

describe('inspect', () => {
  it('writes the card in force, which says the same when it is read', async () => {
    beside('labels.txt', 'red\ngreen\nblue\n');
    const options = { mean: [0.1, 0.2, 0.3], std: 0.5, color: 'bgr' } as const;
    const before = await inspect({ cardOptions: { ...options, mean: [...options.mean] }, writeCard: { force: false } });
    const path = join(folder, 'net.card.json');
    expect(before.written).toBe(path);
    const text = readFileSync(path, 'utf8');
    expect(text).toContain('"mean": [0.1, 0.2, 0.3],');
    const written = parseCard(JSON.parse(text));
    expect(written).toMatchObject({
      classNames: ['red', 'green', 'blue'],
      color: 'bgr',
      height: 8,
      width: 8,
      range: [0, 1],
    });
    rmSync(join(folder, 'labels.txt'));
    const after = await inspect();
    expect(after.notices).toEqual([]);
    const values = ({ card }: typeof after) => card.fields.map(({ field, value }) => [field, value]);
    expect(values(after)).toEqual(values(before));
  });

  it('replaces a card only by force, and never a model', async () => {
    beside('net.card.json', { range: [0, 255] });
    await expect(inspect({ writeCard: { force: false } })).rejects.toThrow(/net.card.json exists already; --force/);
    expect(readFileSync(join(folder, 'net.card.json'), 'utf8')).toBe('{"range":[0,255]}');
    await inspect({ writeCard: { force: true } });
    expect(JSON.parse(readFileSync(join(folder, 'net.card.json'), 'utf8'))).toMatchObject({
      range: [0, 255],
      color: 'rgb',
    });
    await expect(inspect({ writeCard: { path: model, force: true } })).rejects.toThrow(
      'is a model, not a place for its card',
    );
    await expect(inspectModel({ device: 'cpu', threads: 1, writeCard: { force: false } })).rejects.toThrow(
      '--write-card <file>',
    );
    const other = join(folder, 'other.json');
    await inspect({ writeCard: { path: other, force: false } });
    expect(existsSync(other)).toBe(true);
  });

  it('says that probe images get the same scores', async () => {
    // Divided by so much that no image makes a difference.
    const { classifier } = await inspect({ cardOptions: { std: 1e6 } });
    expect(classifier?.notices.join()).toMatch(/^net.onnx: 5 different images get (exactly the same )?scores/);
    const usual = await inspect({ cardOptions: { range: [0, 10] } });
    expect(usual.classifier?.notices).toEqual([]);
  });
});
