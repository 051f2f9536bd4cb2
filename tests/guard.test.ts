import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GraphBuilder, readModel, writeModel } from '@pareidolia/autodiff';
import { drawDigits, toFloat } from '@pareidolia/core';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pareidolia, temporaryFolder } from './support/command.ts';
import { writeTinyNetwork } from './support/networks.ts';

const folder = temporaryFolder();
afterAll(folder.remove);
const file = (name: string): string => join(folder.path, name);
const run = (...args: readonly string[]) => pareidolia(['guard', ...args], { cwd: folder.path });

const QUICK = ['--limit', '400', '--budget', 'quick', '--detector', 'maximum-softmax,energy,knn'];

describe('pareidolia guard', () => {
  beforeAll(async () => {
    const { code, stderr } = await run(...QUICK, '--out', 'guarded.onnx');
    expect(stderr).not.toContain('pareidolia:');
    expect(code).toBe(0);
  });

  it('writes a model that any runtime runs: what the record says is what comes out', async () => {
    const record = JSON.parse(readFileSync(file('guarded.guard.json'), 'utf8'));
    const session = await ort.InferenceSession.create(file('guarded.onnx'));
    expect(session.outputNames).toEqual(['logits', 'score', 'accept', 'guarded']);
    const { images } = drawDigits(200, 77);
    const data = toFloat(images).data;
    const { score, accept } = await session.run({
      [session.inputNames[0]!]: new ort.Tensor('float32', data, [200, 1, 28, 28]),
    });
    const scores = score!.data as Float32Array;
    const accepted = Array.from(accept!.data as Uint8Array, Boolean);
    expect(accepted).toEqual(Array.from(scores, (each) => each >= record.measures.threshold));
    // Other digits of the same kind: 95 % of them, with 3 standard deviations of both thresholds and shares.
    expect(accepted.filter(Boolean).length / 200).toBeGreaterThan(0.85);
    const noise = new ort.Tensor(
      'float32',
      Float32Array.from(data, (_, i) => Math.abs(Math.sin(i * i))),
      [200, 1, 28, 28],
    );
    const refused = await session.run({ [session.inputNames[0]!]: noise });
    expect(Array.from(refused.accept!.data as Uint8Array).filter((each) => each === 1).length).toBeLessThan(20);
    expect(record.measures.real).toMatchObject({ accepted: 190, of: 200 });
    expect(record.detectors.map(({ name }: { name: string }) => name)).toEqual(['maximum-softmax', 'energy', 'knn']);
    expect(record.measures.parity).toBeLessThan(1e-5);
  });

  it('writes the same bytes for the same seed, and no half of it beside what is there', async () => {
    const again = await run(...QUICK, '--out', 'again.onnx', '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({ out: 'again.onnx', rate: 0.95 });
    expect(readFileSync(file('again.onnx'))).toEqual(readFileSync(file('guarded.onnx')));
    expect(readFileSync(file('again.guard.json'))).toEqual(readFileSync(file('guarded.guard.json')));
    const before = readdirSync(folder.path);
    const { code, stderr } = await run(...QUICK, '--out', 'guarded.onnx');
    expect(code).toBe(2);
    expect(stderr).toContain('guarded.onnx exists already; add --force to replace it');
    expect(readdirSync(folder.path)).toEqual(before);
  });

  it('makes a model that the other commands take', async () => {
    const inspected = await pareidolia(['inspect', 'guarded.onnx', '--json'], { cwd: folder.path });
    const { outputs, card, classifier } = JSON.parse(inspected.stdout);
    expect(outputs.map(({ name }: { name: string }) => name)).toEqual(['logits', 'score', 'accept', 'guarded']);
    expect(card.fields.find(({ field }: { field: string }) => field === 'guard').value).toMatchObject({
      score: 'score',
      accept: 'accept',
      answers: 'guarded',
    });
    expect(classifier.classes).toBe(10);
    const scored = await pareidolia(
      ['score', 'guarded.onnx', '--limit', '50', '--trial', '0', '--json', '--out', 'scored'],
      { cwd: folder.path },
    );
    const { images, guard } = JSON.parse(scored.stdout);
    expect(images.count).toBe(50);
    const [head, ...lines] = readFileSync(file('scored/scores.csv'), 'utf8').trimEnd().split('\n');
    expect(head).toBe('file,label,prediction,confidence,detector,detector_score');
    const verdicts = lines.map((line) => line.split(',').slice(4));
    for (const [verdict, score] of verdicts) {
      expect(verdict).toBe(Number(score) >= guard.threshold ? 'accepted' : 'refused');
    }
    expect(verdicts.filter(([verdict]) => verdict === 'accepted')).toHaveLength(guard.accepted);
  });

  it('is fooled, audited and attacked with its detector, and attacked without it where that is asked for', async () => {
    // A small one, for an audit asks a network a hundred thousand times.
    writeTinyNetwork(file('small.onnx'), { side: 28, classes: 10 });
    const small = ['--limit', '400', '--budget', 'quick', '--detector', 'energy'];
    expect(await run('small.onnx', ...small, '--out', 'tame.onnx')).toMatchObject({ code: 0 });
    const audited = await pareidolia(
      ['audit', 'tame.onnx', '--data', 'digits', '--limit', '12', '--out', 'audited', '--json'],
      { cwd: folder.path },
    );
    const { model, figures, limits } = JSON.parse(audited.stdout);
    expect(model.classes).toBe(11);
    const of = (id: string) => figures.find((figure: { id: string }) => figure.id === id);
    const record = JSON.parse(readFileSync(file('tame.guard.json'), 'utf8'));
    for (const { name, accepted, of: count } of record.measures.others) {
      // Other draws of the same noise; an image counts in the audit where the confidence is high enough, too.
      const { value, interval } = of(`garbage.${name}`);
      expect(interval === null ? value : interval[0], name).toBeLessThanOrEqual(accepted / count + 0.1);
    }
    expect(limits.join()).toContain('The model has a detector already');
    const { stdout } = await pareidolia(
      ['fool', '--model', 'guarded.onnx', '--generations', '3', '--batch', '20', '--out', 'fooled', '--json'],
      { cwd: folder.path },
    );
    expect(JSON.parse(stdout).classes).toHaveLength(10);
    const attacked = await pareidolia(
      [
        'attack',
        '--model',
        'guarded.onnx',
        '--limit',
        '3',
        '--attack',
        'fgsm',
        '--epsilon',
        '0.1',
        '--out',
        'attacked',
      ],
      { cwd: folder.path },
    );
    expect(attacked.stderr).toContain('is attacked together with its detector');
    const behind = JSON.parse(readFileSync(file('attacked/summary.json'), 'utf8'));
    expect(behind.model.classes).toBe(10);
    expect(behind.summaries[0]).toMatchObject({ images: 3, initiallyRefused: expect.any(Number) });
    const alone = await pareidolia(
      ['attack', '--model', 'guarded.onnx', '--limit', '3', '--attack', 'fgsm', '--network-alone', '--out', 'alone'],
      { cwd: folder.path },
    );
    expect(alone.stderr).toContain('is attacked without its detector');
    const network = JSON.parse(readFileSync(file('alone/summary.json'), 'utf8'));
    expect(network.summaries[0].initiallyRefused).toBeUndefined();
    expect(network.command).toContain('--network-alone');
    const aimed = await pareidolia(
      ['attack', '--model', 'guarded.onnx', '--limit', '3', '--attack', 'pgd', '--targeted', 'refused', '--out', 'no'],
      { cwd: folder.path },
    );
    expect(aimed.code).toBe(2);
    expect(aimed.stderr).toContain('refused');
  });

  it('says that outliers look in-distribution where they are the same as the real images', async () => {
    const { stdout, code } = await run(...QUICK, '--outliers', 'digits', '--out', 'same.onnx');
    expect(code).toBe(0);
    expect(stdout).toMatch(/Warning: no detector tells the outliers from the real images .* they look in-distribution/);
  });
});

describe('what cannot be guarded is refused in a sentence, and nothing is written', () => {
  const model = (name: string, build: (b: GraphBuilder, image: string) => void): string => {
    const b = new GraphBuilder('net');
    build(b, b.input('image', 'float32', ['N', 1, 28, 28]));
    writeFileSync(file(name), writeModel(b.build()));
    return name;
  };

  it.each([
    [['--limit', '20'], 'There are too few real images: 10 are left for the threshold'],
    [['--tpr', '0.999', '--limit', '400'], 'give at least 2000, or a smaller --tpr'],
    [['--tpr', '1.5'], 'Give a share above 0 and below 1'],
    [['--detector', 'magic'], 'There is no detector "magic"'],
    [['--out', 'guarded.txt'], 'is the name of no model'],
    [['--out', 'nowhere/guarded.onnx'], 'There is no folder nowhere'],
    [['https://127.0.0.1:1/v2/models/x'], 'The model is an endpoint'],
  ])('%j', async (args, sentence) => {
    const before = readdirSync(folder.path);
    const { code, stderr, stdout } = await run(...args);
    expect(stderr).toContain(sentence);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(stdout).toBe('');
    expect(code).toBe(2);
    expect(readdirSync(folder.path)).toEqual(before);
  });

  it('a network without features, for a detector that needs some', async () => {
    const name = model('pool.onnx', (b, image) => {
      const pooled = b.op('GlobalAveragePool', [
        b.op(
          'Concat',
          Array.from({ length: 10 }, () => image),
          { axis: 1 },
        ),
      ]);
      b.output(b.op('Flatten', [pooled], { axis: 1 }, 'logits'));
    });
    const { code, stderr } = await run(name, '--limit', '100', '--detector', 'knn');
    expect(stderr).toContain('no detector can be fitted: knn: no penultimate features were found');
    expect(code).toBe(2);
    expect(existsSync(file('pool.guarded.onnx'))).toBe(false);
  });
});

it('outputs of a model that has several are kept', async () => {
  const source = readFileSync(new URL('../packages/core/assets/lenet-digits.onnx', import.meta.url));
  const b = GraphBuilder.from(readModel(new Uint8Array(source)));
  b.output(
    b.op('ArgMax', [readModel(new Uint8Array(source)).graph.outputs[0]!.name], { axis: 1, keepdims: 0 }, 'label'),
  );
  writeFileSync(file('two.onnx'), writeModel(b.build()));
  const { code } = await run(
    'two.onnx',
    '--limit',
    '100',
    '--budget',
    'quick',
    '--detector',
    'energy',
    '--out',
    'three.onnx',
  );
  expect(code).toBe(0);
  expect(readModel(new Uint8Array(readFileSync(file('three.onnx')))).graph.outputs.map(({ name }) => name)).toEqual([
    'logits',
    'label',
    'score',
    'accept',
    'guarded',
  ]);
});
