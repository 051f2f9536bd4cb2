import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readModel } from '@pareidolia/autodiff';
import { describe, expect, test } from 'vitest';
import { parseCard } from '../classifier/card.ts';
import { OnnxClassifier } from '../classifier/onnx-classifier.ts';
import { argmax, scoresOf } from '../classifier/scores.ts';
import { drawDigits } from '../dataset/digits/digits.ts';
import { DIGIT_LABELS } from '../dataset/labelled-idx.ts';
import { drawThings, THING_LABELS } from '../dataset/things/things.ts';
import { parseGeneratorCard } from '../generator/card.ts';
import { Generator } from '../generator/generator.ts';
import { nodeRuntime } from '../runtime/node.ts';
import { evaluate } from './evaluation.ts';

const asset = (name: string): Buffer => readFileSync(new URL(`../../assets/${name}`, import.meta.url));

/** Seeds that the embedded networks were not trained with; they were with 1. */
const FRESH = [20_001, 20_002];

describe('the embedded network that reads digits', () => {
  const bytes = asset('lenet-digits.onnx');

  test('is a file under 2 MB', () => {
    expect(bytes.length).toBeLessThan(2_000_000);
  });

  test('has a card that fits it', () => {
    const card = parseCard(JSON.parse(asset('lenet-digits.card.json').toString('utf8')));
    expect(card.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(card.classNames).toEqual(DIGIT_LABELS);
    expect([card.color, card.range, card.output]).toEqual(['grey', [0, 1], 'logits']);
  });

  test.each(FRESH)(
    'reads at least 99 of 100 digits freshly drawn from seed %i, and 97 of every class',
    async (seed) => {
      const session = { device: 'cpu', threads: 1 } as const;
      const { correct, count, confusion } = await evaluate(
        readModel(bytes),
        drawDigits(4000, seed),
        nodeRuntime(),
        session,
      );
      expect(correct / count).toBeGreaterThanOrEqual(0.99);
      confusion.forEach((row, digit) => {
        expect(row[digit]! / 400).toBeGreaterThanOrEqual(0.97);
      });
    },
  );
});

describe('the embedded network that names things', () => {
  const bytes = asset('cnn-things.onnx');

  test('is a file under 300 kB', () => {
    expect(bytes.length).toBeLessThan(300_000);
  });

  test('has a card that fits it', () => {
    const card = parseCard(JSON.parse(asset('cnn-things.card.json').toString('utf8')));
    expect(card.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(card.classNames).toEqual(THING_LABELS);
    expect([card.color, card.range, card.output, card.dataset]).toEqual(['rgb', [0, 1], 'logits', 'things']);
  });

  test.each(FRESH)(
    'names at least 93 of 100 things freshly drawn from seed %i, and 85 of every class',
    async (seed) => {
      const session = { device: 'cpu', threads: 1 } as const;
      const drawn = drawThings(2000, seed);
      const { correct, count, confusion } = await evaluate(readModel(bytes), drawn, nodeRuntime(), session);
      expect(correct / count).toBeGreaterThanOrEqual(0.93);
      confusion.forEach((row, kind) => {
        expect(row[kind]! / 200, THING_LABELS[kind]).toBeGreaterThanOrEqual(0.85);
      });
    },
  );
});

describe('the embedded generator of digits', () => {
  const bytes = asset('gan-digits.onnx');
  const card = parseGeneratorCard(JSON.parse(asset('gan-digits.card.json').toString('utf8')));

  test('is a file under 700 kB', () => {
    expect(bytes.length).toBeLessThan(700_000);
  });

  test('has a card that fits it, from which nothing is guessed', async () => {
    expect(card.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect([card.color, card.range, card.dataset]).toEqual(['grey', [-1, 1], 'digits']);
    const generator = await Generator.load(bytes, { runtime: nodeRuntime(), where: 'gan-digits.onnx', card });
    expect(generator.shape).toMatchObject({ channels: 1, height: 28, width: 28 });
    expect(generator.notices).toEqual([]);
  });

  test('makes images of which the network that reads digits is mostly certain, of all ten digits', async () => {
    const session = { runtime: nodeRuntime(), device: 'cpu', threads: 1 } as const;
    const generator = await Generator.load(bytes, { runtime: nodeRuntime(), where: 'gan-digits.onnx', card });
    const network = await OnnxClassifier.load(asset('lenet-digits.onnx'), {
      ...session,
      where: 'lenet-digits.onnx',
      card: parseCard(JSON.parse(asset('lenet-digits.card.json').toString('utf8'))),
    });
    const count = 1000;
    const scores = await network.predict(await generator.sample(count, 20_001));
    await network.dispose();
    const counts = new Int32Array(10);
    let certain = 0;
    for (let row = 0; row < count; row++) {
      const own = scoresOf(scores, row);
      const answer = argmax(own);
      counts[answer]!++;
      if (own[answer]! > 0.9) certain++;
    }
    expect(certain / count).toBeGreaterThan(0.5);
    // A tenth of each would be even.
    for (const each of counts) expect(each / count).toBeGreaterThan(0.03);
  });
});
