/** @file Brings a model to the form that built graphs are written in, so that one set of rules serves all. */

import type { Model } from '../model/model.ts';
import { rewrite } from './rewrite.ts';

/**
 * The same network in opset 18 or newer and in float32, with what is known beforehand folded: shape arithmetic, branches with a
 * known condition, copies of constants. Operators that ONNX Runtime's optimizer fuses (`com.microsoft`) become standard ones.
 *
 * Half and double precision become float32, also those of inputs and outputs: the network of a float16 file is calculated more
 * finely than by the file, that of a float64 file less so. Names of values and constants stay; values that are folded are
 * constants under their names.
 *
 * @returns the model itself where there is nothing to do
 * @throws OnnxError where a node means something that the newer opset cannot say
 * @throws QuantizedModelError, UnknownOperatorError naming all operators in the way
 */
export function upgrade(model: Model): Model {
  return rewrite(model, model.graph.inputs);
}
