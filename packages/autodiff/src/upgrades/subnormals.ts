/**
 * @file Subnormal weights. Weight decay leaves them behind in parts of a network that it does not use, and processors
 * compute with them up to a hundred times as slowly as with other numbers.
 */

import type { Model } from '../model/model.ts';
import type { TensorValue } from '../model/tensor.ts';

/**
 * The same model with 0 in place of float32 constants below 2^-126 = 1.2e-38 in magnitude. Results change by about that times
 * what the weights multiply, which rounding swallows.
 *
 * @returns the model itself where there are none
 */
export function withoutSubnormals(model: Model): Model {
  const flushed = [...model.graph.initializers].flatMap(([name, value]) => {
    const now = flush(value);
    return now === undefined ? [] : [[name, now] as const];
  });
  if (flushed.length === 0) return model;
  return { ...model, graph: { ...model.graph, initializers: new Map([...model.graph.initializers, ...flushed]) } };
}

const EXPONENT = 0x7f800000;
const FRACTION = 0x007fffff;

function flush({ type, dims, data }: TensorValue): TensorValue | undefined {
  if (type !== 'float32' || !(data instanceof Float32Array)) return undefined;
  const words = new Int32Array(data.buffer, data.byteOffset, data.length);
  const isSubnormal = (word: number): boolean => (word & EXPONENT) === 0 && (word & FRACTION) !== 0;
  if (!words.some(isSubnormal)) return undefined;
  return { type, dims, data: data.map((number, at) => (isSubnormal(words[at]!) ? 0 : number)) };
}
