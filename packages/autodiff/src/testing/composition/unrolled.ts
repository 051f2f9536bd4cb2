/** @file Steps of operators that `upgrade` rewrites into others: recurrent layers, loops, centered crops. */

import type { Node } from '../../model/model.ts';
import type { TensorValue } from '../../model/tensor.ts';
import { addUpgraded, body, writtenNode } from '../upgraded.ts';
import type { Step, StepContext } from './step.ts';

/** The rows of each image as a sequence: `height x N x (channels * width)`. */
function sequence({ b, x, shape }: StepContext): string {
  const rows = b.op('Transpose', [x], { perm: [2, 0, 1, 3] });
  return b.op('Reshape', [rows, b.ints([0, 0, shape[1] * shape[3]])]);
}

/** A recurrent layer of 2 units over the rows of each image. */
const recurrent =
  (opType: string, gates: number): Step =>
  (context) => {
    const { b, shape, draw, parameter } = context;
    const direction = ['forward', 'reverse', 'bidirectional'][draw(3)]!;
    const directions = direction === 'bidirectional' ? 2 : 1;
    const size = shape[1] * shape[3];
    // States stay small, also where the input is large.
    const reach = 1 / Math.sqrt(size);
    const weights = [
      parameter([directions, 2 * gates, size], -reach, reach),
      parameter([directions, 2 * gates, 2], -0.5, 0.5),
      draw(2) === 0 ? '' : parameter([directions, 4 * gates]),
    ];
    const batchFirst = draw(2);
    const x = sequence(context);
    const input = batchFirst === 1 ? b.op('Transpose', [x], { perm: [1, 0, 2] }) : x;
    const node = writtenNode(opType, [input, ...weights], ['y'], {
      hidden_size: ['int', 2],
      direction: ['string', direction],
      layout: ['int', batchFirst],
      ...(opType === 'GRU' ? { linear_before_reset: ['int', draw(2)] } : {}),
    });
    const [y = ''] = addUpgraded(b, node);
    // N x directions x height x 2.
    return b.op('Transpose', [y], { perm: batchFirst === 1 ? [0, 2, 1, 3] : [2, 1, 0, 3] });
  };

/** A node whose body is h <- tanh(h * factor + row). */
function loopOver(b: StepContext['b'], opType: string, inputs: readonly string[], factor: string, row: string): Node {
  const isLoop = opType === 'Loop';
  const graph = body(
    isLoop ? ['i', 'on', 'h'] : ['h', 'row'],
    [
      writtenNode('Mul', ['h', factor], ['scaled']),
      writtenNode('Add', ['scaled', isLoop ? row : 'row'], ['sum']),
      writtenNode('Tanh', ['sum'], ['next']),
      writtenNode('Sin', ['next'], ['seen']),
    ],
    isLoop ? ['on', 'next', 'seen'] : ['next', 'seen'],
    {},
    isLoop ? { i: 'int64', on: 'bool' } : {},
  );
  const more = isLoop ? {} : ({ num_scan_inputs: ['int', 1], scan_input_axes: ['ints', [2]] } as const);
  return { ...writtenNode(opType, inputs, ['h', 'all'], { body: ['graph', graph], ...more }), name: b.unique(opType) };
}

const trips: TensorValue = { type: 'int64', dims: [], data: BigInt64Array.of(3n) };

export const UNROLLED_STEPS: Readonly<Record<string, Step>> = {
  CenterCropPad: ({ b, x, shape, draw }) => {
    const sizes = b.ints([1 + draw(shape[2] + 2), 1 + draw(shape[3] + 2)]);
    return addUpgraded(b, writtenNode('CenterCropPad', [x, sizes], ['y'], { axes: ['ints', [2, -1]] }))[0]!;
  },
  GRU: recurrent('GRU', 3),
  LSTM: recurrent('LSTM', 4),
  Loop: ({ b, x, shape, parameter, draw }) => {
    const factor = parameter([shape[1], 1, 1]);
    const start = b.op('Sin', [x]);
    const [h = '', all = ''] = addUpgraded(b, loopOver(b, 'Loop', [b.constant(trips), '', start], factor, x), [
      factor,
      x,
    ]);
    return draw(2) === 0 ? h : b.op('ReduceMean', [all, b.ints([0])], { keepdims: 0 });
  },
  RNN: recurrent('RNN', 1),
  Scan: ({ b, x, parameter, draw }) => {
    const factor = parameter([]);
    const start = b.op('ReduceMean', [x, b.ints([2])], { keepdims: 0 });
    const [h = '', all = ''] = addUpgraded(b, loopOver(b, 'Scan', [start, x], factor, ''), [factor]);
    return draw(2) === 0 ? b.op('Unsqueeze', [h, b.ints([2])]) : b.op('Transpose', [all], { perm: [1, 2, 0, 3] });
  },
};
