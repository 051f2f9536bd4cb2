/** @file The final table of a run. */

import type { ClassResult } from '../fool/result.ts';
import { percent } from './figures.ts';

/** More rows than this are not for a terminal; the report has them all. */
const MOST_ROWS = 24;

/**
 * Class, name, confidence, what the network answers, and file; the least certain classes where there are too many for a
 * terminal.
 *
 * @param classNames of the network
 */
export function resultTable(classes: readonly ClassResult[], classNames: readonly string[]): string {
  const shown =
    classes.length <= MOST_ROWS
      ? classes
      : [...classes].sort((a, b) => a.confidence - b.confidence).slice(0, MOST_ROWS);
  const rows = shown.map(({ classIndex: index, className, confidence, argmax, file }) => [
    String(index),
    clip(className),
    percent(confidence),
    argmax === index ? 'the same' : clip(classNames[argmax]!),
    file,
  ]);
  const table = alignColumns([['class', 'name', 'confidence', 'answer', 'file'], ...rows], [0, 2]);
  const more = classes.length - shown.length;
  return more === 0 ? table : `The ${MOST_ROWS} least certain of ${classes.length} classes:\n${table}`;
}

/** @param right the columns that are set flush right */
export function alignColumns(rows: readonly (readonly string[])[], right: readonly number[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => [...row[column]!].length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => {
          const gap = ' '.repeat(widths[column]! - [...cell].length);
          return right.includes(column) ? gap + cell : cell + gap;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A name from a model, on one line and not too long; its control characters must not reach the terminal. */
export function clip(label: string): string {
  const clean = [...label.replaceAll(/\p{Cc}/gu, ' ')];
  return clean.length <= 28 ? clean.join('') : `${clean.slice(0, 27).join('')}…`;
}
