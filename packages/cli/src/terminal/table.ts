/** @file The final table of a run. */

import type { ClassResult } from '../fool/result.ts';
import { percent } from './figures.ts';

/** More rows than this are not for a terminal; the report has them all. */
const MOST_ROWS = 24;

/**
 * Class, name, confidence, what the network answers, and file; the most certain classes and the hardest ones where there are too
 * many for a terminal.
 *
 * @param classNames of the network
 */
export function resultTable(classes: readonly ClassResult[], classNames: readonly string[]): string {
  if (classes.length <= MOST_ROWS) return tableOf(classes, classNames);
  const sorted = [...classes].sort((a, b) => b.confidence - a.confidence);
  const half = MOST_ROWS / 2;
  return [
    `The ${half} most certain of ${classes.length} classes:\n${tableOf(sorted.slice(0, half), classNames)}`,
    `The ${half} hardest:\n${tableOf(sorted.slice(-half).reverse(), classNames)}`,
  ].join('\n\n');
}

function tableOf(classes: readonly ClassResult[], classNames: readonly string[]): string {
  const rows = classes.map(({ classIndex: index, className, confidence, argmax, file }) => [
    String(index),
    clip(className),
    percent(confidence),
    argmax === index ? 'the same' : clip(classNames[argmax]!),
    file,
  ]);
  return alignColumns([['class', 'name', 'confidence', 'answer', 'file'], ...rows], [0, 2]);
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
