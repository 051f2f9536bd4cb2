/** @file Quantized logits as real numbers. */

import type { GraphBuilder } from '../builder/builder.ts';
import type { Model } from '../model/model.ts';
import { typeCode } from '../model/tensor.ts';
import type { ClassScores } from './logits.ts';

/**
 * Adds what the logits are as real numbers: (integer - zero point) scale where they are quantized, else the logits as they are.
 *
 * @param b holds the model, or its form in floats (see {@link straightThrough}), in which the integers are floats already
 * @param model in which {@link findLogits} found the scores
 * @returns name of the value, of the shape of `scores.logits`
 */
export function realLogits(
  b: GraphBuilder,
  { graph }: Model,
  { logits, quantization }: Pick<ClassScores, 'logits' | 'quantization'>,
): string {
  if (quantization === undefined) return logits;
  /** Constants that the form in floats has no use for are added again. */
  const kept = (name: string): string => (b.has(name) ? name : b.initializer(name, graph.initializers.get(name)!));
  const float = (integers: string): string => b.op('Cast', [integers], { to: typeCode('float32') });
  const { scale, zeroPoint } = quantization;
  const centered = zeroPoint === '' ? float(logits) : b.op('Sub', [float(logits), float(kept(zeroPoint))]);
  return b.op('Mul', [centered, kept(scale)]);
}
