/** @file Markdown in which text from models and files makes no markup, notifies nobody and links nowhere. */

import { formatCount } from '../../format/format.ts';
import { plainText } from './plain-text.ts';

/** GitHub takes comments of 65,536 characters. */
export const MOST = 65_000;

/** How many rows a table has: the most with which all of it is short enough. */
const ROWS = [500, 200, 100, 50, 20, 10, 5];

/** Characters of one cell. */
export const LONGEST = 400;

/** A text whose tables have as many rows as there is room for. */
export function fitted(parts: (rows: number) => readonly string[]): string {
  let text = '';
  for (const rows of ROWS) {
    text = `${parts(rows).join('\n\n')}\n`;
    if (text.length <= MOST) break;
  }
  return text;
}

/** A span of code. Backticks end one, whatever stands before them. */
export function code(text: string): string {
  return `\`${unnotified(plainText(text, LONGEST)).replaceAll('`', "'")}\``;
}

/** A part that is folded away. */
export function folded(summary: string, text: string): string {
  return `<details><summary>${summary}</summary>\n\n${text}\n\n</details>`;
}

/** A table of texts, which are escaped, of so many rows at most. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], most: number): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const body = rows.slice(0, most).map((cells) => line(cells.map((cell) => escaped(cell))));
  return `${[line(head), `|${' --- |'.repeat(head.length)}`, ...body].join('\n')}${more(rows, most)}`;
}

/** How many there are more than are told. */
export function more(all: readonly unknown[], most: number): string {
  return all.length <= most ? '' : `\n\nand ${formatCount(all.length - most)} more, in the report`;
}

/** Text that means nothing to Markdown or HTML, on one line. */
export function escaped(value: string, longest = LONGEST): string {
  return unnotified(plainText(value, longest))
    .replace(/[\\`*_[\]|~{}()!]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

/** What GitHub makes links and notifications of, also where Markdown's characters are escaped: a space without a width stops it. */
export function unnotified(text: string): string {
  return text.replace(/@(?=\w)|#(?=\d)|\bGH-(?=\d)|:(?=\/\/)|\bwww(?=\.)/gi, '$&\u200b');
}
