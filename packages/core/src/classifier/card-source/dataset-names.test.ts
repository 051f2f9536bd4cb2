import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseCard } from '../card.ts';
import { withDatasetNames } from './dataset-names.ts';
import { IMAGENET_NAMES } from './imagenet-names.ts';

const FACTS = { channels: 3, height: 224, width: 224, classes: 1000, isWhole: false };

function named(card: Parameters<typeof parseCard>[0], facts: Partial<typeof FACTS> = {}) {
  const merged = { card: parseCard(card), origins: new Map<string, string>(), notices: [] };
  return withDatasetNames(merged, { ...FACTS, ...facts }, 'net.onnx');
}

describe("ImageNet's names", () => {
  it('are 1,000, in the order of the challenge', () => {
    expect(IMAGENET_NAMES).toHaveLength(1000);
    // Numbers that are quoted everywhere.
    const known = {
      0: 'tench',
      207: 'golden retriever',
      281: 'tabby',
      291: 'lion',
      340: 'zebra',
      852: 'tennis ball',
      954: 'banana',
      999: 'toilet tissue',
    };
    for (const [index, name] of Object.entries(known)) expect(IMAGENET_NAMES[Number(index)]!.split(',')[0]).toBe(name);
    for (const name of IMAGENET_NAMES) expect(name).toBe(name.trim());
  });

  const { PAREIDOLIA_DATA: data = '' } = process.env;
  const path = join(data, 'imagenet', 'labels.txt');
  it.skipIf(!existsSync(path))('are those of another list', () => {
    expect(IMAGENET_NAMES).toEqual(
      readFileSync(path, 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.trim()),
    );
  });

  it('are taken where the card names the data set', () => {
    const { card, origins, notices } = named({ dataset: 'imagenet' });
    expect(card.classNames?.[340]).toBe('zebra');
    expect(origins.get('classNames')).toBe("ImageNet's list");
    expect(notices).toEqual([]);
    expect(named({ dataset: 'imagenet-with-background' }, { classes: 1001 }).card.classNames?.[341]).toBe('zebra');
  });

  it('are guessed for 1,000 classes of color images, and that is said', () => {
    const { card, notices } = named({});
    expect(card.classNames?.[340]).toBe('zebra');
    expect(notices).toEqual([
      expect.stringMatching(/^net\.onnx names no classes; 1000 of color images are taken for ImageNet's: /),
    ]);
    expect(named({}, { classes: 1001 }).card.classNames?.slice(0, 2)).toEqual(['background', IMAGENET_NAMES[0]]);
  });

  it.each([
    ['names that the card gives', { classNames: Array.from({ length: 1000 }, (_, i) => `c${i}`) }, {}],
    ['another data set', { dataset: 'insects' }, {}],
    ['another number of classes', {}, { classes: 100 }],
    ['another number of classes than the data set has', { dataset: 'imagenet' }, { classes: 10 }],
    ['grey images', {}, { channels: 1 }],
    ['small images', {}, { height: 32, width: 32 }],
  ])('are not taken for %s', (_, card, facts) => {
    expect(named(card, facts).card.classNames?.includes('zebra') ?? false).toBe(false);
    expect(named(card, facts).notices).toEqual([]);
  });
});
