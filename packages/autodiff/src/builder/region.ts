/** @file The region of interest of Resize, which tf_crop_and_resize cuts out of the image before it scales. */

import type { Node } from '../model/model.ts';
import { stringAttribute } from '../operators/attributes.ts';
import type { GraphBuilder } from './builder.ts';

/**
 * The `roi` input of a Resize that is left some of its axes.
 *
 * @param kept places of these among the axes that the region is given for
 * @param count of those axes
 * @returns its name, empty where the node has no region; `undefined` where the region is computed, or cuts an axis that is
 * left out
 */
export function regionAlong(b: GraphBuilder, node: Node, kept: readonly number[], count: number): string | undefined {
  if (stringAttribute(node, 'coordinate_transformation_mode', 'half_pixel') !== 'tf_crop_and_resize') return '';
  const ends = b.valueOf(node.inputs[1] ?? '')?.data;
  if (ends?.length !== 2 * count) return undefined;
  const all = Array.from(ends as ArrayLike<number | bigint>, Number);
  const isUncut = (_: number, axis: number): boolean =>
    kept.includes(axis) || (all[axis] === 0 && all[axis + count] === 1);
  if (!all.slice(0, count).every(isUncut)) return undefined;
  const some = [...kept.map((axis) => all[axis]!), ...kept.map((axis) => all[axis + count]!)];
  return b.constant({ type: 'float32', dims: [some.length], data: Float32Array.from(some) });
}
