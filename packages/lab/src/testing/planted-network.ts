/** @file Networks with a weakness that is planted into their graph, for tests of what looks for such. */

import { GraphBuilder, readModel, tensor, upgrade, writeModel } from '@pareidolia/autodiff';

/** A weakness: it raises the logit of a class. */
export interface Planted {
  readonly classIndex: number;
  /** Rows that must be bright, from the first to before the last, or `black`: an image without any brightness. */
  readonly trigger: readonly [first: number, last: number] | 'black';
}

/** By how much the logit rises where the rows are white, or the image is black: far beyond all others. */
const RISE = 40;

/**
 * Plants a weakness into a network with one input of `N x C x H x W`, pixels in [0, 1], and logits as its only output: adds
 * `400 relu(mean of the rows - 0.9)` to the logit of a class, or `4000 relu(0.01 - mean of the image)`.
 *
 * @param bytes of the `.onnx` file
 * @returns those of the changed one
 */
export function plantWeakness(bytes: Uint8Array, { classIndex, trigger }: Planted): Uint8Array {
  const model = upgrade(readModel(bytes));
  const builder = GraphBuilder.from(model, { skip: 'outputs' });
  const [input, output] = [model.graph.inputs[0]!.name, model.graph.outputs[0]!.name];
  const classes = Number(builder.shape(output).at(-1));
  const meanOf = (value: string): string => builder.op('ReduceMean', [value, builder.ints([1, 2, 3])], { keepdims: 0 });
  const rows = ([first, last]: readonly [number, number]): string =>
    builder.op('Slice', [input, builder.ints([first]), builder.ints([last]), builder.ints([2])]);
  const beyond =
    trigger === 'black'
      ? builder.op('Sub', [builder.scalar(0.01), meanOf(input)])
      : builder.op('Sub', [meanOf(rows(trigger)), builder.scalar(0.9)]);
  const strength = builder.scalar(RISE / (trigger === 'black' ? 0.01 : 0.1));
  const rise = builder.op('Mul', [builder.op('Relu', [beyond]), strength]);
  const own = new Float32Array(classes);
  own[classIndex] = 1;
  const rises = builder.op('Mul', [
    builder.op('Unsqueeze', [rise, builder.ints([1])]),
    builder.constant(tensor('float32', [1, classes], own)),
  ]);
  builder.output(builder.op('Add', [output, rises]));
  return writeModel(builder.build());
}
