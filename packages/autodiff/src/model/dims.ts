/** @file Arithmetic on shapes with open axes. */

import type { Dim } from './model.ts';

/** The number of elements of a shape: a number times open lengths. */
export function product(shape: readonly Dim[]): { readonly known: number; readonly open: readonly string[] } {
  let known = 1;
  const open: string[] = [];
  for (const dim of shape) {
    if (typeof dim === 'number') known *= dim;
    else open.push(dim);
  }
  return { known, open };
}

/** The quotient of two element counts as one axis; `?` where it is not known. */
export function quotient(all: readonly Dim[], part: readonly Dim[]): Dim {
  const whole = product(all);
  const divisor = product(part);
  const open = [...whole.open];
  for (const symbol of divisor.open) {
    const at = open.indexOf(symbol);
    if (symbol === '?' || at < 0) return '?';
    open.splice(at, 1);
  }
  const known = whole.known / divisor.known;
  if (open.length === 0) return Number.isInteger(known) ? known : '?';
  return open.length === 1 && known === 1 ? open[0]! : '?';
}

/** Whether two lengths are certain to be equal; two unknown ones (`?`) never are. */
export function isSameLength(a: Dim | undefined, b: Dim | undefined): boolean {
  return a === b && a !== undefined && a !== '?';
}

/**
 * Broadcasts shapes as NumPy does; `undefined` where they do not fit. Of two open lengths either may be 1, so unless they
 * have one name the result is `?`.
 */
export function broadcast(shapes: readonly (readonly Dim[])[]): Dim[] | undefined {
  const rank = shapes.reduce((most, shape) => Math.max(most, shape.length), 0);
  const result: Dim[] = [];
  for (let axis = 0; axis < rank; axis++) {
    let dim: Dim = 1;
    for (const shape of shapes) {
      const at = axis - rank + shape.length;
      const other = at < 0 ? 1 : shape[at]!;
      if (other === 1 || other === dim) continue;
      if (dim === 1) dim = other;
      else if (typeof dim === 'number' && typeof other === 'number') return undefined;
      else if (typeof other === 'number') dim = other;
      else if (typeof dim !== 'number') dim = '?';
    }
    result.push(dim);
  }
  return result;
}

/** An axis counted from the front. */
export function normalAxis(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}
