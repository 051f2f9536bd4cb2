/** @file The figures of a generator in words and a table, for a terminal. */

import type { GeneratorRun } from '@pareidolia/lab';
import { formatNumber, formatPercent, formatQuartiles } from '@pareidolia/lab';
import { count } from '../terminal/figures.ts';
import { alignColumns } from '../terminal/table.ts';

/** All that is told at the end. */
export function describeGenerator({ generator, features, real, measures }: GeneratorRun): string {
  const { frechet, precision, recall, classifierScore, nearest, discriminator, classes } = measures;
  const rows = [
    ['', 'generated', 'real, held out'],
    ['Frechet distance to training images', formatNumber(frechet.generated), formatNumber(frechet.floor)],
    ['precision', formatPercent(precision.generated.share), formatPercent(precision.floor.share)],
    ['recall', formatPercent(recall.generated.share), formatPercent(recall.floor.share)],
    [
      `classifier score, 1 to ${classes.length}`,
      formatNumber(classifierScore.generated),
      formatNumber(classifierScore.real),
    ],
    [
      'distance to the nearest training image',
      formatQuartiles(nearest.generated, formatNumber),
      formatQuartiles(nearest.floor, formatNumber),
    ],
    ...(discriminator === null
      ? []
      : [
          [
            'discriminator: mean chance of real',
            formatPercent(discriminator.generated),
            formatPercent(discriminator.real),
          ],
        ]),
  ];
  const missing = classes.filter((each) => each.generated === 0 && each.real > 0).map(({ className }) => className);
  const lines = [
    `${count(measures.count)} images of ${generator.name} beside as many of ${real.training} and of ${real.heldOut}, in ${measures.width} features of ${features.name}.`,
    '',
    alignColumns(rows, [1, 2]),
    '',
    `Of ${count(nearest.compared)} images, ${count(nearest.copies)} are copies of one of ${count(nearest.among)} training images to the pixel, and ${count(nearest.nearer)} lie nearer to one than any held-out real image does.`,
    ...(missing.length === 0 ? [] : [`Not taken for any image: ${missing.join(', ')}.`]),
    ...(discriminator === null
      ? []
      : [
          `The discriminator tells real from generated images with AUROC ${discriminator.auroc.toFixed(3)} (95 % interval ${discriminator.interval.map((end) => end.toFixed(3)).join(' to ')}).`,
        ]),
  ];
  return lines.join('\n');
}
