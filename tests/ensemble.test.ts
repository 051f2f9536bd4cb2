import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { digests, type Ended, pareidolia, temporaryFolder } from './support/command.ts';
import { writeTinyNetwork } from './support/networks.ts';

const folder = temporaryFolder();
afterAll(folder.remove);
const path = (name: string): string => join(folder.path, name);
const [one, other, third] = [1, 2, 3].map((seed) =>
  writeTinyNetwork(path(`net-${seed}.onnx`), { seed, classes: 3 }),
) as [string, string, string];
const wide = writeTinyNetwork(path('wide.onnx'), { side: 9, classes: 3 });
const few = writeTinyNetwork(path('few.onnx'), { classes: 2 });

function fool(...more: readonly string[]): Promise<Ended> {
  return pareidolia([
    'fool',
    '--emitter',
    'mutation',
    '--encoding',
    'direct',
    '--batch',
    '20',
    '--threads',
    '1',
    '--json',
    ...more,
  ]);
}

let whole: {
  readonly classes: readonly { readonly confidence: number }[];
  readonly networks: readonly {
    readonly model: string;
    readonly searched: boolean;
    readonly confidences: readonly number[];
    readonly answers: readonly number[];
    readonly fooled: number;
  }[];
};
const models = ['--model', one, '--model', other, '--transfer', third];
beforeAll(async () => {
  const ended = await fool(...models, '--generations', '12', '--out', path('whole'));
  expect(ended).toMatchObject({ code: 0 });
  whole = JSON.parse(ended.stdout);
});

it('the confidence of an image is that of the least certain of the searched networks', () => {
  expect(whole.networks.map(({ model, searched }) => [model, searched])).toEqual([
    ['net-1.onnx', true],
    ['net-2.onnx', true],
    ['net-3.onnx', false],
  ]);
  whole.classes.forEach(({ confidence }, place) => {
    const own = whole.networks.filter(({ searched }) => searched).map(({ confidences }) => confidences[place]!);
    expect(confidence).toBeCloseTo(Math.min(...own), 6);
  });
  for (const { answers, fooled } of whole.networks) {
    expect(answers.filter((answer, place) => answer === place)).toHaveLength(fooled);
  }
});

it('networks that call a class by different names are told of', async () => {
  const named = (name: string, classNames: readonly string[]): string => {
    const file = writeTinyNetwork(path(name), { seed: 4, classes: 3 });
    writeFileSync(file.replace('.onnx', '.card.json'), JSON.stringify({ classNames }));
    return file;
  };
  const [pets, again, other] = [
    named('pets.onnx', ['cat', 'dog', 'eel']),
    named('again.onnx', ['cat', 'dog', 'eel']),
    named('order.onnx', ['cat', 'eel', 'dog']),
  ];
  const same = await fool('--model', pets, '--model', again, '--generations', '1', '--out', path('same'));
  expect(same.stderr).not.toContain('calls class');
  const mixed = await fool('--model', pets, '--transfer', other, '--generations', '1', '--out', path('mixed'));
  expect(mixed).toMatchObject({ code: 0 });
  expect(mixed.stderr).toContain('order.onnx calls class 1 eel, and pets.onnx calls it dog');
});

it('a search for several networks is resumed with all of them, to the same bytes', async () => {
  expect(await fool(...models, '--generations', '5', '--out', path('part'))).toMatchObject({ code: 0 });
  const resumed = await fool('--resume', '--out', path('part'), '--generations', '12');
  expect(resumed).toMatchObject({ code: 0 });
  expect(JSON.parse(resumed.stdout).networks).toEqual(whole.networks);
  expect(digests(path('part/elites'))).toEqual(digests(path('whole/elites')));
  const others = await fool('--resume', '--out', path('part'), '--model', one, '--model', third);
  expect(others.code).toBe(2);
});

it.each([
  ['one image cannot be shown to both; choose models of the same input', ['--model', one, '--model', wide]],
  ['net-1.onnx has 3 classes, few.onnx has 2', ['--model', one, '--model', few]],
  ['choose models of the same input', ['--model', one, '--transfer', wide]],
  ['only files can be searched or look on', ['--model', one, '--model', 'https://host.example/v2/models/x']],
  ['only files can be fooled together', ['--model', 'https://host.example/v2/models/x', '--model', one]],
])('refuses what does not fit: %s', async (message, given) => {
  const { code, stderr } = await fool(...given, '--out', path('refused'));
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
});
