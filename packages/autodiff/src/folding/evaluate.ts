/** @file Evaluates a node ahead of time. */

import { type Entries, isKnown, MOST_ENTRIES } from '../model/entries.ts';
import type { Dim, Node } from '../model/model.ts';
import { ARITHMETIC_FOLDS } from './arithmetic.ts';
import { MOVEMENT_FOLDS, shapeEntries, sizeEntries } from './movement.ts';
import { REDUCTION_FOLDS } from './reduction.ts';
import { type FoldRule, Unfoldable, within } from './types.ts';

const FOLDS: Readonly<Record<string, FoldRule>> = {
  ...ARITHMETIC_FOLDS,
  ...MOVEMENT_FOLDS,
  ...REDUCTION_FOLDS,
};

/**
 * The outputs of a node, as far as they follow from what is known of its inputs; `undefined` where nothing does.
 *
 * @param entriesOf the known elements of a value
 * @param shapeOf the shape of a value, for Shape and Size
 * @param most elements of an output; larger ones are left to the runtime
 */
export function evaluate(
  node: Node,
  entriesOf: (value: string) => Entries | undefined,
  shapeOf: (value: string) => readonly Dim[] | undefined,
  most = MOST_ENTRIES,
): readonly Entries[] | undefined {
  if (node.opType === 'Shape' || node.opType === 'Size') {
    const shape = shapeOf(node.inputs[0] ?? '');
    if (shape === undefined) return undefined;
    return [node.opType === 'Shape' ? shapeEntries(node, shape) : sizeEntries(shape)];
  }
  const rule = Object.hasOwn(FOLDS, node.opType) ? FOLDS[node.opType] : undefined;
  if (rule === undefined || node.inputs.length === 0) return undefined;
  const known: (Entries | undefined)[] = [];
  for (const input of node.inputs) {
    const entries = input === '' ? undefined : entriesOf(input);
    if (input !== '' && entries === undefined) return undefined;
    known.push(entries);
  }
  const input = (index: number): Entries => {
    const entries = known[index];
    if (entries === undefined) throw new Unfoldable();
    return entries;
  };
  try {
    return within(most, () =>
      rule({
        node,
        input,
        has: (index) => known[index] !== undefined,
        numbers(index) {
          const { data } = input(index);
          if (!isKnown(data)) throw new Unfoldable();
          return data;
        },
      }),
    );
  } catch (error) {
    if (error instanceof Unfoldable) return undefined;
    throw error;
  }
}
