/** @file The value of a function and its gradient as one graph, with something to feed it. */

import { GraphBuilder } from '../builder/builder.ts';
import { differentiate } from '../differentiate.ts';
import type { Model } from '../model/model.ts';
import { OPERATORS } from '../operators/table.ts';
import { declareOperands, type Subject } from './finite-differences.ts';
import { type Sample, sample } from './samples.ts';

/**
 * The value and its gradient with respect to every operand, with the inputs.
 *
 * @param name of the operator, which decides the opset
 */
export function gradientGraph(
  name: string,
  subject: Subject,
): { readonly model: Model; readonly feeds: Record<string, Sample> } {
  const b = new GraphBuilder(name, OPERATORS.get(name)?.since);
  declareOperands(b, subject);
  const y = subject.build(b);
  const inputs = Object.entries(subject.operands).filter(([name]) => !(subject.constants ?? []).includes(name));
  b.input('cotangent', 'float32', b.shape(y));
  b.output(b.op('Identity', [y], {}, 'value'));
  const wrt = subject.wrt ?? inputs.map(([name]) => name);
  for (const [index, gradient] of differentiate(b, y, 'cotangent', wrt).entries()) {
    b.output(b.op('Identity', [gradient], {}, `gradient of ${wrt[index]}`));
  }
  const batch = inputs[0]![1].dims[0]!;
  const dims = b.shape(y).map((dim) => (typeof dim === 'number' ? dim : batch));
  return { model: b.build(), feeds: { ...Object.fromEntries(inputs), cotangent: sample(77, dims) } };
}
