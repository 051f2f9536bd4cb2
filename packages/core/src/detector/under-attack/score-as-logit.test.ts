import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseCard } from '../../classifier/card.ts';
import { OnnxClassifier } from '../../classifier/onnx-classifier.ts';
import { drawDigits } from '../../dataset/index.ts';
import { uniformNoise } from '../../garbage/uniform-noise.ts';
import type { Images } from '../../image/images.ts';
import { Random } from '../../random/random.ts';
import { nodeRuntime } from '../../runtime/node.ts';
import { openFitSource } from '../fit-source.ts';
import { DETECTORS } from '../registry.ts';
import { raiseScores } from './raise-scores.ts';
import { openScoreAsLogit } from './score-as-logit.ts';

const asset = (name: string): Buffer => readFileSync(new URL(`../../../assets/${name}`, import.meta.url));
const options = { runtime: nodeRuntime(), device: 'cpu' } as const;

let classifier: OnnxClassifier;
let real: { images: Images; labels: Int32Array };

beforeAll(async () => {
  const card = parseCard(JSON.parse(asset('lenet-digits.card.json').toString('utf8')));
  classifier = await OnnxClassifier.load(asset('lenet-digits.onnx'), { ...options, card, where: 'digits' });
  real = drawDigits(400, 5);
});
afterAll(async () => classifier.dispose());

describe.each(DETECTORS.map((detector) => [detector.name, detector] as const))('%s as a logit', (_, detector) => {
  it('says of images what the detector says, beside the logits of the network, and can be climbed', async () => {
    const { source } = await openFitSource(
      classifier,
      async function* () {
        yield real;
      },
      { count: real.images.count, seed: 1 },
    );
    const fitted = await detector.fit(source);
    const scored = await openScoreAsLogit(classifier, fitted, options);
    try {
      const images = uniformNoise.make(classifier.shape, 6, Random.stream(3), {});
      const logits = await classifier.logits(images);
      const { data, numClasses } = await scored.logits(images);
      expect(numClasses).toBe(11);
      const { features, levels, logits: own } = await classifier.observe(images, { levels: true });
      for (let row = 0; row < images.count; row++) {
        for (let k = 0; k < 10; k++) expect(data[row * 11 + k]).toBeCloseTo(logits.data[row * 10 + k]!, 3);
        if (fitted.moved !== undefined) continue;
        const score = fitted.score({
          logits: own.data.subarray(row * 10, row * 10 + 10),
          features: features!.data.subarray(row * features!.width, (row + 1) * features!.width),
          levels: levels!.data.subarray(row * levels!.width, (row + 1) * levels!.width),
        });
        expect(Math.abs(data[row * 11 + 10]! - score)).toBeLessThan(1e-4 * Math.max(1, Math.abs(score)));
      }
      const raised = await raiseScores(scored, 10, images, { epsilon: 0.1, steps: 20, climbs: 1, seed: 1 });
      expect(raised.unsound).toBe(0);
      const rises = raised.scores.map((score, row) => score - raised.before[row]!);
      expect(rises.every((rise) => rise > 0)).toBe(true);
    } finally {
      await scored.dispose();
    }
  });
});
