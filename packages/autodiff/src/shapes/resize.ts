/** @file Output shapes of operators that resample images. */

import { normalAxis } from '../model/dims.ts';
import type { Dim } from '../model/model.ts';
import { intsAttribute, stringAttribute } from '../operators/attributes.ts';
import type { ShapeRule } from './types.ts';

const resize: ShapeRule = ({ node, input, ints, has, constant, fail }) => {
  const { type, shape } = input(0);
  const axes =
    intsAttribute(node, 'axes')?.map((axis) => normalAxis(axis, shape.length)) ?? shape.map((_, axis) => axis);
  const result: Dim[] = [...shape];
  const scales = constant(2)?.data;
  if (has(3)) {
    const sizes = ints(3);
    if (sizes !== undefined && sizes.length !== axes.length) {
      return fail(`has ${sizes.length} sizes for ${axes.length} axes`);
    }
    const fitted = sizes && withPolicy(stringAttribute(node, 'keep_aspect_ratio_policy', 'stretch'), sizes);
    axes.forEach((axis, index) => {
      result[axis] = fitted?.[index] ?? '?';
    });
  } else if (scales === undefined) {
    if (!has(2)) return fail('has neither scales nor sizes');
    for (const axis of axes) result[axis] = '?';
  } else {
    if (scales.length !== axes.length) return fail(`has ${scales.length} scales for ${axes.length} axes`);
    const isCrop = stringAttribute(node, 'coordinate_transformation_mode', 'half_pixel') === 'tf_crop_and_resize';
    axes.forEach((axis, index) => {
      const [length, scale] = [shape[axis]!, Number(scales[index])];
      // ONNX Runtime multiplies in float32.
      if (typeof length === 'number') result[axis] = Math.floor(Math.fround(Math.fround(scale) * length));
      else if (scale !== 1 || isCrop) result[axis] = '?';
    });
  }
  return [{ type, shape: result }];

  /** `keep_aspect_ratio_policy`: one scale for all axes. */
  function withPolicy(policy: string, sizes: readonly number[]): readonly Dim[] {
    if (policy === 'stretch') return sizes;
    const lengths = axes.map((axis) => shape[axis]!);
    const ratios = lengths.map((length, index) => Math.fround(sizes[index]! / Number(length)));
    const scale = policy === 'not_larger' ? Math.min(...ratios) : Math.max(...ratios);
    return lengths.map((length) => (Number.isFinite(scale) ? Math.round(Math.fround(scale * Number(length))) : '?'));
  }
};

/** The images' batch and channels, and the grid's axes without the one of the coordinates. */
const gridSample: ShapeRule = ({ input, fail }) => {
  const [{ type, shape }, grid] = [input(0), input(1).shape];
  const axes = shape.length - 2;
  if (axes < 1 || grid.length !== shape.length || (typeof grid.at(-1) === 'number' && grid.at(-1) !== axes)) {
    return fail(`samples images of [${shape.join(', ')}] at a grid of [${grid.join(', ')}], which do not fit`);
  }
  return [{ type, shape: [...shape.slice(0, 2), ...grid.slice(1, -1)] }];
};

export const RESIZE_SHAPES: Readonly<Record<string, ShapeRule>> = { GridSample: gridSample, Resize: resize };
