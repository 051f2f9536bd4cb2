/**
 * @file Numbers as text. Command line, reports and studio all use these functions, so that a number reads the same
 * everywhere. Numbers are rounded to the nearest that is shown; no-break spaces keep a number and its unit on one line.
 */

import type { Quartiles } from '../statistics/quartiles.ts';

const SPACE = '\u00a0';

/** Below this, and above 1 less {@link LEAST_DOUBT}, a probability is only compared with the bound. */
const SMALLEST = 1e-6;

/** Single precision, in which networks count, ends at 6e-8. */
const LEAST_DOUBT = 1e-9;

/** A doubt so near above 0.1, 0.01, ... (relatively) is taken for it: 0.9999 in single precision is a little less. */
const TOLERANCE = 1e-3;

/**
 * A probability or a share as a percentage: `61.3 %`, `99.97 %`, `99.9998 %`, `0.19 %`.
 *
 * - Rounded to the nearest, with one decimal or with two digits of the distance to 0 % or 100 %, whichever is more;
 *   zeros at the end are left out.
 * - `0 %` and `100 %` are shown for 0 and 1 and for nothing else.
 * - `90 %`, `99 %`, `99.9 %` and so on are not shown for less: `99.9896 %` has more digits because two would round it up.
 *
 * @param p in [0, 1]
 */
export function formatPercent(p: number): string {
  if (p === 0 || p === 1) return `${100 * p}${SPACE}%`;
  if (p < SMALLEST) return `<${SPACE}${(100 * SMALLEST).toFixed(4)}${SPACE}%`;
  if (1 - p < LEAST_DOUBT) return `>${SPACE}${(100 - 100 * LEAST_DOUBT).toFixed(7)}${SPACE}%`;
  // Above one half the digits are those of what is missing to 100 %.
  const high = p > 0.5;
  const distance = 100 * (high ? 1 - p : p);
  let decimals = Math.max(1, 1 - Math.floor(Math.log10(distance)));
  let shown = Number(distance.toFixed(decimals));
  while (high && isPowerOfTen(shown) && distance > shown * (1 + TOLERANCE)) {
    decimals++;
    shown = Number(distance.toFixed(decimals));
  }
  return `${Number((high ? 100 - shown : shown).toFixed(decimals))}${SPACE}%`;
}

function isPowerOfTen(value: number): boolean {
  const exponent = Math.log10(value);
  return Math.abs(exponent - Math.round(exponent)) < 1e-9;
}

/** A whole number, or one rounded to it, with its thousands set apart: `40,200`. */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

/**
 * A measured quantity without a unit, such as a distance or a correlation: rounded to so many significant digits, without
 * zeros at the end; whole digits are never rounded away.
 *
 * @param significant at least 1
 */
export function formatNumber(value: number, significant = 3): string {
  if (Math.abs(value) >= 10 ** significant) return formatCount(value).replace('-', '\u2212');
  return String(Number(value.toPrecision(significant))).replace('-', '\u2212');
}

/** A time in seconds: `8.4 s`, `42 s`, `3 min 05 s`, `2 h 07 min`. */
export function formatDuration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)}${SPACE}s`;
  const whole = Math.round(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  if (whole < 60) return `${whole}${SPACE}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}${SPACE}min ${two(whole % 60)}${SPACE}s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)}${SPACE}h ${two(minutes % 60)}${SPACE}min`;
}

/** The radius of an attack, pixels in [0, 1]: `8/255` where it is a whole number of 8-bit levels and no short number. */
export function formatEpsilon(epsilon: number): string {
  const short = String(Number(epsilon.toPrecision(6)));
  const levels = epsilon * 255;
  if (short.length > 5 && epsilon > 0 && epsilon < 1 && Math.abs(levels - Math.round(levels)) < 1e-9) {
    return `${Math.round(levels)}/255`;
  }
  return short;
}

/** A p-value for a table: `0.012`, or `< 0.001`, below which digits say nothing. */
export function formatPValue(p: number): string {
  return p < 0.001 ? `<${SPACE}0.001` : p.toFixed(3);
}

/** A p-value for a sentence: `p = 0.012`, or `p < 0.001`. */
export function formatSignificance(p: number): string {
  const value = formatPValue(p);
  return `p${SPACE}${value.startsWith('<') ? value : `=${SPACE}${value}`}`;
}

/** Median with quartiles in brackets, `0.42 (0.40 to 0.45)`; the median alone where they read the same. */
export function formatQuartiles({ lower, median, upper }: Quartiles, format: (value: number) => string): string {
  const [low, middle, high] = [format(lower), format(median), format(upper)];
  return low === high ? middle : `${middle} (${low} to ${high})`;
}

/** The first of the names that a class has: `tench` of `tench, Tinca tinca`. */
export function shortName(className: string): string {
  return className.split(',', 1)[0] ?? className;
}
