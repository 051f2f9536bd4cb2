import { formatCount, formatPercent } from '@pareidolia/lab/format';
import { FOOLED } from './headline.ts';
import type { ReportData } from './report-data.ts';

const ORIGIN: Readonly<Record<ReportData['method'], string>> = {
  direct:
    'No photograph went into them: each began as random pixels, copies were changed a little, pixel by pixel, and whichever the network believed in more was kept.',
  cppn: 'No photograph went into them: each is drawn by a few smooth functions wired together (a CPPN), copies were rewired a little, and whichever the network believed in more was kept.',
  ascent:
    "Each began as faint noise and was moved, step by step, along the network's own gradient, towards more belief in one class.",
};

/** What one is looking at. */
export function lead({ method, model, shape, searched, evaluations }: ReportData): string {
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
  return `${images}, out of ${formatCount(evaluations)} that it was shown (${size}). ${ORIGIN[method]} Nothing rewarded them for looking like anything.`;
}

/** Points to keep in mind while reading. */
export function howToRead({ method }: ReportData): readonly string[] {
  const elite =
    method === 'ascent'
      ? 'One image for each class: of several starts, the one that came out with the highest confidence.'
      : 'One elite for each class. Every new image is compared with the elites of all classes and takes each place where it is better, so one image can hold several classes.';
  return [
    elite,
    'Each confidence is the probability that the network gives to the class for the 8-bit PNG file named under the image, not for some image before rounding.',
    `A class counts as fooled from ${formatPercent(FOOLED)} on. Where ≠ is shown, the network would rather answer with another class.`,
    'Bars are on a log-odds scale. From 90 to 99, 99.9 and 99.99 % doubt shrinks tenfold each time, and each of these steps has about the same length.',
    'Networks count in single precision: 100 % means that what is missing is less than such a number can tell.',
  ];
}
