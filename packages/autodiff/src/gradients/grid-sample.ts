/**
 * @file Gradients of GridSample, which reads an image between its pixels (spatial transformers: Jaderberg et al. 2015,
 * section 3.3): the cotangent of each sample goes to the pixels around it, and its product with their differences to the
 * coordinates.
 */

import type { GraphBuilder } from '../builder/builder.ts';
import { lengthOf, lengthsOf, reshapeTo, vectorOf, zerosOf } from '../builder/reshaping.ts';
import type { Node } from '../model/model.ts';
import { typeCode } from '../model/tensor.ts';
import { intAttribute, stringAttribute } from '../operators/attributes.ts';
import type { GradientRule } from './types.ts';

/** One of the two pixels along an axis between which a sample lies; values of `N x 1 x samples`. */
interface Neighbor {
  /** Index of the pixel along the axis, as a float32. It is within the image. */
  readonly at: string;
  /** Its share of the sample: 0 outside of the image. */
  readonly weight: string;
  /** The derivative of the weight with respect to the coordinate in pixels. */
  readonly slope: string;
}

/** An axis of the image, and where the samples lie along it. */
interface Axis {
  readonly neighbors: readonly Neighbor[];
  /** The derivative of the coordinate in pixels, after padding, with respect to the grid. */
  readonly rate: string;
}

const gridSample: GradientRule = ({ b, node, g, wants, unsupported }) => {
  const [x = '', grid = ''] = node.inputs;
  const mode = stringAttribute(node, 'mode', 'linear');
  if (mode.endsWith('cubic')) return unsupported(`its mode ${mode} has no gradient here`);
  const isNearest = mode === 'nearest';
  const rank = b.shape(x).length - 2;

  // Images as N x C x pixels, cotangents as N x C x samples.
  const flat = (value: string): string => b.op('Reshape', [value, b.ints([0, 0, -1])]);
  const cotangent = flat(g);
  const pixels = flat(x);
  const coordinates = b.op('Transpose', [b.op('Reshape', [grid, b.ints([0, -1, rank])])], { perm: [0, 2, 1] });
  // The grid gives the last axis first.
  const parts = [
    ...b.ops('Split', [coordinates, b.ints(new Array<number>(rank).fill(1))], rank, { axis: 1 }),
  ].reverse();
  const axes = parts.map((part, axis) => axisOf(b, node, part, length(b, x, axis + 2), isNearest));
  const corners = combinations(axes.map(({ neighbors }) => neighbors));
  const indices = corners.map((corner) => indexOf(b, x, corner));

  return [wants(0) ? byImage() : undefined, wants(1) ? byGrid() : undefined];

  function byImage(): string {
    const shares = corners.map((corner) =>
      b.op('Mul', [
        cotangent,
        product(
          b,
          corner.map(({ weight }) => weight),
        ),
      ]),
    );
    const values = joined(b, shares);
    const places = b.op('Expand', [joined(b, indices), vectorOf(b, lengthsOf(b, values))]);
    const sum = b.op('ScatterElements', [zerosOf(b, pixels), places, values], { axis: 2, reduction: 'add' });
    return reshapeTo(b, sum, lengthsOf(b, x));
  }

  function byGrid(): string {
    if (isNearest) return zerosOf(b, grid);
    // What each pixel around a sample contributes to the sum over cotangent times sample, at full weight.
    const size = vectorOf(b, lengthsOf(b, cotangent));
    const contributions = indices.map((index) => {
      const read = b.op('GatherElements', [pixels, b.op('Expand', [index, size])], { axis: 2 });
      return b.op('ReduceSum', [b.op('Mul', [read, cotangent]), b.ints([1])], { keepdims: 1 });
    });
    const gradients = axes.map(({ rate }, axis) => {
      const terms = corners.map((corner, place) =>
        product(b, [contributions[place]!, ...corner.map(({ weight, slope }, at) => (at === axis ? slope : weight))]),
      );
      return b.op('Mul', [terms.length === 1 ? terms[0]! : b.op('Sum', terms), rate]);
    });
    const together = b.op('Concat', gradients.reverse(), { axis: 1 });
    return reshapeTo(b, b.op('Transpose', [together], { perm: [0, 2, 1] }), lengthsOf(b, grid));
  }
};

