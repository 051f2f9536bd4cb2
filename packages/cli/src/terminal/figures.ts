import { formatCount, formatDuration, formatNumber, formatPercent } from '@pareidolia/lab/format';

/** A share or a probability in percent. */
export function percent(share: number): string {
  return plain(formatPercent(share));
}

/** A time span of so many seconds. */
export function duration(seconds: number): string {
  return plain(formatDuration(seconds));
}

/** A count or a rate, as a whole number. */
export function count(value: number): string {
  return plain(formatCount(value));
}

/** A measured quantity such as a distance, to four significant digits. */
export function figure(value: number): string {
  return plain(formatNumber(value, 4));
}

/** Text with ordinary spaces: terminals break lines anywhere. */
export function plain(text: string): string {
  return text.replaceAll('\u00a0', ' ');
}
