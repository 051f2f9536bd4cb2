/**
 * @file Convolutions whose kernel is computed, as in a training, in the operators of ONNX Runtime's layout NCHWc. The runtime brings
 * only constant kernels into it by itself; others it convolves image by image, by a product of matrices too small for two threads.
 */

import type { GraphBuilder } from '../../builder/builder.ts';
import { areNumbers } from '../../gradients/windowed.ts';
import type { Attribute, Dim } from '../../model/model.ts';
import { type Windows, windowCount } from '../../operators/windows.ts';

const DOMAIN = 'com.microsoft.nchwc';

/** Writes convolutions of one graph in the layout. Values that are in it once are not brought into it again. */
export class Blocked {
  readonly #b: GraphBuilder;
  readonly #block: number;
  /** Values of the graph, as they are in the layout. */
  readonly #inLayout = new Map<string, string>();

  /** @param block channels per block: 8 or 16 */
  constructor(b: GraphBuilder, block: number) {
    this.#b = b;
    this.#block = block;
  }

  /**
   * A convolution of one group; `undefined` where its shapes do not fit the layout: both kinds of channels have to be whole blocks, and
   * all lengths but that of the batch known.
   *
   * @param image `N x I x height x width`
   * @param kernel `O x I x height x width`
   * @param bias `O`; empty for none
   * @param windows with explicit padding, none of it negative
   * @returns `N x O x windows`
   */
  convolve(image: string, kernel: string, bias: string, windows: Windows): string | undefined {
    const y = this.#convolve(image, () => this.#outFirst(kernel), this.#b.shape(kernel), bias, windows);
    return y && this.#leave(y);
  }

