/** @file Figures of an audit as text, the same in every output. */

import { formatCount, formatEpsilon, formatNumber, formatPercent } from '../../format/format.ts';
import type { Figure } from './figure.ts';

/** Stands for a value that there is not. */
const NONE = '–';

/** A value of the unit: `97.4 %`, `1,320`, `8/255`. */
export function formatValue(value: number, unit: Figure['unit']): string {
  switch (unit) {
    case 'share':
    case 'probability':
      return value >= 0 && value <= 1 ? formatPercent(value) : formatNumber(value);
    case 'count':
      return formatCount(value);
    case 'queries':
      return Number.isInteger(value) ? formatCount(value) : formatNumber(value);
    case 'distance': {
      const level = formatEpsilon(value);
      return level.includes('/') ? level : formatNumber(value);
    }
    case 'number':
      return formatNumber(value);
  }
}

/** The value of a figure; a dash where it was not measured. */
export function valueText({ value, unit }: Pick<Figure, 'value' | 'unit'>): string {
  return value === null ? NONE : formatValue(value, unit);
}

/** The 95 % interval of a figure, `95.6 % to 98.5 %`; empty where there is none. */
export function intervalText({ interval, unit }: Pick<Figure, 'interval' | 'unit'>): string {
  return interval === null ? '' : `${formatValue(interval[0], unit)} to ${formatValue(interval[1], unit)}`;
}

/** Value, interval and doubt in one line: `97.4 % (95.6 % to 98.5 %)`. */
export function figureText(figure: Figure): string {
  const range = intervalText(figure);
  const text = range === '' ? valueText(figure) : `${valueText(figure)} (${range})`;
  return figure.why === null ? text : `${text}; ${figure.why}`;
}

/** What a share was counted from, `487 of 500`; empty where it was not counted. */
export function countedText({ counted }: Pick<Figure, 'counted'>): string {
  return counted === null ? '' : `${formatCount(counted.hits)} of ${formatCount(counted.of)}`;
}
