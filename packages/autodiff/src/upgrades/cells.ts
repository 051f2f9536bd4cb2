/** @file One step of each recurrent cell (ONNX operators RNN, GRU and LSTM), as elementary operators. */

import type { Node } from '../model/model.ts';
import { intAttribute } from '../operators/attributes.ts';
import type { Activation } from '../operators/recurrent.ts';
import type { UpgradeContext } from './types.ts';

/** What a cell passes on; `undefined` before the first step, where it is zero. */
export interface State {
  /** `batch x hidden`. */
  readonly h?: string;
  /** The cell state of LSTM: `batch x hidden`. */
  readonly c?: string;
}

/** The weights of one direction. */
export interface Weights {
  /** Of the state, transposed: `hidden x (gates * hidden)`. */
  readonly recurrence: string;
  /** Added to the product of state and weights; absent where it is added to that of the input already. */
  readonly recurrenceBias?: string;
  /** LSTM's peepholes for input, output and forget gate. */
  readonly peepholes?: readonly string[];
}

/** @param x product of the input and its weights, with the bias: `batch x (gates * hidden)` */
export type Cell = (x: string, state: State, weights: Weights) => State & { readonly h: string };

/** The activation of a value. */
export function activated({ b, op }: UpgradeContext, { name, alpha, beta }: Activation, x: string): string {
  switch (name) {
    case 'affine':
      return op('Add', [op('Mul', [x, b.scalar(alpha)]), b.scalar(beta)]);
    case 'scaledtanh':
      return op('Mul', [op('Tanh', [op('Mul', [x, b.scalar(beta)])]), b.scalar(alpha)]);
    case 'elu':
      return op('Elu', [x], { alpha });
    case 'hardsigmoid':
      return op('HardSigmoid', [x], { alpha, beta });
    case 'leakyrelu':
      return op('LeakyRelu', [x], { alpha });
    case 'thresholdedrelu':
      return op('ThresholdedRelu', [x], { alpha });
    default:
      return op({ relu: 'Relu', sigmoid: 'Sigmoid', softplus: 'Softplus', softsign: 'Softsign' }[name] ?? 'Tanh', [x]);
  }
}

/** The cell of a node, for one direction. */
export function cellOf(node: Node, context: UpgradeContext, activations: readonly Activation[]): Cell {
  const { b, op, ops } = context;
  const through =
    (place: number) =>
    (x: string): string =>
      activated(context, activations[place]!, x);
  const [f, g, h] = [through(0), through(1), through(2)];
  const gates = (x: string, count: number): readonly string[] => {
    const size = Number(b.shape(x).at(-1)) / count;
    return ops('Split', [x, b.ints(new Array<number>(count).fill(size))], count, { axis: -1 });
  };
  const plus = (x: string, y: string | undefined): string => (y === undefined ? x : op('Add', [x, y]));
  const times = (x: string, y: string | undefined): string | undefined =>
    y === undefined ? undefined : op('Mul', [x, y]);
  const fromState = (state: string | undefined, { recurrence, recurrenceBias }: Weights): string | undefined =>
    state === undefined ? recurrenceBias : plus(op('MatMul', [state, recurrence]), recurrenceBias);
  /** 1 - gate. */
  const rest = (gate: string): string => op('Sub', [b.scalar(1), gate]);

  const rnn: Cell = (x, state, weights) => ({ h: f(plus(x, fromState(state.h, weights))) });

  /** Update gate z, reset gate r, and the proposed state. */
  const gru: Cell = (x, state, weights) => {
    const [xz = '', xr = '', xh = ''] = gates(x, 3);
    let z: string;
    let proposed: string;
    if (weights.recurrenceBias !== undefined || intAttribute(node, 'linear_before_reset', 0) !== 0) {
      const product = fromState(state.h, weights);
      const [hz, hr, hh] = product === undefined ? [] : gates(product, 3);
      z = f(plus(xz, hz));
      proposed = g(hh === undefined ? xh : plus(xh, times(f(plus(xr, hr)), hh)));
    } else if (state.h === undefined) {
      z = f(xz);
      proposed = g(xh);
    } else {
      const [rz = '', rr = '', rh = ''] = gates(weights.recurrence, 3);
      z = f(plus(xz, op('MatMul', [state.h, rz])));
      const reset = op('Mul', [f(plus(xr, op('MatMul', [state.h, rr]))), state.h]);
      proposed = g(plus(xh, op('MatMul', [reset, rh])));
    }
    return { h: plus(op('Mul', [rest(z), proposed]), times(z, state.h)) };
  };

  /** Input gate i, output gate o, forget gate f and the proposed cell state; in this order in the weights. */
  const lstm: Cell = (x, state, weights) => {
    const [atI = '', atO = '', atF = '', atC = ''] = gates(plus(x, fromState(state.h, weights)), 4);
    const [pi, po, pf] = weights.peepholes ?? [];
    const peek = (gate: string, peephole: string | undefined, c: string | undefined): string =>
      peephole === undefined || c === undefined ? gate : plus(gate, op('Mul', [peephole, c]));
    const input = f(peek(atI, pi, state.c));
    const kept = (): string => (intAttribute(node, 'input_forget', 0) !== 0 ? rest(input) : f(peek(atF, pf, state.c)));
    const proposed = op('Mul', [input, g(atC)]);
    const c = state.c === undefined ? proposed : plus(proposed, times(kept(), state.c));
    return { h: op('Mul', [f(peek(atO, po, c)), h(c)]), c };
  };
  return { GRU: gru, LSTM: lstm, RNN: rnn }[node.opType]!;
}
