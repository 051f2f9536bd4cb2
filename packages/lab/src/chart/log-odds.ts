/** @file The scale for confidences near 1: each step is ten times less doubt. */

/** Where the scale begins: at a probability of about 1e-6. */
export const LOWEST_ODDS = -6;

/** Where the scale ends: single precision has no probability nearer to 1. */
export const HIGHEST_ODDS = 7.5;

/** Decimal logarithm of p / (1 - p), clipped to {@link LOWEST_ODDS} .. {@link HIGHEST_ODDS}. 0.5 is 0, 0.9 near 1. */
export function logOdds(p: number): number {
  return Math.min(HIGHEST_ODDS, Math.max(LOWEST_ODDS, Math.log10(p / (1 - p))));
}

/** Bars of single confidences begin at about 0.1 %. */
const BAR_BEGIN = -3;

/** The length of the bar of a confidence, 0 to 100: a scale that is the same in reports and on the page. */
export function barLength(p: number): number {
  const share = (logOdds(p) - BAR_BEGIN) / (HIGHEST_ODDS - BAR_BEGIN);
  return Math.round(1000 * Math.max(0, share)) / 10;
}

/** The round percentages of the scale, from 0.0001 % over 50 % to 99.99999 %, with their places. */
export const ROUND_PERCENTAGES: readonly { readonly percent: string; readonly odds: number }[] = [
  ...[6, 5, 4, 3, 2, 1].map((nines) => {
    const p = 10 ** -nines;
    return { percent: (100 * p).toFixed(Math.max(0, nines - 2)), odds: Math.log10(p / (1 - p)) };
  }),
  { percent: '50', odds: 0 },
  ...[1, 2, 3, 4, 5, 6, 7].map((nines) => {
    const doubt = 10 ** -nines;
    return { percent: (100 - 100 * doubt).toFixed(Math.max(0, nines - 2)), odds: Math.log10((1 - doubt) / doubt) };
  }),
];
