/** @file Gradient graphs for the runtime that is to run them. */

import { type Target as Form, lower, type Model } from '@pareidolia/autodiff';
import { InputError } from '@pareidolia/core';

export const TARGETS = ['plain', 'cpu', 'webgpu'] as const;

/**
 * `plain`: standard operators only, for any runtime. `cpu`: for ONNX Runtime on a processor like this one. `webgpu`: for its
 * WebGPU provider.
 */
export type Target = (typeof TARGETS)[number];

/**
 * The same computation in the operators that suit a target; inputs and outputs keep their names.
 *
 * @throws InputError where `plain` is asked for and an operator is not standard ONNX
 */
export function lowered(model: Model, form: Form): Model {
  const written = lower(model, form);
  if (form.kind === 'plain') requireStandard(written);
  return written;
}

/** A form for files: the operators of ONNX Runtime's layout run on processors like this one only, and are no public interface. */
export function withoutLayout(form: Form): Form {
  return form.kind === 'onnxruntime-cpu' ? { kind: form.kind, block: form.block } : form;
}

function requireStandard({ graph }: Model): void {
  const others = new Set(graph.nodes.map(({ opType }) => opType).filter((opType) => opType.includes('.')));
  if (others.size === 0) return;
  throw new InputError(
    `The gradient has operators that are not standard ONNX (${[...others].join(', ')}); add --target cpu, for ONNX Runtime`,
  );
}
