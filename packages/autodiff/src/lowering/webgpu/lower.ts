/**
 * @file Lowers a graph for WebGPU. ONNX Runtime runs an operator that its WebGPU provider lacks on the CPU instead, and
 * copies all of its inputs and outputs there and back: correct, but slow in the middle of a network.
 */

import type { Model } from '../../model/model.ts';
import { expand } from '../expand.ts';
import { WEBGPU } from './rules.ts';

/**
 * The same computation in operators that ONNX Runtime 1.30's WebGPU provider supports. Results are equal, up to rounding
 * in `LogSoftmax` and `Mean`.
 */
export function lowerForWebGpu(model: Model): Model {
  return expand(model, WEBGPU);
}
