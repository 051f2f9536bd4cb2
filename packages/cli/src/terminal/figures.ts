import { formatCount, formatDuration, formatPercent } from '@pareidolia/lab/format';

/** A share in per cent, cut so that it never claims more than there is. */
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

function plain(text: string): string {
  return text.replaceAll('\u00a0', ' ');
}
