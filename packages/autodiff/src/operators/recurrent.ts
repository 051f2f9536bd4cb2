/** @file The settings of recurrent layers (RNN, GRU, LSTM), and whether they can be unrolled. */

import type { Dim, Node } from '../model/model.ts';
import type { TensorValue } from '../model/tensor.ts';
import { intAttribute, stringAttribute } from './attributes.ts';
import { MOST_UNROLLED } from './unrolling.ts';

/** An activation function with its parameters. */
export interface Activation {
  /** In lower case; one of {@link ACTIVATIONS}. */
  readonly name: string;
  readonly alpha: number;
  readonly beta: number;
}

/** A parameter's default; `required` where the standard and ONNX Runtime 1.30 do not agree on one. */
type Default = number | 'required';

/** The activation functions that the standard names, with their parameters. */
const ACTIVATIONS: Readonly<Record<string, { readonly alpha?: Default; readonly beta?: Default }>> = {
  affine: { alpha: 'required', beta: 'required' },
  elu: { alpha: 1 },
  hardsigmoid: { alpha: 0.2, beta: 0.5 },
  leakyrelu: { alpha: 0.01 },
  relu: {},
  scaledtanh: { alpha: 'required', beta: 'required' },
  sigmoid: {},
  softplus: {},
  softsign: {},
  tanh: {},
  thresholdedrelu: { alpha: 'required' },
};

/** The default activations of each cell. */
const CELLS: Readonly<Record<string, readonly string[]>> = {
  GRU: ['Sigmoid', 'Tanh'],
  LSTM: ['Sigmoid', 'Tanh', 'Tanh'],
  RNN: ['Tanh'],
};

/** The operators that are recurrent layers. */
export const RECURRENT: readonly string[] = Object.keys(CELLS);

/** The settings of a recurrent layer. */
export interface Recurrent {
  /** Whether each direction, in the order of the weights, goes from the end of the sequence to its start. */
  readonly reversed: readonly boolean[];
  /** The axis of the sequence in X; that of the batch is the other of 0 and 1. */
  readonly timeAxis: 0 | 1;
  /** For each direction, its activations. */
  readonly activations: readonly (readonly Activation[])[];
}

/** The settings of a recurrent layer, or what is wrong with them. */
function settingsOf(node: Node): Recurrent | string {
  const activations = CELLS[node.opType]!;
  const direction = stringAttribute(node, 'direction', 'forward');
  const reversed = { forward: [false], reverse: [true], bidirectional: [false, true] }[direction];
  if (reversed === undefined) return `it has the direction ${direction}, which is none`;
  const written = node.attributes.get('activations');
  const names =
    written?.kind === 'strings' && written.value.length > 0 ? written.value : reversed.flatMap(() => activations);
  const wanted = activations.length * reversed.length;
  if (names.length !== wanted) return `it has ${names.length} activations instead of ${wanted}`;
  // Each list has values only for those functions that have such a parameter, in their order.
  const [alphas, betas] = ['activation_alpha', 'activation_beta'].map((name) => {
    const values = node.attributes.get(name);
    return values?.kind === 'floats' ? [...values.value] : [];
  }) as [number[], number[]];
  const all: Activation[] = [];
  for (const given of names) {
    const name = given.toLowerCase();
    if (!Object.hasOwn(ACTIVATIONS, name)) return `it has the activation ${given}, which the standard does not name`;
    const parameters = ACTIVATIONS[name]!;
    const alpha = parameters.alpha === undefined ? 0 : (alphas.shift() ?? parameters.alpha);
    const beta = parameters.beta === undefined ? 0 : (betas.shift() ?? parameters.beta);
    if (alpha === 'required' || beta === 'required') return `its activation ${given} lacks a parameter`;
    all.push({ name, alpha, beta });
  }
  return {
    reversed,
    timeAxis: intAttribute(node, 'layout', 0) === 0 ? 0 : 1,
    activations: reversed.map((_, at) => all.slice(at * activations.length, (at + 1) * activations.length)),
  };
}

/** Operators that a step becomes, about. */
const NODES_PER_STEP = 16;

/**
 * The settings of a recurrent layer that can be unrolled into elementary operators, or why it cannot be.
 *
 * @param shape of the input X; `undefined` where it is not known
 * @param constantOf the constant of a name
 */
export function recurrentOf(
  node: Node,
  shape: readonly Dim[] | undefined,
  constantOf: (value: string) => TensorValue | undefined,
): Recurrent | string {
  const settings = settingsOf(node);
  if (typeof settings === 'string') return settings;
  if (shape?.length !== 3) return 'the shape of its input is not known';
  const count = shape[settings.timeAxis];
  if (typeof count !== 'number') return 'the length of its sequences is open';
  if (count === 0) return 'its sequences are empty';
  if (node.attributes.has('clip')) return 'it clips what enters its activations';
  const lengths = node.inputs[4] ?? '';
  if (lengths !== '') {
    const known = constantOf(lengths)?.data;
    if (known === undefined) return 'the lengths of its sequences are computed';
    if (Array.from(known as ArrayLike<number | bigint>, Number).some((length) => length !== count)) {
      return 'its sequences are shorter than its input';
    }
  }
  const steps = count * settings.reversed.length;
  if (steps * NODES_PER_STEP > MOST_UNROLLED) return `its ${steps} steps would become too many operators`;
  return settings;
}
