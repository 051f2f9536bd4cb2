/** @file Steps of operators that move elements without changing them. */

import type { GraphBuilder } from '../../builder/builder.ts';
import { inOrder, type Step, type StepContext } from './step.ts';

const places = (b: GraphBuilder, dims: readonly number[], values: readonly number[]): string =>
  b.constant({ type: 'int64', dims, data: BigInt64Array.from(values, BigInt) });

/** Indices along an axis, some of them negative. */
function drawPlaces({ draw }: StepContext, count: number, length: number): number[] {
  return Array.from({ length: count }, () => draw(2 * length) - length);
}

/** x with another number of channels, by a product. */
function withChannels({ b, x, shape, parameter }: StepContext, count: number): string {
  return b.op('Conv', [x, parameter([count, shape[1], 1, 1])]);
}

export const MOVING_STEPS: Readonly<Record<string, Step>> = {
  Cast: ({ b, x }) => b.op('Cast', [x], { to: 1 }),
  CastLike: ({ b, x }) => b.op('CastLike', [x, b.scalar(1)]),
  Concat: ({ b, x, shape, parameter, draw }) => {
    const axis = 1 + draw(3);
    const more = (): string => parameter(shape.map((length, at) => (at === axis ? 2 : length)));
    const form = draw(3);
    const parts = form === 0 ? [x, x] : form === 1 ? [more(), x] : [x, more(), x];
    return b.op('Concat', parts, { axis: draw(2) === 0 ? axis : axis - 4 });
  },
  DepthToSpace: (context) =>
    context.b.op('DepthToSpace', [withChannels(context, 4 * (1 + context.draw(2)))], {
      blocksize: 2,
      mode: ['DCR', 'CRD'][context.draw(2)]!,
    }),
  Dropout: ({ b, x }) => b.op('Dropout', [x]),
  Expand: ({ b, x, draw }) => {
    const mean = b.op('ReduceMean', [x, b.ints([draw(2) === 0 ? 2 : 1])], { keepdims: 1 });
    const [, channels, height] = b.shape(mean);
    return b.op('Expand', [mean, b.ints([1, channels === 1 ? 3 : 1, height === 1 ? 2 : 1, 1])]);
  },
  Flatten: ({ b, x, shape, draw }) => {
    const axis = 1 + draw(4);
    const flat = b.op('Flatten', [x], { axis: draw(2) === 0 || axis === 4 ? axis : axis - 4 });
    return b.op('Reshape', [b.op('Sin', [flat]), b.ints([-1, ...shape.slice(1)])]);
  },
  Gather: (context) => {
    const { b, x, shape, draw } = context;
    const axis = 1 + draw(3);
    const indices = places(b, [3], drawPlaces(context, 3, shape[axis]!));
    return b.op('Gather', [x, indices], { axis: draw(2) === 0 ? axis : axis - 4 });
  },
  'Gather of one place': (context) => {
    const { b, x, shape } = context;
    const row = b.op('Gather', [x, places(b, [], drawPlaces(context, 1, shape[2]))], { axis: 2 });
    return b.op('Add', [x, b.op('Unsqueeze', [row, b.ints([2])])]);
  },
  GatherElements: (context) => {
    const { b, x, shape, draw } = context;
    const axis = 1 + draw(3);
    const dims = shape.map((length, at) => (at === axis ? 2 : length));
    const count = dims.reduce((product, length) => product * length);
    return b.op('GatherElements', [x, places(b, dims, drawPlaces(context, count, shape[axis]!))], { axis });
  },
  GatherND: (context) => {
    const { b, x, shape, draw } = context;
    const pairs = Array.from({ length: 6 }, (_, place) => [Math.floor(place / 3), draw(2 * shape[1]) - shape[1]]);
    return b.op('GatherND', [x, places(b, [2, 3, 2], pairs.flat())]);
  },
  GridSample: (context) => {
    const { b, x, shape, opset, draw, constant } = context;
    const nearest = draw(3) === 0;
    // A grid that every image shifts a little by the mean of its pixels; by the nearest pixel, it is a constant.
    const places = constant([shape[0], 3, 2, 2], -1.2, 1.2);
    const shift = b.op('Mul', [b.op('ReduceMean', [b.op('Tanh', [x]), b.ints([1, 2, 3])]), b.scalar(0.01)]);
    const grid = nearest ? places : b.op('Add', [places, shift]);
    return b.op('GridSample', [x, grid], {
      mode: nearest ? 'nearest' : opset < 20 ? 'bilinear' : 'linear',
      padding_mode: ['zeros', 'border', 'reflection'][draw(3)]!,
      align_corners: shape[2] > 1 && shape[3] > 1 ? draw(2) : 0,
    });
  },
  Identity: ({ b, x }) => b.op('Identity', [x]),
  Pad: ({ b, x, shape, constant, draw }) => {
    const mode = ['constant', 'reflect', 'edge', 'wrap'][draw(4)]!;
    const most = mode === 'constant' || mode === 'edge' ? 3 : Math.min(3, shape[2], shape[3]);
    const widths = [0, 0, draw(most), draw(most), 0, 0, draw(most), draw(most)];
    // For all axes: with the `axes` input, ONNX Runtime fails after a Transpose.
    return b.op('Pad', [x, b.ints(widths), ...(mode === 'constant' ? [constant([])] : [])], { mode });
  },
  'Pad that cuts': ({ b, x }) => b.op('Pad', [x, b.ints([0, 0, -1, 1, 0, 0, 1, 0])]),
  Reshape: ({ b, x, shape }) => {
    const [, channels, height, width] = shape;
    return b.op('Reshape', [x, b.ints([0, height, width, channels])]);
  },
  Resize: ({ b, x, shape, draw }) => {
    const mode = ['nearest', 'linear', 'cubic'][draw(3)]!;
    const whole = { coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
    const [form, tall, wide] = [draw(4), shape[2] + draw(4), Math.max(1, shape[3] - 1 + draw(4))];
    const scales = b.constant({ type: 'float32', dims: [4], data: Float32Array.of(1, 1, 2, 1 + draw(2)) });
    if (form === 0) return b.op('Resize', [x, '', scales], { mode: 'nearest', ...whole });
    if (form === 1) return b.op('Resize', [x, '', scales], { mode });
    const coordinate_transformation_mode = ['half_pixel', 'align_corners', 'pytorch_half_pixel'][draw(3)]!;
    const sizes = b.ints([tall, wide]);
    // Two axes only: sizes for all four would fix the batch.
    return b.op('Resize', [x, '', '', sizes], { mode, axes: [2, 3], coordinate_transformation_mode });
  },
  ReverseSequence: ({ b, x, shape, draw }) => {
    const [count, channels] = shape;
    const times = Array.from({ length: count }, () => 1 + draw(channels));
    const lengths = places(b, [count], times);
    return b.op('ReverseSequence', [x, lengths], { batch_axis: 0, time_axis: 1 });
  },
  ScatterElements: (context) => {
    const { b, x, shape, parameter } = context;
    const dims = [shape[0], shape[1], 1, shape[3]];
    const to = drawPlaces(context, shape[0] * shape[1] * shape[3], shape[2]);
    return b.op('ScatterElements', [x, places(b, dims, to), parameter(dims)], { axis: 2 });
  },
  ScatterND: (context) => {
    const { b, x, shape, parameter, draw } = context;
    const to = places(b, [2, 2], [0, draw(shape[1]), 1, draw(shape[1])]);
    return b.op('ScatterND', [x, to, parameter([2, shape[2], shape[3]])]);
  },
  Slice: ({ b, x, shape, draw }) => {
    const axis = 1 + draw(3);
    const length = shape[axis]!;
    const [from, to, step] = [
      [0, 2 ** 31 - 1, 1],
      [-1, -(2 ** 31), -1],
      [0, 2 ** 31 - 1, 2],
      [length - 1, length, 1],
      [-length, -1, 1],
    ][draw(length > 1 ? 5 : 4)] as [number, number, number];
    return b.op('Slice', [x, b.ints([from]), b.ints([to]), b.ints([axis]), b.ints([step])]);
  },
  SpaceToDepth: ({ b, x, shape }) => {
    const even = b.op('Pad', [x, b.ints([0, 0, 0, 0, 0, 0, shape[2] % 2, shape[3] % 2])]);
    return b.op('SpaceToDepth', [even], { blocksize: 2 });
  },
  Split: (context) => {
    const { b, draw } = context;
    const x = withChannels(context, 4);
    const [first, second, third] = b.ops('Split', [x, b.ints([1, 2, 1])], 3, { axis: 1 });
    return b.op('Concat', draw(2) === 0 ? [third!, first!] : [second!, third!, second!], { axis: 1 });
  },
  Squeeze: ({ b, x, parameter, draw }) => {
    const axis = 1 + draw(4);
    const wide = b.op('Mul', [b.op('Unsqueeze', [x, b.ints([axis])]), parameter([])]);
    return b.op('Squeeze', [wide, b.ints([draw(2) === 0 ? axis : axis - 5])]);
  },
  Tile: ({ b, x, draw }) => b.op('Tile', [x, b.ints([1, 1 + draw(2), 1 + draw(2), 1 + draw(3)])]),
  TopK: (context) => {
    const { b, shape, draw } = context;
    const axis = 1 + draw(3);
    const count = 1 + draw(shape[axis]!);
    return b.ops('TopK', [inOrder(context), b.ints([count])], 2, { axis, largest: draw(2), sorted: 1 })[0]!;
  },
  Transpose: ({ b, x, draw }) => {
    const perm = [
      [0, 2, 3, 1],
      [0, 3, 1, 2],
      [0, 1, 3, 2],
      [0, 3, 2, 1],
    ][draw(4)]!;
    return b.op('Transpose', [x], { perm });
  },
  Trilu: ({ b, x, draw }) => b.op('Trilu', [x, places(b, [], [draw(3) - 1])], { upper: draw(2) }),
  Unsqueeze: ({ b, x, shape, parameter }) => {
    const wide = b.op('Unsqueeze', [x, b.ints([1, -1])]);
    return b.op('ReduceSum', [b.op('Mul', [wide, parameter([2, 1, 1, shape[3], 1], 0, 1)]), b.ints([1, 5])], {
      keepdims: 0,
    });
  },
};
