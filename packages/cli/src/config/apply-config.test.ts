import { InputError } from '@pareidolia/core';
import { Command, Option } from 'commander';
import { describe, expect, it } from 'vitest';
import { applyConfig } from './apply-config.ts';
import { several } from './configurable.ts';

/** What a command that draws makes of words and a section. */
function options(words: readonly string[], section: object, file = 'pareidolia.config.json'): Record<string, unknown> {
  const root = new Command('root');
  const command = root
    .command('draw')
    .option('--model <file>', 'network')
    .option('--mean <m>', 'mean')
    .option('--images <folder>', 'pictures')
    .option('--data <data>', 'data set')
    .option('--generator <generator>', 'what makes the first sketch')
    .option('--layer <file>', 'what is drawn above it, may be repeated', several)
    .option('--other <model>', 'another network')
    .option('--size <n>', 'size', Number)
    .addOption(new Option('--color <name>', 'color').choices(['red', 'green']).default('red'))
    .option('--set <name=number>', 'setting', (text, before: readonly string[] = []) => [...before, text])
    .option('--no-frame', 'without a frame')
    .option('--fast', 'hurry')
    .action(() => {});
  command.parse(words, { from: 'user' });
  applyConfig(command, { file, audit: {}, sections: { draw: section as never } });
  return command.opts();
}

describe('options of a configuration file', () => {
  it('apply where the command line gives none', () => {
    expect(options(['--size', '3'], { size: 5, color: 'green', fast: true, frame: false })).toEqual({
      size: 3,
      color: 'green',
      fast: true,
      frame: false,
    });
  });

  it('may be lists and fields in braces', () => {
    expect(options([], { mean: [0.1, 0.2, 0.3], set: { a: 1, b: 2 } })).toMatchObject({
      mean: '0.1,0.2,0.3',
      set: ['a=1', 'b=2'],
    });
  });

  it('may be given several times by a list, where the command line takes them so', () => {
    expect(options([], { layer: ['a.onnx', 'b,c.onnx'] }, 'there/mine.json')).toMatchObject({
      layer: ['there/a.onnx', 'there/b,c.onnx'],
    });
    expect(options([], { layer: 'a.onnx' })).toMatchObject({ layer: ['a.onnx'] });
    expect(options(['--layer', 'c.onnx'], { layer: ['a.onnx', 'b.onnx'] })).toMatchObject({ layer: ['c.onnx'] });
    // Of one that is read once no entry is dropped in silence.
    expect(options([], { model: ['a.onnx', 'b.onnx'] })).toMatchObject({ model: 'a.onnx,b.onnx' });
  });

  it('are void where they are about what the command line replaces', () => {
    const file = { model: 'a.onnx', mean: 0.5, data: 'mnist' };
    expect(options(['--model', 'b.onnx', '--images', 'photos'], file)).toEqual({
      model: 'b.onnx',
      images: 'photos',
      color: 'red',
      frame: true,
    });
    expect(options(['--mean', '1'], file)).toMatchObject({ model: 'a.onnx', mean: '1' });
  });

  it('name files relative to the folder of the file, and data sets by name', () => {
    expect(options([], { model: 'a.onnx', data: 'mnist' }, 'there/mine.json')).toMatchObject({
      model: 'there/a.onnx',
      data: 'mnist',
    });
    // Of a network that is embedded, too.
    expect(options([], { other: 'things' }, 'there/mine.json')).toMatchObject({ other: 'things' });
    expect(options([], { other: 'a.onnx' }, 'there/mine.json')).toMatchObject({ other: 'there/a.onnx' });
    // A generator of that name is embedded, a network of that name only.
    expect(options([], { generator: 'digits' }, 'there/mine.json')).toMatchObject({ generator: 'digits' });
    expect(options([], { generator: 'things' }, 'there/mine.json')).toMatchObject({ generator: 'there/things' });
  });

  it.each([
    [{ colour: 'red' }, 'there is no field colour in draw (did you mean color?); there are model, mean'],
    [{ color: 'gren' }, 'field draw.color is "gren": allowed choices are red, green'],
    [{ fast: 'yes' }, 'field draw.fast is "yes": give true or false'],
    [{ size: null }, 'field draw.size is null: give a text or a number'],
  ])('%j is refused in a sentence', (section, told) => {
    expect(() => options([], section)).toThrow(InputError);
    expect(() => options([], section)).toThrow(told);
  });
});
