/** @file Cells of tables for spreadsheets (RFC 4180). */

import { plainText } from './plain-text.ts';

/** A cell of text. Spreadsheets take what begins like this for a formula, also behind a quote; an apostrophe stops them. */
export function csvText(text: string): string {
  const plain = plainText(text);
  const guarded = /^[\s'"]*[=+\-@|%＝＋－＠]/.test(plain) ? `'${plain}` : plain;
  return /[^\w .@:/-]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

/** A cell of a number with all its digits; empty where there is none. */
export function csvNumber(value: number | undefined | null): string {
  return value == null ? '' : String(value);
}

/** Lines of cells that are made fit already. */
export function csvLines(rows: readonly (readonly string[])[]): string {
  return rows.map((cells) => `${cells.join(',')}\r\n`).join('');
}
