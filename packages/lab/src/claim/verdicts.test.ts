/** @file The verdict of each claim for made-up outcomes: clear ones, and ones that too little work leaves open. */

import { describe, expect, it } from 'vitest';
import { sizeVerdict } from './dataset-size/dataset-size-verdict.ts';
import { boundaryVerdict } from './decision-boundaries/boundaries-verdict.ts';
import { rejectionVerdict } from './generator/discriminator-rejects-verdict.ts';
import { generatorPriorVerdict } from './generator/generator-prior-verdict.ts';
import { ascentVerdict } from './gradient-ascent-verdict.ts';
import { patternVerdict, pixelVerdict } from './imagenet/imagenet-verdict.ts';
import { digitVerdict } from './mnist/mnist-verdict.ts';
import { recognizabilityVerdict } from './recognizability/recognizability-verdict.ts';
import { repeatsVerdict } from './repeats/repeats-verdict.ts';
import { retrainingVerdict } from './retraining/retraining-verdict.ts';
import { rayVerdict } from './rubbish-verdict.ts';
import { transferVerdict } from './transfer/transfer-verdict.ts';

const times = <T>(count: number, value: T): T[] => new Array<T>(count).fill(value);

describe('images for every digit', () => {
  const outcome = (median: number, worst: number, seeds: number, generations: number) =>
    digitVerdict({ medians: times(seeds, median), worsts: times(seeds, worst), generations, batch: 200 }).verdict;

  it.each([
    ['every class in the whole search', 1, 0.99995, 5, 200, 'reproduced'],
    ['every class in a shorter search', 1, 0.99995, 5, 30, 'reproduced'],
    ['the median class in the whole search', 1, 0.98, 5, 200, 'partly reproduced'],
    ['the median class in a shorter search', 1, 0.98, 5, 199, 'inconclusive'],
    ['none in the whole search', 0.98, 0.5, 5, 200, 'not reproduced'],
    ['none in a shorter search', 0.98, 0.5, 5, 30, 'inconclusive'],
    ['every class with too few seeds', 1, 1, 2, 200, 'inconclusive'],
  ])('%s', (_, median, worst, seeds, generations, verdict) => {
    expect(outcome(median, worst, seeds, generations)).toBe(verdict);
  });
});

describe('images through a generator', () => {
  // Clopper and Pearson: 20 of 20 from .83, 0 of 20 to .17, 10 of 20 from .27 to .73.
  it.each([
    ['recognized, and CPPN images not', [20, 20], [0, 20], 'reproduced'],
    ['recognized, and CPPN images too', [20, 20], [20, 20], 'partly reproduced'],
    ['not recognized, nor CPPN images', [0, 20], [0, 20], 'partly reproduced'],
    ['not recognized, but CPPN images', [0, 20], [20, 20], 'not reproduced'],
    ['recognized by half', [10, 20], [0, 20], 'inconclusive'],
    ['with CPPN images recognized by half', [20, 20], [10, 20], 'inconclusive'],
    ['with no CPPN images that fool', [20, 20], [0, 0], 'inconclusive'],
  ])('%s', (_, latent, cppn, verdict) => {
    const counted = ([hits = 0, of = 0]: readonly number[]) => ({ hits, of });
    expect(generatorPriorVerdict({ latent: counted(latent), cppn: counted(cppn) }).verdict).toBe(verdict);
  });
});

describe('what a discriminator refuses', () => {
  it.each([
    ['all of what is evolved and ascended, few adversarial examples', [40, 40], [20, 20], [5, 40], 'reproduced'],
    ['all of everything', [40, 40], [20, 20], [40, 40], 'inconclusive'],
    ['of ascended images none', [40, 40], [0, 20], [5, 40], 'partly reproduced'],
    ['none but adversarial examples', [0, 40], [0, 20], [40, 40], 'not reproduced'],
    ['where none was ascended', [40, 40], [0, 0], [5, 40], 'inconclusive'],
  ])('%s', (_, evolved, ascended, adversarial, verdict) => {
    const counted = ([hits = 0, of = 0]: readonly number[]) => ({ hits, of });
    const outcome = { evolved: counted(evolved), ascended: counted(ascended), adversarial: counted(adversarial) };
    expect(rejectionVerdict(outcome).verdict).toBe(verdict);
  });
});

