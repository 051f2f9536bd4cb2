/** @file The batch axis through operators that move elements. */

import { regionAlong } from '../builder/region.ts';
import { normalAxis } from '../model/dims.ts';
import type { Attribute } from '../model/model.ts';
import { intAttribute, intsAttribute, stringAttribute } from '../operators/attributes.ts';
import {
  type BatchAxis,
  type BatchContext,
  type Batched,
  type BatchRule,
  batchTarget,
  everywhere,
  firstAlone,
  isPure,
  ownAxis,
  reshapedAxis,
} from './axis.ts';
import { elementwise } from './elementwise.ts';

/** Every operator that reshapes, as a Reshape to a target for any number of images. */
const reshape: BatchRule = (context) => {
  const { b, node, shape, out, refuse } = context;
  const batch = firstAlone(context);
  const place = reshapedAxis(batch, shape(0), out) ?? refuse('the images come to lie across the axes of the new shape');
  const inputs = [node.inputs[0]!, b.ints(batchTarget(place, out, batch))];
  return everywhere(context, place, { ...node, opType: 'Reshape', inputs, attributes: new Map() });
};

const squeeze: BatchRule = (context) => {
  const { b, node, shape, has, ints } = context;
  const batch = firstAlone(context);
  const rank = shape(0).length;
  const axes = has(1)
    ? ints(1).map((axis) => normalAxis(axis, rank))
    : shape(0).flatMap((length, axis) => (length === 1 ? [axis] : []));
  if (axes.includes(batch.axis)) return reshape(context);
  const axis = batch.axis - axes.filter((each) => each < batch.axis).length;
  return everywhere(context, { ...batch, axis }, { ...node, inputs: [node.inputs[0]!, b.ints(axes)] });
};

const unsqueeze: BatchRule = (context) => {
  const batch = firstAlone(context);
  const { length } = context.out;
  const axes = context.ints(1).map((axis) => normalAxis(axis, length));
  const kept = Array.from({ length }, (_, axis) => axis).filter((axis) => !axes.includes(axis));
  return everywhere(context, { ...batch, axis: kept[batch.axis]! });
};

const transpose: BatchRule = (context) => {
  const batch = firstAlone(context);
  const rank = context.shape(0).length;
  const order = intsAttribute(context.node, 'perm') ?? context.shape(0).map((_, axis) => rank - 1 - axis);
  return everywhere(context, { ...batch, axis: order.indexOf(batch.axis) });
};

/** An input that does not depend on the images (a class token) is repeated for each of them. */
const concat: BatchRule = (context) => {
  const { b, node, batch, first, shape, refuse } = context;
  if (ownAxis(context, 0) === first.axis) return refuse('it goes along the axis of the images');
  const one = node.inputs.findIndex((_, index) => batch(index) !== undefined);
  const inputs = node.inputs.map((name, index) => {
    const own = batch(index);
    if (own !== undefined) {
      const isSame = own.axis === first.axis && own.inner === first.inner && own.outer === first.outer;
      return isSame ? name : refuse('its inputs have the images along unlike axes');
    }
    if (!isPure(first) || shape(index)[first.axis] !== 1)
      return refuse('a parameter differs along the axis of the images');
    const count = b.op('Shape', [node.inputs[one]!], { start: first.axis, end: first.axis + 1 });
    const before = b.ints(shape(index).slice(0, first.axis));
    const after = b.ints(shape(index).slice(first.axis + 1));
    return b.op('Expand', [name, b.op('Concat', [before, count, after], { axis: 0 })]);
  });
  return everywhere(context, first, { ...node, inputs });
};

const split: BatchRule = (context) => {
  const batch = firstAlone(context);
  if (ownAxis(context, 0) === batch.axis) context.refuse('it goes along the axis of the images');
  return everywhere(context, batch);
};

/** For one image, `x[0:1]` along the batch axis is everything: that axis is left out. */
const slice: BatchRule = (context) => {
  const { b, node, shape, has, ints, refuse } = context;
  const batch = firstAlone(context);
  const rank = shape(0).length;
  const [starts, ends] = [ints(1), ints(2)];
  const axes = has(3) ? ints(3).map((axis) => normalAxis(axis, rank)) : starts.map((_, axis) => axis);
  const steps = has(4) ? ints(4) : starts.map(() => 1);
  const at = axes.indexOf(batch.axis);
  if (at < 0) return everywhere(context, batch);
  const length = shape(0)[batch.axis]!;
  const isAll = [0, -length].includes(starts[at]!) && ends[at]! >= length && steps[at] === 1;
  if (!isAll) return refuse('it cuts the axis of the images');
  const rest = [starts, ends, axes, steps].map((list) => b.ints(list.filter((_, index) => index !== at)));
  return everywhere(context, batch, { ...node, inputs: [node.inputs[0]!, ...rest] });
};

const gather: BatchRule = (context) => {
  const { node, batch, shape, ints, refuse } = context;
  const axis = ownAxis(context, 0);
  const [data, places] = [batch(0), batch(1)];
  const width = shape(1).length;
  if (data === undefined) {
    return places === undefined
      ? refuse('parameters depend on the image')
      : everywhere(context, { ...places, axis: axis + places.axis });
  }
  if (places !== undefined) return refuse('the places that it takes depend on the image');
  if (axis !== data.axis) {
    return everywhere(context, { ...data, axis: data.axis < axis ? data.axis : data.axis + width - 1 });
  }
  const isAll = isPure(data) && ints(1).length === 1 && [0, -1].includes(ints(1)[0]!);
  if (!isAll) return refuse('it takes some of the images');
  return reshape({ ...context, node: { ...node, inputs: [node.inputs[0]!] } });
};

