/** @file Splitting the channels of a cotangent: in the pass that computes it, where that is possible. */

import type { GraphBuilder } from '../../builder/builder.ts';
import type { TensorValue } from '../../model/tensor.ts';
import { intAttribute } from '../../operators/attributes.ts';
import type { CpuContext } from './context.ts';
import { type MergedPhases, mergePhases } from './phases.ts';

/** The parts; `undefined` to split as the node says. */
export function splitChannels(context: CpuContext): readonly (string | undefined)[] | undefined {
  const { b, node, originals, mergedPhases, layout, masked, uses } = context;
  const [whole = '', lengths = ''] = node.inputs;
  if (masked.has(originals[0]!)) for (const part of node.outputs) masked.add(part);
  const sizes = b.valueOf(lengths);
  if (intAttribute(node, 'axis', 0) !== 1 || sizes === undefined) return undefined;
  if (!b.isDescribed(whole) || b.shape(whole).length !== 4) return undefined;
  const counts = Array.from(sizes.data as BigInt64Array, Number);
  const maker = b.makerOf(whole);
  const kernel = maker?.opType === 'Conv' ? b.valueOf(maker.inputs[1]!) : undefined;
  const isPlain = maker?.inputs.length === 2 && intAttribute(maker, 'group', 1) === 1 && uses(originals[0]!) === 1;
  const merged = mergedPhases.get(whole);
  if (maker !== undefined && kernel?.type === 'float32' && isPlain) {
    let from = 0;
    return counts.map((count, index) => {
      const part = outputChannels(kernel, from, count);
      from += count;
      if (uses(node.outputs[index]!) === 0) return undefined;
      const output = b.unique('Conv_part');
      b.add({ ...maker, name: b.unique('Conv'), inputs: [maker.inputs[0]!, b.constant(part)], outputs: [output] });
      return output;
    });
  }
  return merged && channelsOf(b, layout.block, merged, counts);
}

/** Splits the channels of a merged cotangent in the crop that it gets anyway. */
function channelsOf(
  b: GraphBuilder,
  block: number,
  { phases, part }: MergedPhases,
  sizes: readonly number[],
): readonly string[] {
  let start = 0;
  return sizes.map((size) => {
    const from = start;
    start += size;
    return mergePhases(b, block, phases, {
      from: [from, ...part.from.slice(1)],
      to: [start, ...part.to.slice(1)],
    });
  });
}

/** Some of the output channels of a kernel. */
function outputChannels({ type, dims, data }: TensorValue, from: number, count: number): TensorValue {
  const size = dims.slice(1).reduce((product, dim) => product * dim, 1);
  return { type, dims: [count, ...dims.slice(1)], data: data.subarray(from * size, (from + count) * size) };
}