describe('photographs', () => {
  const [better, alike] = [
    { superiority: 0.9, p: 0.001 },
    { superiority: 0.52, p: 0.4 },
  ];
  const came = (value: number, evaluationsEach: number, test = better) => ({
    confidences: times(100, value),
    median: value,
    test,
    evaluations: 100 * evaluationsEach,
  });

  it.each([
    ['low after the search of the paper', came(0.2, 4000), 'reproduced'],
    ['low after the search of the paper, and patterns, too', came(0.2, 4000, alike), 'partly reproduced'],
    ['low after a shorter search', came(0.2, 41), 'inconclusive'],
    ['high already after a shorter search, patterns higher', came(0.95, 41), 'partly reproduced'],
    ['high after the search of the paper, patterns not', came(0.95, 4000, alike), 'not reproduced'],
  ])('by pixels: %s', (_, outcome, verdict) => {
    expect(pixelVerdict(outcome).verdict).toBe(verdict);
  });

  it.each([
    ['high after a shorter search', came(0.95, 41), 'reproduced'],
    ['low after a shorter search', came(0.012, 41), 'inconclusive'],
    ['low after the search of the paper, better than pixels', came(0.5, 2000), 'partly reproduced'],
    ['low after the search of the paper', came(0.5, 2000, alike), 'not reproduced'],
    [
      'at the bound in half of the classes',
      { ...came(0.88, 2000), confidences: [...times(52, 0.95), ...times(48, 0.1)] },
      'inconclusive',
    ],
  ])('by patterns: %s', (_, outcome, verdict) => {
    expect(patternVerdict(outcome).verdict).toBe(verdict);
  });
});

describe('gradient ascent', () => {
  const outcome = { median: 0.9999, presets: 4, share: 1, evolvedMedian: 1, p: 0.001 };
  it.each([
    [{}, 'reproduced'],
    [{ presets: 1, share: 0.4 }, 'reproduced'],
    [{ median: 0.99 }, 'partly reproduced'],
    [{ median: 0.99, p: 0.5 }, 'not reproduced'],
    [{ median: 0.99, share: 0.5 }, 'inconclusive'],
    [{ median: 0.99, presets: 1 }, 'inconclusive'],
    [{ evolvedMedian: 0.7 }, 'inconclusive'],
  ])('%j', (changes, verdict) => {
    expect(ascentVerdict({ ...outcome, ...changes }).verdict).toBe(verdict);
  });
});

describe('repeated elements', () => {
  it.each([
    ['many fall a little', times(19, 0.002), 'reproduced'],
    ['many fall much', times(19, 0.9), 'partly reproduced'],
    ['none falls', times(19, 0), 'partly reproduced'],
    // 5 of 5: the rate may be 47.8 %.
    ['too few', times(5, 0.002), 'inconclusive'],
    ['half of them', [...times(10, 0.002), ...times(9, -0.1)], 'inconclusive'],
  ])('%s', (_, drops, verdict) => {
    expect(repeatsVerdict(drops).verdict).toBe(verdict);
  });
});

describe('transfer', () => {
  it.each([
    ['some of many', 0.22, 300, 'reproduced'],
    ['all of many', 1, 300, 'partly reproduced'],
    ['none of many', 0, 1000, 'not reproduced'],
    ['none of few', 0, 20, 'inconclusive'],
    ['some of few', 0.2, 5, 'inconclusive'],
    ['nearly all of few', 0.85, 20, 'inconclusive'],
  ])('%s', (_, carried, images, verdict) => {
    expect(transferVerdict({ carried, images }).verdict).toBe(verdict);
  });
});

describe('retraining', () => {
  const outcome = { medians: times(3, 0.99995), accuracies: times(3, 0.98), evaluations: 40_000 };
  it.each([
    [{}, 'reproduced'],
    [{ evaluations: 4000 }, 'reproduced'],
    [{ medians: [1, 0.9, 1] }, 'partly reproduced'],
    [{ medians: [1, 0.3, 1] }, 'not reproduced'],
    [{ medians: [1, 0.9, 1], evaluations: 10_000 }, 'inconclusive'],
    [{ medians: [1] }, 'inconclusive'],
    [{ accuracies: [0.98, 0.6, 0.98] }, 'inconclusive'],
  ])('%j', (changes, verdict) => {
    expect(retrainingVerdict({ ...outcome, ...changes }).verdict).toBe(verdict);
  });
});

