import { formatCount, formatPercent } from '@pareidolia/lab/format';
import { FOOLED } from './headline.ts';
import type { ReportData } from './report-data.ts';

/** What one is looking at. */
export function lead({ origin, model, shape, searched, evaluations }: ReportData): string {
  const size = `${shape.width} × ${shape.height} pixels, ${shape.channels === 1 ? 'grey' : 'color'}`;
  const all = formatCount(model.classes);
  const classes =
    searched === model.classes
      ? `each of its ${all} classes`
      : `each of ${formatCount(searched)} of its ${all} classes`;
  const images =
    searched === 1
      ? `This is the image that ${model.name} believes in most, for one of its ${all} classes`
      : `These are the images that ${model.name} believes in most, one for ${classes}`;
  return `${images}, out of ${formatCount(evaluations)} that it was shown (${size}). No photograph went into them. ${origin} Nothing rewarded them for looking like anything.`;
}

/** Points to keep in mind while reading. */
export function howToRead({ kept }: ReportData): readonly string[] {
  return [
    kept,
    'Each confidence is the probability that the network gives to the class for the 8-bit PNG file named under the image, not for some image before rounding.',
    `A class counts as fooled from ${formatPercent(FOOLED)} on. Where ≠ is shown, the network would rather answer with another class.`,
    'Bars are on a log-odds scale. From 90 to 99, 99.9 and 99.99 % doubt shrinks tenfold each time, and each of these steps has about the same length.',
    'Networks count in single precision: 100 % means that what is missing is less than such a number can tell.',
  ];
}
