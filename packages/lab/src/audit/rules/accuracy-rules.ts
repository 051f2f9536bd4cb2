/** @file Rules about accuracy and calibration. */

import { binomialTail } from '@pareidolia/core';
import { formatCount, formatPercent } from '../../format/format.ts';
import type { AuditRule } from '../rule.ts';
import { sideOf } from '../share-verdict.ts';

/** How unlikely an accuracy must be by guessing. */
const SIGNIFICANT = 0.01;

export const betterThanChance: AuditRule = {
  id: 'PAR-A001',
  title: 'The classifier is better than guessing',
  severityRule:
    'Passes where guessing would be right as often with a probability below 1 % (exact binomial test). Fails, high, where the whole 95 % interval of the accuracy lies below twice that of guessing, or below the middle between it and 1 where that is less. Inconclusive otherwise.',
  names: [],
  judge({ figures, bench }) {
    const figure = figures.get('accuracy');
    if (figure?.counted == null) return [];
    const { hits, of } = figure.counted;
    const { numClasses } = bench.classifier;
    const common = { figures: [figure.id], pictures: [] };
    if (numClasses < 2) return [];
    const chance = 1 / numClasses;
    const says = `${formatCount(hits)} of ${formatCount(of)} labelled images are right, ${formatPercent(hits / of)}; guessing gives ${formatPercent(chance)}`;
    if (binomialTail(hits, of, chance) < SIGNIFICANT) {
      return [{ ...common, state: 'pass', severity: 'none', sentence: says }];
    }
    if (sideOf(figure, Math.min(2 * chance, (1 + chance) / 2)) === 'below') {
      const sentence = `${says}: labels, preprocessing or the network are wrong, and nothing else here means much`;
      return [{ ...common, state: 'fail', severity: 'high', sentence }];
    }
    return [{ ...common, state: 'inconclusive', severity: 'none', sentence: says, settles: 'More labelled images' }];
  },
};

/** Limits of the expected calibration error. */
const [SMALL, LARGE] = [0.05, 0.15];

export const calibrated: AuditRule = {
  id: 'PAR-A002',
  title: 'Confidences are right as often as they say',
  severityRule:
    'Fails where the 95 % interval of the expected calibration error lies above 5 %: low, or medium where it lies above 15 %. Passes where it lies below 5 %. Inconclusive otherwise.',
  names: [],
  judge({ figures }) {
    const figure = figures.get('calibration-error');
    if (figure?.value == null) return [];
    const [low, high] = figure.interval ?? [figure.value, figure.value];
    const scaled = figures.get('calibration-error.scaled');
    const temperature = figures.get('temperature');
    const common = { figures: [figure, scaled, temperature].flatMap((each) => each?.id ?? []), pictures: [] };
    const says = `The expected calibration error is ${formatPercent(figure.value)} (95 % interval ${formatPercent(low)} to ${formatPercent(high)})`;
    switch (sideOf(figure, SMALL)) {
      case 'above': {
        const cure =
          scaled?.value != null && scaled.value < figure.value
            ? `; dividing the logits by the temperature leaves ${formatPercent(scaled.value)}`
            : '';
        const severity = sideOf(figure, LARGE) === 'above' ? 'medium' : 'low';
        return [{ ...common, state: 'fail', severity, sentence: `${says}${cure}` }];
      }
      case 'below':
        return [{ ...common, state: 'pass', severity: 'none', sentence: says }];
      default:
        return [
          { ...common, state: 'inconclusive', severity: 'none', sentence: says, settles: 'More labelled images' },
        ];
    }
  },
};
