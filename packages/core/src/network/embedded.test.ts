import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readModel } from '@pareidolia/autodiff';
import { describe, expect, test } from 'vitest';
import { parseCard } from '../classifier/card.ts';
import { drawDigits } from '../dataset/digits/digits.ts';
import { DIGIT_LABELS } from '../dataset/labelled-idx.ts';
import { nodeRuntime } from '../runtime/node.ts';
import { evaluate } from './evaluation.ts';

const asset = (name: string): Buffer => readFileSync(new URL(`../../assets/${name}`, import.meta.url));

/** Seeds that the embedded network was not trained with; it was with 1. */
const FRESH = [20_001, 20_002];

describe('the embedded network', () => {
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