/** The length of an axis of a value, as a float32 scalar. */
function length(b: GraphBuilder, value: string, axis: number): string {
  const known = lengthOf(b, value, axis);
  if (typeof known === 'number') return b.scalar(known);
  return b.op('Squeeze', [b.op('Cast', [vectorOf(b, [known])], { to: typeCode('float32') }), b.ints([0])]);
}

/** @param grid coordinates along one axis, from -1 to 1 */
function axisOf(b: GraphBuilder, node: Node, grid: string, count: string, isNearest: boolean): Axis {
  const op = (opType: string, ...inputs: readonly string[]): string => b.op(opType, inputs);
  const [zero, half, one] = [b.scalar(0), b.scalar(0.5), b.scalar(1)];
  const last = op('Sub', count, one);
  const alignsCorners = intAttribute(node, 'align_corners', 0) !== 0;
  const padding = stringAttribute(node, 'padding_mode', 'zeros');
  const flag = (value: string): string => b.op('Cast', [value], { to: typeCode('float32') });
  const clipped = (value: string): string => op('Min', op('Max', value, zero), last);

  const span = alignsCorners ? last : count;
  let at = op('Mul', op('Add', grid, one), op('Mul', span, half));
  if (!alignsCorners) at = op('Sub', at, half);
  let rate = op('Mul', span, half);
  if (padding === 'reflection') {
    // Mirrored at the centers, or else at the edges, of the outer pixels, as often as it takes.
    const low = b.scalar(alignsCorners ? 0 : -0.5);
    const period = op('Max', op('Add', span, span), one);
    const distance = op('Sub', at, low);
    const far = op('Abs', distance);
    const folds = op('Mul', op('Floor', op('Div', far, period)), period);
    const beyond = op('Sub', op('Sub', far, folds), span);
    at = op('Add', op('Sub', span, op('Abs', beyond)), low);
    rate = op('Mul', rate, op('Neg', op('Mul', op('Sign', distance), op('Sign', beyond))));
  }
  if (padding !== 'zeros') {
    const inside = op('And', op('Greater', at, zero), op('Less', at, last));
    rate = op('Mul', rate, flag(inside));
    at = clipped(at);
  }
  const lower = op(isNearest ? 'Round' : 'Floor', at);
  const fraction = op('Sub', at, lower);
  const neighbor = (pixel: string, share: string, slope: number): Neighbor => {
    if (padding !== 'zeros') return { at: clipped(pixel), weight: share, slope: b.scalar(slope) };
    const inside = flag(op('And', op('GreaterOrEqual', pixel, zero), op('LessOrEqual', pixel, last)));
    const isPart = slope !== 0;
    return {
      at: clipped(pixel),
      weight: isPart ? op('Mul', share, inside) : inside,
      slope: isPart ? op('Mul', inside, b.scalar(slope)) : zero,
    };
  };
  const neighbors = isNearest
    ? [neighbor(lower, one, 0)]
    : [neighbor(lower, op('Sub', one, fraction), -1), neighbor(op('Add', lower, one), fraction, 1)];
  return { neighbors, rate };
}

/** Every choice of one neighbor per axis: the pixels around a sample. */
function combinations(axes: readonly (readonly Neighbor[])[]): readonly (readonly Neighbor[])[] {
  return axes.reduce<readonly (readonly Neighbor[])[]>(
    (chosen, neighbors) => chosen.flatMap((before) => neighbors.map((next) => [...before, next])),
    [[]],
  );
}

/** The index of a pixel in the flattened image, as int64. */
function indexOf(b: GraphBuilder, x: string, corner: readonly Neighbor[]): string {
  const whole = (value: string): string => b.op('Cast', [value], { to: typeCode('int64') });
  return corner
    .map(({ at }) => whole(at))
    .reduce((index, next, axis) => b.op('Add', [b.op('Mul', [index, vectorOf(b, [lengthOf(b, x, axis + 2)])]), next]));
}

function product(b: GraphBuilder, factors: readonly string[]): string {
  return factors.reduce((all, factor) => b.op('Mul', [all, factor]));
}

/** Joins values of `N x channels x samples` along the samples. */
function joined(b: GraphBuilder, values: readonly string[]): string {
  return values.length === 1 ? values[0]! : b.op('Concat', values, { axis: 2 });
}

export const GRID_SAMPLE: Readonly<Record<string, GradientRule>> = { GridSample: gridSample };
