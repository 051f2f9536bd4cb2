/**
 * @file The gradient of max pooling by phases of the image. Where several elements share the maximum of a window, the
 * first one in row-major order gets the whole cotangent, as in PyTorch.
 */

import type { GraphBuilder } from '../../builder/builder.ts';
import { areNumbers, LOWEST } from '../../gradients/windowed.ts';
import type { Dim } from '../../model/model.ts';
import type { Windows } from '../../operators/windows.ts';
import type { CpuContext } from './context.ts';
import { scatterBySlices, tiles } from './max-pool-by-slices.ts';
import { CHANNELS_AT_ONCE, channelwiseKernel } from './nchwc.ts';
import { mergePhases, type Phases, phasesOf } from './phases.ts';
import type { Pool, Pooled } from './pool.ts';
import { STEEP } from './step.ts';

/** The gradient of a max pool; `undefined` for other windows than those of {@link Pool}. */
export function maxPoolByPhases(context: CpuContext, pooled: Pooled, windows: Windows): string | undefined {
  const { b, layout } = context;
  const { x, y } = pooled;
  const channels = b.shape(x)[1];
  const lengths: readonly Dim[] = b.shape(x).slice(2);
  const counts: readonly Dim[] = b.shape(y).slice(2);
  const [stride = 1, other] = windows.strides;
  const simple =
    windows.kernel.length === 2 && stride === other && windows.dilations.every((dilation) => dilation === 1);
  if (!simple || typeof channels !== 'number' || !areNumbers(lengths) || !areNumbers(counts)) return undefined;
  // ONNX Runtime's shape inference counts windows that start in the padding at the end, so shapes would not seem to
  // fit.
  const last = counts.map((count, axis) => count * stride + windows.kernel[axis]! - stride);
  const room = lengths.map((length, axis) => length + windows.before[axis]! + windows.after[axis]!);
  if (windows.ceil && last.some((end, axis) => end < room[axis]!)) return undefined;
  const pool: Pool = { kernel: windows.kernel, stride, before: windows.before, channels, lengths, counts };
  const isDense = channels % layout.block === 0;
  const phases = !isDense && tiles(pool) ? scatterBySlices(context, pooled, pool) : scatter(context, pooled, pool);
  // The part of the padded image that is the image itself and that windows reach.
  const { before } = windows;
  const ends = lengths.map((length, axis) => Math.min(phases.each[axis]! * stride, before[axis]! + length));
  const part = { from: [0, ...before], to: [channels, ...ends] };
  const reached = mergePhases(b, layout.block, phases, part);
  const short = lengths.map((length, axis) => before[axis]! + length - ends[axis]!);
  if (short.some((rows) => rows > 0)) return b.op('Pad', [reached, b.ints([0, 0, 0, 0, 0, 0, ...short])]);
  context.mergedPhases.set(reached, { phases, part });
  return reached;
}

/**
 * Goes through the elements of a window in row-major order, for all windows at once. `rest` is the part of the
 * cotangent that has not found its maximum yet: it passes on where the element differs from the maximum (`y - x > 0`),
 * and is assigned where it equals it. Everything consists of convolutions with one-hot kernels, and of products, on
 * tensors of the output's size: ONNX Runtime keeps them in its NCHWc layout, and fuses difference, sum and step into
 * the convolutions. Channels are first padded to whole blocks.
 */
function scatter({ b, layout }: CpuContext, { g: cotangent, x: image, y: output }: Pooled, pool: Pool): Phases {
  const { kernel, stride, before, counts, lengths } = pool;
  const [height = 1, width = 1] = kernel;
  const behind = counts.map((count, axis) =>
    Math.max(0, (count - 1) * stride + kernel[axis]! - before[axis]! - lengths[axis]!),
  );
  const padded = [...before, ...behind].some((pad) => pad > 0);
  const channels = layout.wholeBlocks(pool.channels);
  const lacking = channels - pool.channels;
  // If a convolution can read the image in the layout, it adds the missing channels as well.
  const dense = lacking > 0 && !padded && pool.channels % CHANNELS_AT_ONCE === 0;
  const fill = (value: string): string => {
    if (lacking === 0) return layout.bring(value);
    if (!dense) return b.op('Pad', [value, b.ints([0, 0, 0, 0, 0, lacking, 0, 0])]);
    return b.op('Conv', [value, b.constant(layout.blockFillingKernel(pool.channels, [1, 1], 0, 0, 1))], {
      kernel_shape: [1, 1],
    });
  };
  const [y, g] = [fill(output), fill(cotangent)];
  const pads = [0, 0, ...before, 0, lacking, ...behind];
  const x = padded || (lacking > 0 && !dense) ? b.op('Pad', [image, b.ints(pads), b.scalar(LOWEST)]) : image;
  const pick = (size: readonly number[], row: number, column: number, value: number): string =>
    b.constant(channelwiseKernel(channels, size, row, column, value));

  // The smallest kernels for which no further window fits after the last one.
  const least = counts.map((count, axis) => {
    const room = padded ? lengths[axis]! + before[axis]! + behind[axis]! : lengths[axis]!;
    return room - count * stride + 1;
  });
  // The sum of what was assigned to each phase of the padded image, by remainders of row and column.
  const each = counts.map((count, axis) => count + Math.ceil(kernel[axis]! / stride) - 1);
  const arrived = new Map<string, string>();
  let rest = g;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      let found = rest;
      if (row < height - 1 || column < width - 1) {
        const size = [Math.max(row + 1, least[0]!), Math.max(column + 1, least[1]!)];
        const minus = dense
          ? b.constant(layout.blockFillingKernel(pool.channels, size, row, column, -1))
          : pick(size, row, column, -1);
        const below = b.op('Conv', [x, minus], {
          kernel_shape: size,
          strides: [stride, stride],
          group: dense ? 1 : channels,
        });
        const differs = b.op('HardSigmoid', [b.op('Add', [below, y])], { alpha: STEEP, beta: 0 });
        const next = b.op('Mul', [rest, differs]);
        found = b.op('Add', [
          b.op('Conv', [next, pick([1, 1], 0, 0, -1)], { kernel_shape: [1, 1], group: channels }),
          rest,
        ]);
        rest = next;
      }
      const key = `${row % stride},${column % stride}`;
      const shift = [Math.floor(row / stride), Math.floor(column / stride)];
      const room = [each[0]! - counts[0]!, each[1]! - counts[1]!];
      const placed = shifted(b, found, shift, room, pick, channels);
      const known = arrived.get(key);
      arrived.set(key, known === undefined ? placed : b.op('Add', [placed, known]));
    }
  }
  const parts = phasesOf(stride, stride).map(
    ([row, column]) => arrived.get(`${row},${column}`) ?? b.op('Mul', [[...arrived.values()][0]!, b.scalar(0)]),
  );
  const value = parts.length === 1 ? parts[0]! : b.op('Concat', parts, { axis: 1 });
  return { value, parts, strides: [stride, stride], channels, each };
}

/** Shifts a tensor down and right, within a tensor that is larger by `room`. */
function shifted(
  b: GraphBuilder,
  value: string,
  shift: readonly number[],
  room: readonly number[],
  pick: (size: readonly number[], row: number, column: number, value: number) => string,
  channels: number,
): string {
  const [down = 0, right = 0] = shift;
  const [tall = 0, wide = 0] = room;
  if (tall === 0 && wide === 0) return value;
  const size = [tall + 1, wide + 1];
  const kernel = pick(size, tall - down, wide - right, 1);
  return b.op('Conv', [value, kernel], { kernel_shape: size, pads: [tall, wide, tall, wide], group: channels });
}
