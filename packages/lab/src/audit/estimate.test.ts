import { drawDigits } from '@pareidolia/core';
import { describe, expect, it } from 'vitest';
import { scriptedClassifier } from '../testing/scripted-classifier.ts';
import { audit } from './audit.ts';
import { type AuditedClassifier, PASSES_OF_A_GRADIENT } from './bench.ts';
import { accuracyCheck } from './checks/accuracy.ts';
import { garbageCheck } from './checks/garbage.ts';
import { searchCheck } from './checks/search.ts';
import { estimateAudit, estimateText, secondsPerImage } from './estimate.ts';

const names = [...'0123456789'];
const SECONDS = 0.004;

/** A network that takes four milliseconds of a clock of its own for each image. */
function clocked() {
  let seconds = 0;
  const scripted = scriptedClassifier(names, (image) => names.map((_, k) => image[k]! / 20), { noGradient: 'a test' });
  const network: AuditedClassifier = {
    ...scripted,
    predict: (images) => {
      seconds += SECONDS * images.count;
      return scripted.predict(images);
    },
  };
  return { network, now: () => 1000 * seconds };
}

function images(network: AuditedClassifier) {
  const { channels, height, width } = network.shape;
  const count = 50;
  const data = drawDigits(count, 1).images.data.slice(0, count * channels * height * width);
  const labels = Int32Array.from({ length: count }, (_, i) => i % 10);
  return {
    origin: 'x',
    names: Array.from({ length: count }, String),
    images: { channels, height, width, count, data },
    labels,
  };
}

describe('the estimate of an audit', () => {
  it('is by the pace of the network, by a clock', async () => {
    const { network, now } = clocked();
    expect(await secondsPerImage(network, now)).toBeCloseTo(SECONDS, 9);
  });

  it.each([
    // Logits are asked for besides where they say more than confidences.
    ['quick', accuracyCheck, 1],
    ['quick', garbageCheck, 0],
    ['standard', garbageCheck, 0],
    // A search ends where it has found something.
    ['quick', searchCheck, 1],
  ] as const)('counts, with the budget %s, what the audit asks (%o)', async (budget, check, off) => {
    const { network, now } = clocked();
    const options = { budget, checks: [check], images: images(network), seed: 1 };
    const estimate = estimateAudit(network, options, SECONDS);
    const begin = now();
    const { forward, backward } = (await audit(network, options)).result.queries;
    const asked = forward + PASSES_OF_A_GRADIENT * backward;
    expect(Math.abs(Math.log2(estimate.passes / asked))).toBeLessThanOrEqual(off);
    if (off === 0) expect(estimate.seconds).toBeCloseTo((now() - begin) / 1000, 6);
  });

  it('says the time and what it was derived from', () => {
    expect(estimateText({ passes: 45_000, imagesPerSecond: 250, seconds: 180 }).replaceAll('\u00a0', ' ')).toBe(
      'Roughly 3 min 00 s: some 45,000 passes (a gradient counted as 4) at 250 images/s, the pace of the network when it was timed. It may be a third or three times as long: making the images takes time besides, and how many passes it takes depends on what is found.',
    );
  });
});
