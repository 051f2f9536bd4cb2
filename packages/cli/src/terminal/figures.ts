/** @file Figures for people. */

/**
 * A share in per cent, with as many digits as it takes to tell it from 100 % (at least two); "100 %" stands for exactly 1.
 */
export function percent(share: number): string {
  if (share === 1) return '100 %';
  for (let digits = 2; digits < 8; digits++) {
    const text = (100 * share).toFixed(digits);
    if (!text.startsWith('100')) return `${text} %`;
  }
  return '> 99.9999999 %';
}

/** A time span as 8 s, 1:05 min or 2:03:04 h. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const two = (value: number): string => String(value).padStart(2, '0');
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${two(whole % 60)} min`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)} h`;
}

/** A count or rate with three significant digits at most behind, and commas between thousands. */
export function count(value: number): string {
  return value.toLocaleString('en-GB', { maximumFractionDigits: value < 10 ? 1 : 0 });
}