describe('the size of the training data', () => {
  const grows = { rho: 0.85, p: 0.001, networks: 12, property: 'sizes' };
  const [none, few] = [
    { rho: 0, p: 1, networks: 35, property: 'sizes' },
    { rho: 0, p: 1, networks: 12, property: 'sizes' },
  ];
  it.each([
    ['both grow', [grows, grows], 'reproduced'],
    ['one does', [grows, none], 'partly reproduced'],
    ['neither does', [none, none], 'not reproduced'],
    // tanh(1.96 / 3) = 0.57, tanh(1.96 / sqrt(32)) = 0.33.
    ['neither is seen over few networks', [few, few], 'inconclusive'],
    ['two networks', [{ ...few, rho: 1, networks: 2 }, grows], 'inconclusive'],
    ['they fall', [{ ...few, rho: -0.8, p: 0.001 }, grows], 'partly reproduced'],
  ])('%s', (_, outcomes, verdict) => {
    expect(sizeVerdict(outcomes).verdict).toBe(verdict);
  });
});

describe('recognizability', () => {
  const rate = (images: number, p: number, chosen: number, below: number) => ({
    judge: 'other',
    images,
    p,
    chosen,
    below: Array.from({ length: images }, (_, i) => below + (i % 2)),
  });
  const control = [rate(80, 0.5, 0.6, 5)];
  it.each([
    ['all hold', [rate(80, 0, 0.89, 8)], control, 'reproduced'],
    ['no more than of noise', [rate(80, 0, 0.89, 5)], control, 'partly reproduced'],
    ['not above chance', [rate(80, 0.4, 0.25, 5)], control, 'not reproduced'],
    ['not above chance, of few', [rate(12, 0.4, 0.25, 5)], control, 'inconclusive'],
    ['without a control', [rate(80, 0, 0.89, 8)], [], 'inconclusive'],
    ['without an image', [], control, 'inconclusive'],
    ['chosen in half of few', [rate(20, 0, 0.6, 8)], control, 'inconclusive'],
  ])('%s', (_, patterns, noise, verdict) => {
    expect(recognizabilityVerdict(patterns, noise).verdict).toBe(verdict);
  });
});

describe('decision boundaries', () => {
  const kind = (count: number, distance: number, confidence: number) => ({
    distances: Array.from({ length: count }, (_, i) => distance + i / 1000),
    confidences: Array.from({ length: count }, (_, i) => confidence + i / 1000),
  });
  const beside = kind(12, 0.05, 0.5);
  it.each([
    ['far, confident and certain', kind(6, 0.13, 0.95), beside, 0.98, 'reproduced'],
    ['far and confident', kind(6, 0.13, 0.95), beside, 0.5, 'partly reproduced'],
    ['nearer, less confident', kind(6, 0.01, 0.3), beside, 0.5, 'not reproduced'],
    ['two points against two', kind(2, 0.13, 0.95), kind(2, 0.05, 0.5), 0.98, 'inconclusive'],
  ])('%s', (_, fooling, adversarial, certain, verdict) => {
    expect(boundaryVerdict({ fooling, adversarial, certain }).verdict).toBe(verdict);
  });
});

describe('rays', () => {
  const network = (certain: number, of: number) => ({
    name: `${certain} of ${of}`,
    far: [...times(certain, 1), ...times(of - certain, 0.4)],
  });
  it.each([
    ['certain everywhere', [network(60, 60), network(59, 60)], 'reproduced'],
    ['certain with one network', [network(60, 60), network(3, 60)], 'partly reproduced'],
    ['certain nowhere', [network(3, 60)], 'not reproduced'],
    ['half of them', [network(31, 60)], 'inconclusive'],
    ['few', [network(4, 4)], 'inconclusive'],
  ])('%s', (_, networks, verdict) => {
    expect(rayVerdict(networks).verdict).toBe(verdict);
  });
});
