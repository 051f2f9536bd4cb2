/** @file The text of the report of a run. */

import { ESTIMATED_GRADIENT } from '@pareidolia/core';
import { formatCount, formatPercent } from '../../format/format.ts';
import type { FoolReportData } from './fool-report-data.ts';
import { FOOLED } from './fooled.ts';

/** What the reader is looking at. */
export function lead({ origin, model, shape, searched, evaluations, showcase }: FoolReportData): string {
  const size = `${shape.width} × ${shape.height} pixels, ${shape.channels === 1 ? 'grey' : 'color'}`;
  const all = formatCount(model.classes);
  const classes =
    searched === model.classes
      ? `each of its ${all} classes`
      : `each of ${formatCount(searched)} of its ${all} classes`;
  const images =
    searched === 1
      ? `This is the image in which ${model.name} has the most confidence, for one of its ${all} classes`
      : `These are the images in which ${model.name} has the most confidence, one for ${classes}`;
  const first =
    showcase === undefined
      ? ''
      : 'Shown first are images of several kinds, side by side for each class; their patterns were also chosen for looking unlike it. The elites of the search follow: ';
  const begin = first === '' ? images : images.replace(/^These are the/, 'the').replace(/^This is the/, 'the');
  return `${first}${begin}, out of ${formatCount(evaluations)} that were tried (${size}). No photograph went into them. ${origin} Nothing rewarded them for looking like anything.`;
}

/** How the figures of the page are meant. */
export function howToRead({ kept, gradientKind, notices = [], secondLook }: FoolReportData): readonly string[] {
  return [
    kept,
    ...notices.map((notice) => `${notice}.`),
    ...(gradientKind === 'straight-through'
      ? [`${ESTIMATED_GRADIENT}. The images followed these; the confidences are those of the quantized network itself.`]
      : []),
    'Each confidence is the probability of the class for the 8-bit PNG file under the image, as the network gives it.',
    `A class counts as fooled from ${formatPercent(FOOLED)}. Where ≠ is shown, the network gives another class a higher probability.`,
    ...(secondLook?.how ?? []),
    'Bars are on a log-odds scale: from 90 % to 99 %, 99.9 % and 99.99 % the doubt falls to a tenth each time, and the bar grows by about the same length.',
    'Networks compute in single precision: 100 % means that the doubt is too small for it.',
  ];
}
