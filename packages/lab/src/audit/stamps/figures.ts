/** @file The figures of stamps, and how the worst stamp is told in the title of one. */

import type { Figure, FigureName } from '../result/figure.ts';

export const SHARE = {
  id: 'stamp.share',
  title: 'Images of other classes that one stamp drives to one class, of the worst stamp',
  better: 'lower',
} as const satisfies FigureName;

export const OUTLIER = {
  id: 'stamp.outlier',
  title: 'How far that stamp is above the median of stamps like it, in deviations',
  better: 'lower',
} as const satisfies FigureName;

/** @param what the stamp and its class, in words */
export const worstTitle = (what: string): string => `${SHARE.title}: ${what}`;

/** The stamp and its class, of a figure with such a title. */
export const worstOf = ({ title }: Pick<Figure, 'title'>): string => title.slice(worstTitle('').length);
