/** @file All figures of an audit as a table for spreadsheets. */

import type { AuditResult } from '../result/result.ts';
import { plainText } from './plain-text.ts';

const HEAD = ['id', 'title', 'unit', 'value', 'low', 'high', 'hits', 'of', 'better', 'state', 'why'];

/** RFC 4180: a line for each figure, in their order; shares and probabilities in [0, 1], all digits. */
export function auditCsv({ figures }: Pick<AuditResult, 'figures'>): string {
  const number = (value: number | undefined | null): string => (value == null ? '' : String(value));
  const lines = figures.map(({ id, title, unit, value, interval, counted, better, state, why }) => [
    quote(id),
    quote(title),
    unit,
    number(value),
    number(interval?.[0]),
    number(interval?.[1]),
    number(counted?.hits),
    number(counted?.of),
    better ?? '',
    state,
    quote(why ?? ''),
  ]);
  return [HEAD, ...lines].map((cells) => `${cells.join(',')}\r\n`).join('');
}

/** A cell of text. Spreadsheets take what begins like this for a formula, also behind a quote; an apostrophe stops them. */
function quote(text: string): string {
  const plain = plainText(text);
  const guarded = /^[\s'"]*[=+\-@|%＝＋－＠]/.test(plain) ? `'${plain}` : plain;
  return /[^\w .@:/-]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}