const pad: BatchRule = (context) => {
  const { shape, has, ints, refuse } = context;
  const batch = firstAlone(context);
  const rank = shape(0).length;
  const axes = has(3) ? ints(3).map((axis) => normalAxis(axis, rank)) : shape(0).map((_, axis) => axis);
  const at = axes.indexOf(batch.axis);
  const pads = ints(1);
  if (at >= 0 && (pads[at] !== 0 || pads[at + axes.length] !== 0)) return refuse('it pads the axis of the images');
  return everywhere(context, batch);
};

const tile: BatchRule = (context) => {
  const batch = firstAlone(context);
  if (context.ints(1)[batch.axis] !== 1) context.refuse('it repeats the images');
  return everywhere(context, batch);
};

/** The size for the batch axis is left out, with its part of the region; a scale must be 1 there. */
const resize: BatchRule = (context) => {
  const { b, node, shape, has, ints, refuse } = context;
  const batch = firstAlone(context);
  const rank = shape(0).length;
  const axes = intsAttribute(node, 'axes')?.map((axis) => normalAxis(axis, rank)) ?? shape(0).map((_, axis) => axis);
  const at = axes.indexOf(batch.axis);
  if (at < 0) return everywhere(context, batch);
  if (!has(3)) {
    const scale = b.entriesOf(node.inputs[2] ?? '')?.data[at];
    return scale === 1 ? everywhere(context, batch) : refuse('it scales the axis of the images');
  }
  if (ints(3)[at] !== shape(0)[batch.axis]) return refuse('it scales the axis of the images');
  if (stringAttribute(node, 'keep_aspect_ratio_policy', 'stretch') !== 'stretch') {
    return refuse('it chooses one scale for all axes');
  }
  const places = axes.flatMap((_, index) => (index === at ? [] : [index]));
  const region = regionAlong(b, node, places, axes.length) ?? refuse('it cuts a region out');
  const others = <T>(list: readonly T[]): T[] => list.filter((_, index) => index !== at);
  const kept: Attribute = { kind: 'ints', value: others(axes) };
  const inputs = [node.inputs[0]!, region, '', b.ints(others(ints(3)))];
  return everywhere(context, batch, { ...node, inputs, attributes: new Map([...node.attributes, ['axes', kept]]) });
};

/** Images or a grid that are the same for all are repeated for each. */
const gridSample: BatchRule = (context) => {
  const { b, node, batch, first, shape, refuse } = context;
  const one = batch(0) === undefined ? 1 : 0;
  const inputs = node.inputs.map((name, index) => {
    const own = batch(index);
    if (own === undefined) {
      const count = b.op('Shape', [node.inputs[one]!], { start: 0, end: 1 });
      return b.op('Expand', [name, b.op('Concat', [count, b.ints(shape(index).slice(1))], { axis: 0 })]);
    }
    return own.axis === 0 && isPure(own) ? name : refuse('the images do not lie along the first axis');
  });
  return everywhere(context, first, { ...node, inputs });
};

/** The target must not repeat the images. */
const expand: BatchRule = (context) => {
  const { shape, ints, out, refuse } = context;
  const batch = firstAlone(context);
  const place: BatchAxis = { ...batch, axis: batch.axis + out.length - shape(0).length };
  const target = ints(1);
  const wanted = target[place.axis - out.length + target.length] ?? 1;
  return wanted === 1 ? everywhere(context, place) : refuse('it repeats the images');
};

const trilu: BatchRule = (context) => {
  const batch = firstAlone(context);
  if (batch.axis >= context.shape(0).length - 2) context.refuse('it goes along the axis of the images');
  return everywhere(context, batch);
};

/** The output (a shape) is the same for all images. */
const told = ({ node }: BatchContext): Batched => ({ node, axes: node.outputs.map(() => undefined) });

const cumulative: BatchRule = (context) => {
  const batch = firstAlone(context);
  const axis = normalAxis(context.ints(1)[0] ?? 0, context.shape(0).length);
  if (axis === batch.axis) context.refuse('it goes along the axis of the images');
  return everywhere(context, batch);
};

/** Index and data have the same shape: both must have the same batch axis. */
const elements: BatchRule = (context) => {
  const axis = normalAxis(intAttribute(context.node, 'axis', 0), context.shape(0).length);
  if (context.node.inputs.some((_, index) => context.batch(index) === undefined) || axis === context.first.axis) {
    return context.refuse('it goes along the axis of the images');
  }
  return elementwise(context);
};

export const MOVEMENT_BATCHES: Readonly<Record<string, BatchRule>> = {
  Concat: concat,
  CumSum: cumulative,
  Expand: expand,
  Flatten: reshape,
  Gather: gather,
  GatherElements: elements,
  GridSample: gridSample,
  Pad: pad,
  Reshape: reshape,
  Resize: resize,
  ScatterElements: elements,
  Shape: told,
  Size: told,
  Slice: slice,
  Split: split,
  Squeeze: squeeze,
  Tile: tile,
  Transpose: transpose,
  Trilu: trilu,
  Unsqueeze: unsqueeze,
};
