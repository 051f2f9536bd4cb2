/** @file The figures of a threshold on the largest confidence. */

import {
  auroc,
  aurocInterval,
  falsePositives,
  thresholdAtRate,
  thresholdInterval,
  wilsonInterval,
} from '@pareidolia/core';
import { formatCount, formatPercent } from '../../format/format.ts';
import { acceptedAt } from '../garbage/scored-sources.ts';
import { type Figure, numberFigure, shareFigure } from '../result/figure.ts';
import { KEPT, type MeasuredSource } from './scored.ts';

/** The threshold that keeps so many of the real images. */
export function thresholdFigure(confidences: Float32Array): Figure {
  const [low, high] = thresholdInterval(confidences, KEPT);
  const isOpen = low === null || high === null;
  return numberFigure(
    { id: 'threshold.95', title: `Threshold that keeps ${formatPercent(KEPT)} of the real images`, better: null },
    'probability',
    thresholdAtRate(confidences, KEPT),
    {
      interval: [low ?? 0, high ?? 1],
      doubt: isOpen
        ? `${formatCount(confidences.length)} real images are too few for both ends of its interval, for which it takes 72`
        : undefined,
    },
  );
}

/** What it stops of a source, and how well the confidence tells the source from the real images. */
export function sourceFigures(
  { source, scored }: MeasuredSource,
  known: Float32Array,
  threshold: number,
  refusing: ReadonlySet<number>,
): readonly Figure[] {
  const { confidences } = scored;
  const { length } = confidences;
  const exact = (figure: Figure): Figure => (source.isWhole ? { ...figure, interval: null } : figure);
  const area = auroc(known, confidences);
  const stopped = length - acceptedAt(scored, threshold, refusing);
  const { passed } = falsePositives(known, confidences, KEPT);
  const at = `the threshold that keeps ${formatPercent(KEPT)} of the real images`;
  return [
    exact(
      shareFigure(
        { id: `stopped.${source.name}`, title: `Share of ${source.title} stopped by ${at}`, better: 'higher' },
        stopped,
        length,
      ),
    ),
    numberFigure(
      {
        id: `auroc.${source.name}`,
        title: `AUROC of the confidence, real images against ${source.title}`,
        better: 'higher',
      },
      'number',
      area,
      // Of a source that is tried as a whole only the real images are a sample: the mean over them of numbers in [0, 1] varies
      // at most as a share does.
      {
        interval: source.isWhole
          ? wilsonInterval(area * known.length, known.length)
          : aurocInterval(area, known.length, length),
      },
    ),
    exact(
      shareFigure(
        {
          id: `fpr95.${source.name}`,
          title: `Share of ${source.title} whose confidence is no smaller than ${at}`,
          better: 'lower',
        },
        passed,
        length,
      ),
    ),
  ];
}
