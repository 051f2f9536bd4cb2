/** @file Brings models of any opset to one form, so that one set of rules serves all. */

import { sound } from '../errors.ts';
import type { Model } from '../model/model.ts';
import type { ShapeRules } from '../shapes/types.ts';
import { rewrite } from './rewrite.ts';
import { withoutSubnormals } from './subnormals.ts';

/**
 * The same network in opset 18 or newer and in float32.
 *
 * - Operators of opset 7 to 17 are rewritten as those of opset 18 (ONNX operator changelog); a newer opset, up to 26,
 *   stays.
 * - float16 and float64 become float32, for inputs and outputs too, so results differ from the file's by rounding.
 * - Operators that ONNX Runtime's optimizer fuses (`com.microsoft`) are split into standard ones.
 * - Recurrent layers (RNN, GRU, LSTM) over sequences of known length, `Loop` whose number of iterations is known, and `Scan`
 *   over axes of known length are unrolled.
 * - Weights below 1.2e-38 in magnitude (subnormal numbers) become 0: they slow a network down up to a hundred times.
 * - Shape arithmetic, copies of constants, and `If` nodes whose condition is known are folded.
 *
 * Quantized operators stay as they are: the file's own arithmetic is what scores; {@link straightThrough} has the form for
 * gradients.
 *
 * Values and constants keep their names; a folded value becomes a constant under its name.
 *
 * @param options `shapes`: shape rules by operator type, for operators that are not known here; these pass as they are
 * @returns the model itself if there is nothing to change
 * @throws {@link OnnxError} if a node cannot be expressed in the newer opset, or the opset is above 26
 * @throws {@link UnknownOperatorError} if it has operators that are neither standard, nor quantized, nor known contrib operators,
 *   nor have a given rule
 */
export function upgrade(model: Model, options: { readonly shapes?: ShapeRules } = {}): Model {
  return sound(() => withoutSubnormals(rewrite(model, model.graph.inputs, options)));
}
