/** @file Numbers as people read them. No-break spaces keep a number and its unit on one line. */

/** Below this a probability is only said to be smaller. */
const SMALLEST = 1e-6;

/**
 * A probability as a percentage with as many digits as its distance from 0 or 1 has a use for: `61.3 %`, `99.97 %`,
 * `99.9998 %`, `0.19 %`. It is cut, not rounded, so that it never claims more certainty than there is, and says 100 % of
 * nothing but 1.
 *
 * @param p in 0 .. 1
 * @param cut `up` where it must not claim less: "never more than ..."
 */
export function formatPercent(p: number, cut: 'down' | 'up' = 'down'): string {
  if (p === 0 || p === 1) return `${100 * p}\u00a0%`;
  if (p < SMALLEST) return `<\u00a0${(100 * SMALLEST).toFixed(4)}\u00a0%`;
  // Numbers above one half are worked on from their distance to 1, where the leading digit is.
  const high = p > 0.5;
  const distance = 100 * (high ? 1 - p : p);
  // The tolerances keep 0.9999, which has no exact binary form, at 99.99 %.
  // A small probability has two digits, for 0.1 % may be half of what there is; near 1 the nines say enough.
  const place = -Math.floor(Math.log10(distance) + 1e-9);
  const decimals = Math.max(1, high || place < 1 ? place : place + 1);
  const scaled = distance * 10 ** decimals;
  const units = high === (cut === 'down') ? Math.ceil(scaled - 1e-6) : Math.floor(scaled + 1e-6);
  const cutDistance = units / 10 ** decimals;
  const digits = (high ? 100 - cutDistance : cutDistance).toFixed(decimals);
  return `${high ? digits.replace(/\.0$/, '') : Number(digits)}\u00a0%`;
}

/** A whole number with its thousands set apart: `40,200`. */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

/** A time: `8.4 s`, `3 min 05 s`, `2 h 07 min`. */
export function formatDuration(seconds: number): string {
  if (seconds < 59.95) return `${seconds.toFixed(1)}\u00a0s`;
  const whole = Math.round(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)}\u00a0min ${two(whole % 60)}\u00a0s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)}\u00a0h ${two(minutes % 60)}\u00a0min`;
}
