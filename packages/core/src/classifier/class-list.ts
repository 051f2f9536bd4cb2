/** @file A choice of classes, as a user writes it. */

import { InputError } from '../errors.ts';
import { suggestion } from '../settings/names.ts';

/**
 * Reads a choice of classes: `all`, or a list by commas of numbers from 0, ranges (`3-7`, both ends included) and names.
 * A name may be shortened to the part before its first comma, and case does not matter. A number is the class of that name,
 * where there is one, and else the place of a class.
 *
 * @param classNames of the network, in the order of its classes
 * @returns the classes, ascending, each once
 * @throws InputError where a class is unknown
 */
export function parseClasses(text: string, classNames: readonly string[]): number[] {
  if (text.trim().toLowerCase() === 'all') return classNames.map((_, index) => index);
  const whole = byName(text, classNames);
  if (whole.length > 0) return whole;
  const chosen = new Set<number>();
  for (const item of text.split(',')) {
    for (const index of parseItem(item.trim(), classNames)) chosen.add(index);
  }
  return [...chosen].sort((a, b) => a - b);
}

function parseItem(item: string, classNames: readonly string[]): number[] {
  const range = /^(\d+)(?:\s*-\s*(\d+))?$/.exec(item);
  if (range !== null) {
    const from = Number(range[1]);
    const to = Number(range[2] ?? range[1]);
    if (from > to) throw new InputError(`The range of classes ${item} runs backwards; write ${to}-${from}`);
    const numbers = Array.from({ length: Math.min(to - from, classNames.length) + 1 }, (_, i) => from + i);
    const classes = numbers.flatMap((number) => byNumber(number, item, classNames));
    if (to - from <= classNames.length && !classes.includes(undefined)) return classes as number[];
  }
  const found = byName(item, classNames);
  if (found.length > 0) return found;
  // Names of ImageNet's kind are several for one class, by commas.
  const parts = [...new Set(classNames.flatMap((name) => [name, ...name.split(',')]).map((name) => name.trim()))];
  throw new InputError(
    `The network has no class "${item}"${suggestion(item, parts)}; give numbers from 0 to ${classNames.length - 1}, ranges like 1-5, or names like "${classNames[0]}"`,
  );
}

/** @param item as written, which may have zeros in front */
function byNumber(number: number, item: string, classNames: readonly string[]): (number | undefined)[] {
  const named = [item, String(number)]
    .map((name) => classNames.flatMap((own, index) => (own.trim() === name ? [index] : [])))
    .find((found) => found.length > 0);
  return named ?? [number < classNames.length ? number : undefined];
}

function byName(text: string, classNames: readonly string[]): number[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '' || /^\d+$/.test(wanted)) return [];
  const matches = (part: (name: string) => string): number[] =>
    classNames.flatMap((name, index) => (part(name.toLowerCase()).trim() === wanted ? [index] : []));
  const exact = matches((name) => name);
  return exact.length > 0 ? exact : matches((name) => name.split(',', 1)[0]!);
}
