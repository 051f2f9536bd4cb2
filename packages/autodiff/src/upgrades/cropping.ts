/** @file CenterCropPad as a Pad, which crops where its widths are negative. */

import { normalAxis } from '../model/dims.ts';
import type { Dim } from '../model/model.ts';
import { intsAttribute } from '../operators/attributes.ts';
import { as, refuse, type UpgradeRule } from './types.ts';

/** What an axis gains is split in two, rounded towards zero at the front. */
const centerCropPad: UpgradeRule = (node, context) => {
  const { b, op } = context;
  const [x = '', target = ''] = node.inputs;
  if (!b.isDescribed(x)) return node;
  const from = b.shape(x);
  const axes = intsAttribute(node, 'axes')?.map((axis) => normalAxis(axis, from.length)) ?? from.map((_, axis) => axis);
  const [count] = b.isDescribed(target) ? b.shape(target) : [];
  if (count !== axes.length || axes.some((axis) => !(axis >= 0 && axis < from.length))) {
    return refuse(
      node,
      `has sizes for ${count ?? 'an unknown number of'} axes where ${axes.length} are named; export the model again`,
    );
  }
  const sizes = b.entriesOf(target)?.data;
  const gains = axes.map((axis, index) => gain(from[axis]!, sizes?.[index]));
  if (gains.every((width) => width !== undefined)) {
    const halves = gains.map((width) => Math.trunc(width / 2));
    const pads = new Array<number>(2 * from.length).fill(0);
    axes.forEach((axis, index) => {
      pads[axis] = halves[index]!;
      pads[axis + from.length] = gains[index]! - halves[index]!;
    });
    return as(context, node, 'Pad', [x, b.ints(pads)]);
  }
  const lengths = op('Gather', [op('Shape', [x]), b.ints(axes)]);
  const wanted = b.typeOf(target).type === 'int64' ? target : op('Cast', [target], { to: INT64 });
  const all = op('Sub', [wanted, lengths]);
  const front = op('Div', [all, b.ints([2])]);
  const widths = op('Concat', [front, op('Sub', [all, front])], { axis: 0 });
  // For all axes: see builder/pads.ts.
  const places = Array.from({ length: 2 * from.length }, (_, at) => {
    const index = axes.indexOf(at % from.length);
    return index < 0 ? 2 * axes.length : at < from.length ? index : index + axes.length;
  });
  const pads = op('Gather', [op('Concat', [widths, b.ints([0])], { axis: 0 }), b.ints(places)]);
  return as(context, node, 'Pad', [x, pads]);
};

const INT64 = 7;

/** By how much an axis grows; `undefined` where it is not known. */
function gain(length: Dim, wanted: Dim | undefined): number | undefined {
  if (typeof length === 'number' && typeof wanted === 'number') return wanted - length;
  return length === wanted && length !== '?' ? 0 : undefined;
}

export const CROPPING_UPGRADES = { CenterCropPad: centerCropPad } as const;