  /**
   * The gradient of a convolution by its image, or a transposed convolution: one convolution for each place that an element can have
   * between two windows. `undefined` where the shapes do not fit, or the lengths are no multiples of the strides.
   *
   * @param value `N x O x windows`
   * @param kernel `O x I x height x width`, as in the convolution
   * @param bias `I`; empty for none
   * @param lengths height and width of the result
   * @returns `N x I x lengths`
   */
  convolveBack(
    value: string,
    kernel: string,
    bias: string,
    windows: Windows,
    lengths: readonly Dim[],
  ): string | undefined {
    const counts = this.#b.shape(value).slice(2);
    const [outs, ins] = this.#b.shape(kernel);
    if (!areNumbers(lengths) || !areNumbers(counts) || counts.length !== 2) return undefined;
    if (windows.dilations.some((dilation) => dilation !== 1)) return undefined;
    const along = lengths.map((length, axis) => phasesAlong(windows, axis, length, counts[axis]!));
    const [down, across] = along;
    if (down === undefined || across === undefined) return undefined;
    const rows: string[] = [];
    for (const row of down) {
      const phases: string[] = [];
      for (const column of across) {
        const kernelShape = [ins!, outs!, row.taps, column.taps];
        const phase: Windows = {
          kernel: [row.taps, column.taps],
          strides: [1, 1],
          dilations: [1, 1],
          before: [row.before, column.before],
          after: [row.after, column.after],
          ceil: false,
        };
        const y = this.#convolve(value, () => this.#inFirst(kernel, windows, row, column), kernelShape, bias, phase);
        if (y === undefined) return undefined;
        phases.push(y);
      }
      rows.push(this.#interleave(phases, 'columns'));
    }
    const whole = this.#interleave(rows, 'rows');
    return this.#leave(whole);
  }

  /**
   * The gradient of a convolution by its kernel: a convolution whose channels are the images of the batch, which is filled up to whole
   * blocks by zeros. `undefined` where the shapes do not fit.
   *
   * @param image `N x I x height x width`
   * @param cotangent `N x O x windows`
   * @param windows with explicit padding; a negative width at the end stands for elements that no window reaches
   * @returns `O x I x kernel`
   */
  kernelGradient(image: string, cotangent: string, windows: Windows): string | undefined {
    const b = this.#b;
    const { kernel, strides, dilations, before, after } = windows;
    const [, ins = 0, ...spatial] = b.shape(image);
    const [batch, outs = 0, ...counts] = b.shape(cotangent);
    if (typeof ins !== 'number' || typeof outs !== 'number' || outs % this.#block !== 0) return undefined;
    if (!areNumbers(spatial) || !areNumbers(counts) || counts.length !== 2) return undefined;
    const exchanged: Windows = {
      kernel: counts,
      strides: dilations,
      dilations: strides,
      before,
      after: after.map((pad) => Math.max(0, pad)),
      ceil: false,
    };
    const reached = spatial.map((length, axis) => Number(windowCount(length, axis, exchanged)));
    if (before.some((pad) => pad < 0) || reached.some((count, axis) => count < kernel[axis]!)) return undefined;
    const block = this.#block;
    const turned = b.op('Transpose', [this.#filledUp(image, batch!)], { perm: [1, 0, 2, 3] });
    const across = this.#op('ReorderInput', [turned], [ins, '?', ...spatial], {});
    // In the layout, the channels of a block lie side by side already.
    const cotangents = this.#filledUp(this.#enter(cotangent), batch!);
    const [height, width]: readonly number[] = counts;
    const apart = b.op('Reshape', [cotangents, b.ints([-1, block, outs / block, height! * width!, block])]);
    const sorted = b.op('Transpose', [apart], { perm: [2, 0, 3, 1, 4] });
    const taps = b.op('Reshape', [sorted, b.ints([outs, -1, height!, width!])]);
    const full = this.#leave(this.#conv([across, taps], [ins, outs, ...reached], exchanged));
    const weight = b.op('Transpose', [full], { perm: [1, 0, 2, 3] });
    if (reached.every((count, axis) => count === kernel[axis])) return weight;
    // Rows that no window reaches result in extra rows after the kernel.
    return b.op('Slice', [weight, b.ints([0, 0]), b.ints(kernel), b.ints([2, 3])]);
  }

  /** With images of zeros behind it, so that they are whole blocks; how many is found out in the run where the batch is open. */
  #filledUp(value: string, batch: Dim): string {
    const b = this.#b;
    const block = this.#block;
    const rest = [0, 0, 0];
    if (typeof batch === 'number') {
      const missing = -batch & (block - 1);
      return missing === 0 ? value : b.op('Pad', [value, b.ints([0, ...rest, missing, ...rest])]);
    }
    const count = b.op('Gather', [b.op('Shape', [value]), b.ints([0])]);
    const missing = b.op('Mod', [b.op('Neg', [count]), b.ints([block])]);
    return b.op('Pad', [value, b.op('Concat', [b.ints([0, ...rest]), missing, b.ints(rest)], { axis: 0 })]);
  }

  #convolve(
    image: string,
    kernel: () => string,
    kernelShape: readonly Dim[],
    bias: string,
    windows: Windows,
  ): string | undefined {
    const b = this.#b;
    if (!b.isDescribed(image) || !areNumbers(kernelShape) || kernelShape.length !== 4) return undefined;
    const [batch, channels, ...spatial] = b.shape(image);
    const [outs = 0, ins = 0] = kernelShape;
    if (channels !== ins || outs % this.#block !== 0 || ins % this.#block !== 0) return undefined;
    if (!areNumbers(spatial) || windows.ceil) return undefined;
    if ([...windows.before, ...windows.after].some((pad) => pad < 0)) return undefined;
    const counts = spatial.map((length, axis) => windowCount(length, axis, windows));
    if (!counts.every((count) => typeof count === 'number' && count > 0)) return undefined;
    const operands = [this.#enter(image), kernel(), ...(bias === '' ? [] : [bias])];
    return this.#conv(operands, [batch!, outs, ...counts], windows);
  }

  #conv(operands: readonly string[], shape: readonly Dim[], windows: Windows): string {
    return this.#op('Conv', operands, shape, {
      kernel_shape: ints(windows.kernel),
      group: int(1),
      strides: ints(windows.strides),
      dilations: ints(windows.dilations),
      pads: ints([...windows.before, ...windows.after]),
    });
  }

  #enter(value: string): string {
    const known = this.#inLayout.get(value);
    if (known !== undefined) return known;
    const blocked = this.#op('ReorderInput', [value], this.#b.shape(value), {});
    this.#inLayout.set(value, blocked);
    return blocked;
  }

