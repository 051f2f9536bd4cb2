/** @file Figures as the studio shows them: those of the report. */

export { formatCount, formatPercent } from '@pareidolia/lab/format';

/** The first of several names of a class. */
export function shortLabel(label: string): string {
  return label.split(',', 1)[0] ?? label;
}

/** Seconds in words. */
export function formatSeconds(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
