/** @file Which operators a model may contain. */

import { QuantizedModelError, UnknownOperatorError } from '../errors.ts';
import type { Model } from '../model/model.ts';
import { OPERATORS } from './table.ts';

/** The newest opset that ONNX Runtime 1.30 reads. */
export const NEWEST_OPSET = 26;

/**
 * Rejects models with operators that cannot be handled.
 *
 * @param isForeign whether an operator that is not in the table is accepted
 * @throws QuantizedModelError if the model computes with quantized numbers
 * @throws UnknownOperatorError if it has operators that are neither standard nor supported
 */
export function checkOperators({ graph }: Model, isForeign: (opType: string) => boolean): void {
  const named = graph.nodes.map(({ opType, name }) => ({ opType, node: name, why: '' }));
  const quantized = named.filter(({ opType }) => OPERATORS.get(opType)?.quantized === true);
  if (quantized.length > 0) throw new QuantizedModelError(quantized);
  const unknown = named.filter(
    ({ opType }) => OPERATORS.get(opType)?.composite !== undefined || (!OPERATORS.has(opType) && !isForeign(opType)),
  );
  if (unknown.length > 0) throw new UnknownOperatorError(unknown);
}
