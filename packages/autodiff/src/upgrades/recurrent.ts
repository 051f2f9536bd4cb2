/**
 * @file Unrolls recurrent layers (RNN, GRU, LSTM) over sequences of known length into elementary operators, so that their
 * gradient is that of those (backpropagation through time).
 */

import type { Node } from '../model/model.ts';
import { intAttribute } from '../operators/attributes.ts';
import { RECURRENT, recurrentOf } from '../operators/recurrent.ts';
import { type Cell, cellOf, type State, type Weights } from './cells.ts';
import { refuse, type UpgradeContext, type UpgradeRule } from './types.ts';

/** A layer that cannot be unrolled stays as it is: it can be run, and `differentiate` says why it has no gradient. */
const recurrent: UpgradeRule = (node, context) => {
  const { b, op, place, isUsed } = context;
  const [x = '', inputWeights = '', recurrence = '', bias = '', , h0 = '', c0 = '', peepholes = ''] = node.inputs;
  const isKnown = (value: string): boolean => value === '' || b.isDescribed(value);
  if (!node.inputs.every(isKnown)) return node;
  const settings = recurrentOf(node, b.shape(x), (value) => b.valueOf(value));
  if (typeof settings === 'string') return node;
  if (inputWeights === '' || recurrence === '') refuse(node, 'lacks weights; export the model again');
  const { timeAxis, reversed, activations } = settings;
  const directions = reversed.length;
  const steps = Number(b.shape(x)[timeAxis]);

  /** The parts of a value along an axis of the directions, without that axis. */
  const byDirection = (value: string, axis = 0): readonly (string | undefined)[] =>
    value === '' ? reversed.map(() => undefined) : apart(context, value, axis, directions);
  const [allWeights, allRecurrences, biases, peeps] = [inputWeights, recurrence, bias, peepholes].map((value) =>
    byDirection(value),
  ) as [string[], string[], (string | undefined)[], (string | undefined)[]];
  const [firstH, firstC] = [byDirection(h0, timeAxis), byDirection(c0, timeAxis)];

  const results = reversed.map((isReversed, at) => {
    const transposed = (value: string): string => op('Transpose', [value], { perm: [1, 0] });
    const weights: Weights = {
      recurrence: transposed(allRecurrences[at]!),
      ...(peeps[at] === undefined ? {} : { peepholes: apartLast(context, peeps[at], 3) }),
    };
    let projected = op('MatMul', [x, transposed(allWeights[at]!)]);
    let recurrenceBias: string | undefined;
    if (biases[at] !== undefined) {
      const [ofInput = '', ofState = ''] = apartLast(context, biases[at], 2);
      // GRU multiplies the part of the state by the reset gate, bias included.
      if (node.opType === 'GRU' && intAttribute(node, 'linear_before_reset', 0) !== 0) recurrenceBias = ofState;
      projected = op('Add', [projected, recurrenceBias === undefined ? op('Add', [ofInput, ofState]) : ofInput]);
    }
    const given: Weights = recurrenceBias === undefined ? weights : { ...weights, recurrenceBias };
    const start: State = {
      ...(firstH[at] === undefined ? {} : { h: firstH[at] }),
      ...(firstC[at] === undefined ? {} : { c: firstC[at] }),
    };
    const parts = apart(context, projected, timeAxis, steps);
    return run(cellOf(node, context, activations[at]!), isReversed ? parts.toReversed() : parts, start, given);
  });

  const [all = '', lastH = '', lastC = ''] = node.outputs.map((output) => (isUsed(output) ? output : ''));
  const made: Node[] = [];
  if (all !== '') {
    const sequences = results.map(({ states }, at) => {
      const inOrder = reversed[at] ? states.toReversed() : states;
      const side = op('Concat', inOrder, { axis: -1 });
      return op('Reshape', [side, b.ints([0, steps, Number(b.shape(side).at(-1)) / steps])]);
    });
    // Batch x sequence x directions x hidden.
    const whole = together(context, sequences, 2);
    made.push(
      b.node(timeAxis === 0 ? 'Transpose' : 'Identity', [whole], [all], timeAxis === 0 ? { perm: [1, 2, 0, 3] } : {}),
    );
  }
  for (const [output, key] of [
    [lastH, 'h'],
    [lastC, 'c'],
  ] as const) {
    if (output === '') continue;
    const last = results.map((result) => result.last[key] ?? refuse(node, 'has no such output'));
    made.push(b.node('Identity', [together(context, last, timeAxis)], [output]));
  }
  const final = made.pop();
  for (const each of made) place(each);
  return final === undefined ? node : { ...final, name: node.name };
};

/** Runs a cell over a sequence. */
function run(
  cell: Cell,
  sequence: readonly string[],
  start: State,
  weights: Weights,
): { readonly states: readonly string[]; readonly last: State } {
  const states: string[] = [];
  let last = start;
  for (const x of sequence) {
    const next = cell(x, last, weights);
    states.push(next.h);
    last = next;
  }
  return { states, last };
}

/** The parts of a value along an axis, without that axis. */
function apart({ b, op, ops }: UpgradeContext, value: string, axis: number, count: number): readonly string[] {
  const parts =
    count === 1 ? [value] : ops('Split', [value, b.ints(new Array<number>(count).fill(1))], count, { axis });
  return parts.map((part) => op('Squeeze', [part, b.ints([axis])]));
}

/** A vector in equal parts. */
function apartLast({ b, ops }: UpgradeContext, value: string, count: number): readonly string[] {
  const size = Number(b.shape(value)[0]) / count;
  return ops('Split', [value, b.ints(new Array<number>(count).fill(size))], count, { axis: 0 });
}

/** Values of the directions along a new axis. */
function together({ b, op }: UpgradeContext, values: readonly string[], axis: number): string {
  const parts = values.map((value) => op('Unsqueeze', [value, b.ints([axis])]));
  return parts.length === 1 ? parts[0]! : op('Concat', parts, { axis });
}

export const RECURRENT_UPGRADES: Readonly<Record<string, UpgradeRule>> = Object.fromEntries(
  RECURRENT.map((opType) => [opType, recurrent]),
);