  #leave(blocked: string): string {
    const shape = this.#b.shape(blocked);
    const value = this.#op('ReorderOutput', [blocked], shape, { channels: int(Number(shape[1])) });
    this.#inLayout.set(value, blocked);
    return value;
  }

  /** `O x I x kernel` in the order of the layout, which has the channels of a block last: those of the output behind those of the input. */
  #outFirst(kernel: string): string {
    const [outs, ins, ...size] = this.#b.shape(kernel).map(Number);
    return this.#inBlocks(kernel, [outs!, ins!, ...size], [0, 2, 4, 5, 3, 1]);
  }

  /** The taps of `O x I x kernel` that reach one phase, flipped, as a kernel from O channels to I, in the order of the layout. */
  #inFirst(kernel: string, { strides }: Windows, row: Phase, column: Phase): string {
    const b = this.#b;
    const [outs, ins] = this.#b.shape(kernel).map(Number);
    const steps = [row, column].map(({ first, taps }, axis) => ({
      from: first + strides[axis]! * (taps - 1),
      to: first === 0 ? BEFORE_FIRST : first - 1,
      step: -strides[axis]!,
    }));
    const [from, to, by] = (['from', 'to', 'step'] as const).map((name) => b.ints(steps.map((step) => step[name])));
    const part = b.op('Slice', [kernel, from!, to!, b.ints([2, 3]), by!]);
    return this.#inBlocks(part, [outs!, ins!, row.taps, column.taps], [2, 0, 4, 5, 1, 3]);
  }

  #inBlocks(kernel: string, [first = 0, second = 0, ...size]: readonly number[], perm: readonly number[]): string {
    const b = this.#b;
    const block = this.#block;
    const apart = b.op('Reshape', [kernel, b.ints([first / block, block, second / block, block, ...size])]);
    const turned = b.op('Transpose', [apart], { perm });
    const [outs, ins] = perm[0] === 0 ? [first, second] : [second, first];
    return b.op('Reshape', [turned, b.ints([outs, ins, ...size])]);
  }

  /** Values of the layout whose columns, or rows, take turns in the result. */
  #interleave(parts: readonly string[], what: 'rows' | 'columns'): string {
    const b = this.#b;
    if (parts.length === 1) return parts[0]!;
    const [batch, channels = 0, height = 0, width = 0] = this.#b.shape(parts[0]!);
    const block = this.#block;
    const line = what === 'rows' ? Number(width) * block : block;
    const lines = parts.map((part) => b.op('Reshape', [part, b.ints([-1, 1, line])]));
    const merged = b.op('Concat', lines, { axis: 1 });
    const shape = [
      typeof batch === 'number' ? batch : -1,
      Number(channels),
      Number(height) * (what === 'rows' ? parts.length : 1),
      Number(width) * (what === 'columns' ? parts.length : 1),
    ];
    const whole = b.op('Reshape', [merged, b.ints(shape)]);
    if (typeof batch !== 'number') b.describe(whole, { type: 'float32', shape: [batch!, ...shape.slice(1)] });
    return whole;
  }

  #op(
    name: string,
    inputs: readonly string[],
    shape: readonly Dim[],
    attributes: Readonly<Record<string, Attribute>>,
  ): string {
    const value = this.#b.op(`${DOMAIN}.${name}`, inputs, attributes);
    this.#b.describe(value, { type: 'float32', shape });
    return value;
  }
}

/** Lets a Slice that steps back begin with the first element. */
const BEFORE_FIRST = -(2 ** 31);

/** Elements of the image that lie alike between the windows along an axis: at the same distance from the start of the last one. */
interface Phase {
  /** The first tap of the kernel that reaches them; the others follow at the distance of the stride. */
  readonly first: number;
  readonly taps: number;
  /** Padding of the cotangent. */
  readonly before: number;
  readonly after: number;
}

/** All phases along an axis; `undefined` where they differ in length, or one is reached by no tap, or needs less than the whole cotangent. */
function phasesAlong(windows: Windows, axis: number, length: number, count: number): readonly Phase[] | undefined {
  const stride = windows.strides[axis]!;
  if (length % stride !== 0) return undefined;
  const phases: Phase[] = [];
  for (let place = 0; place < stride; place++) {
    const from = place + windows.before[axis]!;
    const first = from % stride;
    const start = Math.floor(from / stride);
    const taps = Math.ceil((windows.kernel[axis]! - first) / stride);
    const before = taps - 1 - start;
    const after = length / stride - 1 + start - (count - 1);
    if (taps < 1 || before < 0 || after < 0) return undefined;
    phases.push({ first, taps, before, after });
  }
  return phases;
}

function int(value: number): Attribute {
  return { kind: 'int', value };
}

function ints(value: readonly number[]): Attribute {
  return { kind: 'ints', value };
}
