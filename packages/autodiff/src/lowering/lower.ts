/** @file Writes a gradient for the machine that runs it. */

import type { Model } from '../model/model.ts';
import { expand } from './expand.ts';
import { lowerForCpu } from './onnxruntime-cpu/lower.ts';
import { PLAIN } from './plain/rules.ts';
import { lowerForWebGpu } from './webgpu/lower.ts';

/** ONNX Runtime's CPU provider. */
export interface CpuTarget {
  /** Selects this target. */
  readonly kind: 'onnxruntime-cpu';
  /**
   * Channels per block of the layout NCHWc that the provider has on this processor: 16 with AVX-512, else 8. It decides
   * which sums are taken in which order, and so the last bits of a gradient.
   */
  readonly block: 8 | 16;
  /**
   * Whether the provider takes the operators of its layout (domain `com.microsoft.nchwc`) in a model. Convolutions whose kernel is
   * computed, as in a training, are then written in them; the runtime would leave those in its slower form. Such a graph runs on
   * processors with this block only.
   */
  readonly takesLayout?: boolean;
}

/** What a gradient is to run on. */
export type Target = CpuTarget | { readonly kind: 'webgpu' } | { readonly kind: 'plain' };

/**
 * Replaces the composite operators that {@link differentiate} leaves in a graph by standard ones, in the form that is
 * fastest on the target. Run it before a gradient is written to a file or run; a network without gradient may be lowered,
 * too. Names of inputs, outputs and constants stay.
 *
 * - `onnxruntime-cpu`: the convolutions and pools go backwards as convolutions of ONNX Runtime's blocked layout.
 * - `webgpu`: operators that the WebGPU provider of ONNX Runtime 1.30 lacks are written in others, too: `Sum`, `Mean`,
 *   `Sign`, `LogSoftmax`, and one-hot rows would run on the CPU.
 * - `plain`: any runtime that has the standard operators.
 *
 * Targets differ by rounding only.
 *
 * @param model of opset 18 or newer (see {@link upgrade})
 * @throws {@link OnnxError} if the shapes in the model do not fit together
 */
export function lower(model: Model, target: Target): Model {
  switch (target.kind) {
    case 'onnxruntime-cpu':
      return lowerForCpu(model, target.block, target.takesLayout ?? false);
    case 'webgpu':
      return lowerForWebGpu(model);
    case 'plain':
      return expand(model, PLAIN);
  }
}
