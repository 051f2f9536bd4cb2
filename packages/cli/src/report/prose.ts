/** @file What the report says in words about the method and about reading the figures. */

import { formatCount, formatPercent } from './format.ts';
import { FOOLED } from './headline.ts';
import type { ReportData } from './report-data.ts';

const ORIGIN: Readonly<Record<ReportData['method'], string>> = {
  direct:
    'They began as random pixels and evolved: copies were changed a little, pixel by pixel, and whichever the network believed in more was kept.',
  cppn: 'They are drawn by small networks of smooth functions (CPPNs) that evolved: copies were changed a little, and whichever the network believed in more was kept.',
  ascent:
    'They began as faint noise and were moved, step by step, along the gradient of the network itself, towards more belief in one class.',
};

/** What one is looking at. */
export function lead({ method, model, shape, searched }: ReportData): string {
  const size = `${shape.width} × ${shape.height} pixels, ${shape.channels === 1 ? 'grey' : 'colour'}`;
  const some =
    searched === model.classes
      ? `its ${formatCount(searched)} classes`
      : `${formatCount(searched)} of its ${formatCount(model.classes)} classes`;
  return `For ${some}, here is the image that ${model.name} takes for the surest example it has met (${size}). No photograph and no training data went into these images. ${ORIGIN[method]} Nobody asked that they look like anything.`;
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
