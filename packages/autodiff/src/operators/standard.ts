/** @file Which operators a model may contain. */

import { QuantizedModelError, UnknownOperatorError } from '../errors.ts';
import type { Model } from '../model/model.ts';
import { isQuantized } from './quantized.ts';
import { OPERATORS } from './table.ts';

/** The newest opset that ONNX Runtime 1.30 reads. */
export const NEWEST_OPSET = 26;

/**
 * Rejects models with operators that cannot be handled.
 *
 * @param isForeign whether an operator that is not in the table is accepted
 * @throws UnknownOperatorError if it has operators that are neither standard nor supported
 */
export function checkOperators({ graph }: Model, isForeign: (opType: string) => boolean): void {
  const named = graph.nodes.map(({ opType, name }) => ({ opType, node: name, why: '' }));
  const unknown = named.filter(
    ({ opType }) => OPERATORS.get(opType)?.composite !== undefined || (!OPERATORS.has(opType) && !isForeign(opType)),
  );
  if (unknown.length > 0) throw new UnknownOperatorError(unknown);
}

/**
 * Rejects quantized models, where weights are to be changed.
 *
 * @throws QuantizedModelError if the model computes with quantized numbers
 */
export function refuseQuantized({ graph }: Model): void {
  const quantized = graph.nodes.filter(({ opType }) => isQuantized(opType));
  if (quantized.length > 0) {
    throw new QuantizedModelError(quantized.map(({ opType, name }) => ({ opType, node: name, why: '' })));
  }
}
