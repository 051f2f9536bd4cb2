/**
 * @file Resize by scales that ONNX Runtime disagrees with itself about: its kernels compute the new length in float32 (10
 * times 0.7 is 7), its shape inference in float64 (6, since 0.7 is a little less in float32), and it then refuses what is
 * computed with the true shape.
 */

import { regionAlong } from '../builder/region.ts';
import type { Attribute, Node } from '../model/model.ts';
import type { UpgradeContext } from './types.ts';

/** The node with the lengths written as sizes, where the two differ and the sizes stand for the same scales. */
export function withTrueLengths(node: Node, { b }: UpgradeContext): Node {
  const [x = '', , scaleInput = ''] = node.inputs;
  if (node.opType !== 'Resize' || scaleInput === '' || !b.isDescribed(x) || node.attributes.has('axes')) return node;
  const shape = b.shape(x);
  const scales = b.entriesOf(scaleInput)?.data.map((scale) => Math.fround(Number(scale)));
  if (scales === undefined || scales.length !== shape.length) return node;
  const axes = scales.flatMap((scale, axis) => (scale === 1 ? [] : [axis]));
  const sizes: number[] = [];
  let disagrees = false;
  for (const axis of axes) {
    const [length, scale] = [shape[axis]!, scales[axis]!];
    if (typeof length !== 'number') return node;
    const size = Math.floor(Math.fround(scale * length));
    // From sizes the runtime works out the scale, which has to be the one that was written.
    if (Math.fround(size / length) !== scale) return node;
    if (size !== Math.floor(scale * length)) disagrees = true;
    sizes.push(size);
  }
  const region = regionAlong(b, node, axes, shape.length);
  if (!disagrees || region === undefined) return node;
  const attributes = new Map<string, Attribute>([...node.attributes, ['axes', { kind: 'ints', value: axes }]]);
  return { ...node, inputs: [x, region, '', b.ints(sizes)], attributes };
}
