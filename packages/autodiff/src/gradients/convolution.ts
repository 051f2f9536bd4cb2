/** @file Gradients of convolutions. */

import type { GraphBuilder } from '../graph/builder.ts';
import { intAttribute } from '../graph/model.ts';
import type { TensorValue } from '../graph/tensor.ts';
import { type Windows, windowsOf } from '../shapes/windows.ts';
import type { GradientContext, GradientRule } from './types.ts';

const conv: GradientRule = (context) => {
  const { b, node, g, wants } = context;
  const windows = geometry(context);
  return [
    wants(0) ? inputGradient(context, windows) : undefined,
    wants(1) ? weightGradient(context, windows) : undefined,
    wants(2) ? b.op('ReduceSum', [g, b.ints(allAxesButChannels(b, node.outputs[0]!))], { keepdims: 0 }) : undefined,
  ];
};

function geometry({ b, node, unsupported }: GradientContext): Windows {
  const x = b.shape(node.inputs[0]!);
  const kernel = b.shape(node.inputs[1]!).slice(2);
  if (!kernel.every((size) => typeof size === 'number')) return unsupported('its kernel has an open size');
  const windows = windowsOf(node, kernel, x.slice(2));
  return windows ?? unsupported('its auto_pad depends on an image size that is open');
}

/** Convolving the cotangent with the flipped kernel, input and output channels exchanged. */
function inputGradient(context: GradientContext, windows: Windows): string {
  const { b, node, g, unsupported } = context;
  const group = intAttribute(node, 'group', 1);
  const { kernel, strides, dilations, before, after } = windows;
  const reach = kernel.map((size, axis) => (size - 1) * dilations[axis]!);
  const weight = b.valueOf(node.inputs[1]!);
  const plain =
    strides.every((stride) => stride === 1) && reach.every((r, axis) => r >= before[axis]! && r >= after[axis]!);
  if (plain && group === 1 && weight?.type === 'float32' && kernel.length === 2) {
    // A convolution with constant weights runs in ONNX Runtime's blocked layout; ConvTranspose does not.
    return b.op('Conv', [g, b.constant(flipped(weight))], {
      kernel_shape: kernel,
      dilations,
      pads: [...reach.map((r, axis) => r - before[axis]!), ...reach.map((r, axis) => r - after[axis]!)],
    });
  }
  const spatial = b.shape(node.inputs[0]!).slice(2);
  const produced = b.shape(node.outputs[0]!).slice(2);
  const extra = kernel.map((_, axis) => {
    const [length, count] = [spatial[axis], produced[axis]];
    if (typeof length !== 'number' || typeof count !== 'number') return unsupported('its image size is open');
    return length - (strides[axis]! * (count - 1) + reach[axis]! + 1 - before[axis]! - after[axis]!);
  });
  return b.op('ConvTranspose', [g, node.inputs[1]!], {
    kernel_shape: kernel,
    strides,
    dilations,
    group,
    pads: [...before, ...after],
    output_padding: extra,
  });
}

/** The kernel turned by 180 degrees, `I x O x H x W` of an `O x I x H x W`. */
function flipped({ dims, data }: TensorValue): TensorValue {
  const [outs = 1, ins = 1, height = 1, width = 1] = dims;
  const area = height * width;
  const result = new Float32Array(data.length);
  for (let o = 0; o < outs; o++) {
    for (let i = 0; i < ins; i++) {
      const from = (o * ins + i) * area;
      const to = (i * outs + o) * area;
      for (let at = 0; at < area; at++) result[to + at] = Number(data[from + area - 1 - at]);
    }
  }
  return { type: 'float32', dims: [ins, outs, height, width], data: result };
}

/**
 * A convolution over the batch: images and cotangents with batch and channels exchanged, strides and dilations
 * exchanged too.
 */
function weightGradient({ b, node, g, unsupported }: GradientContext, windows: Windows): string {
  const { kernel, strides, dilations, before, after } = windows;
  if (intAttribute(node, 'group', 1) !== 1) return unsupported('weights of grouped convolutions have no gradient here');
  const rank = kernel.length;
  const spatial = kernel.map((_, axis) => axis + 2);
  const exchanged = [1, 0, ...spatial];
  const image = b.op('Transpose', [node.inputs[0]!], { perm: exchanged });
  const cotangent = b.op('Transpose', [g], { perm: exchanged });
  const full = b.op('Conv', [image, cotangent], {
    strides: dilations,
    dilations: strides,
    pads: [...before, ...after],
  });
  const weight = b.op('Transpose', [full], { perm: exchanged });
  if (strides.every((stride) => stride === 1)) return weight;
  // Rows that no window reached leave a remainder behind the kernel.
  const zeros = b.ints(kernel.map(() => 0));
  return b.op('Slice', [weight, zeros, b.ints(kernel), b.ints(Array.from({ length: rank }, (_, axis) => axis + 2))]);
}

function allAxesButChannels(b: GraphBuilder, value: string): number[] {
  return b.shape(value).flatMap((_, axis) => (axis === 1 ? [] : [axis]));
}

export const CONVOLUTION: Readonly<Record<string, GradientRule>> = { Conv: conv };
