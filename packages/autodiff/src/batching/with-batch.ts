/** @file Opens the batch axis of a model that was exported for one image, if no image can then influence another. */

import type { GraphBuilder } from '../builder/builder.ts';
import { sound } from '../errors.ts';
import { type Entries, tensorOfEntries } from '../model/entries.ts';
import type { Dim, Model, Node } from '../model/model.ts';
import type { TensorValue } from '../model/tensor.ts';
import { inferNode } from '../shapes/infer.ts';
import type { ValueType } from '../shapes/types.ts';
import { rewrite, type Step } from '../upgrades/rewrite.ts';
import { ALONG_AXES_BATCHES } from './along-axes.ts';
import {
  BATCH,
  type BatchAxis,
  type Batched,
  type BatchRule,
  batchedShape,
  batchTarget,
  isPure,
  reshapedAxis,
} from './axis.ts';
import { ELEMENTWISE_BATCHES, unproven } from './elementwise.ts';
import { MOVEMENT_BATCHES } from './movement.ts';
import { QUANTIZED_BATCHES } from './quantized.ts';

export { BATCH } from './axis.ts';

const RULES: Readonly<Record<string, BatchRule>> = {
  ...ALONG_AXES_BATCHES,
  ...ELEMENTWISE_BATCHES,
  ...MOVEMENT_BATCHES,
  ...QUANTIZED_BATCHES,
};

/**
 * The model, upgraded (see {@link upgrade}), with an open batch axis (named {@link BATCH}).
 *
 * Every input whose first axis has length 1 gets an open one. The batch axis is tracked through the graph, and whatever
 * was written for one image (targets of reshapes, class tokens, squeezed axes) is rewritten for any number. All outputs
 * that depend on the images have the batch in front, also where the model left the axis out.
 *
 * @returns the model itself if no input has a first axis of length 1
 * @throws {@link FixedBatchError} naming the operator at which images could influence each other
 * @throws {@link OnnxError} if the upgrade fails
 */
export function withBatch(model: Model): Model {
  const isForOne = ({ shape }: Model['graph']['inputs'][number]): boolean => shape?.[0] === 1 && shape.length > 1;
  const opened = new Set(model.graph.inputs.filter(isForOne).map(({ name }) => name));
  if (opened.size === 0) return model;
  // An axis that the model itself calls as we call the batch is another one.
  const apart = (dim: Dim): Dim => (dim === BATCH ? '?' : dim);
  const inputs = model.graph.inputs.map((input) => {
    const shape = input.shape?.map(apart);
    return opened.has(input.name) ? { ...input, shape: [BATCH, ...shape!.slice(1)] } : { ...input, shape };
  });
  const outputs = new Set(model.graph.outputs.map(({ name }) => name));
  const stepOf = (b: GraphBuilder): Step => {
    const images = new Images(b, outputs);
    for (const { name, type, shape } of model.graph.inputs)
      images.input(name, { type, shape: shape ?? [] }, opened.has(name));
    return images;
  };
  return sound(() => rewrite(model, inputs, { stepOf }));
}

/** Tracks the batch axis through a graph. */
class Images implements Step {
  readonly #b: GraphBuilder;
  readonly #outputs: ReadonlySet<string>;
  /** Types and shapes for one image. */
  readonly #single = new Map<string, ValueType>();
  readonly #axes = new Map<string, BatchAxis>();
  /** Outputs that get another shape at the end, with the names of their values before. */
  readonly #inside = new Map<string, string>();

  constructor(b: GraphBuilder, outputs: ReadonlySet<string>) {
    this.#b = b;
    this.#outputs = outputs;
  }

  input(name: string, single: ValueType, opened: boolean): void {
    this.#single.set(name, single);
    if (opened) this.#axes.set(name, { axis: 0, outer: 1, inner: 1 });
  }

  rewrite(written: Node): Node {
    const node = { ...written, inputs: written.inputs.map((name) => this.#inside.get(name) ?? name) };
    const types = this.#typesOf(node);
    const { node: batched, axes } = this.#isShared(node) ? this.#shared(node) : this.#batched(node, types);
    const names = node.outputs.map((output, index) => {
      const [axis, type] = [axes[index], types[index]];
      if (output === '' || axis === undefined || !this.#outputs.has(output) || (axis.axis === 0 && isPure(axis)))
        return output;
      if (type === undefined) throw unproven(node, 'the shape is not known');
      const inside = this.#b.unique(output);
      this.#inside.set(output, inside);
      return inside;
    });
    names.forEach((name, index) => {
      const [axis, type] = [axes[index], types[index]];
      if (name === '') return;
      if (type !== undefined) this.#single.set(name, type);
      if (axis !== undefined) this.#axes.set(name, axis);
    });
    return { ...batched, outputs: names };
  }

  placed(node: Node): void {
    for (const output of node.outputs) {
      const [axis, type] = [this.#axes.get(output), this.#single.get(output)];
      if (axis !== undefined && type !== undefined && this.#b.has(output)) {
        this.#b.describe(output, { type: type.type, shape: batchedShape(axis, type.shape.map(Number)) });
      }
    }
    for (const [output, inside] of this.#inside) {
      if (!node.outputs.includes(inside)) continue;
      const { type, shape: single } = this.#single.get(inside)!;
      const shape = single.map(Number);
      // An axis of length 1 in front is the batch; where there is none, the batch is put in front.
      const front = shape[0] === 1 ? shape : [1, ...shape];
      const axis = reshapedAxis(this.#axes.get(inside)!, shape, front);
      if (axis?.axis !== 0 || !isPure(axis))
        throw unproven(node, `the output ${output} does not have the images in front`);
      this.#b.op('Reshape', [inside, this.#b.ints(batchTarget(axis, front))], {}, output);
      this.#b.describe(output, { type, shape: batchedShape(axis, front) });
    }
  }

  #isShared(node: Node): boolean {
    return !node.inputs.some((name) => this.#axes.has(name));
  }

  /** A node whose inputs do not depend on the images; its output may still have one copy for each. */
  #shared(node: Node): Batched {
    const target = node.opType === 'Expand' ? 1 : node.opType === 'ConstantOfShape' ? 0 : undefined;
    const countsImages = node.inputs.some((name) =>
      this.#b.entriesOf(name)?.data.some((entry) => typeof entry === 'string'),
    );
    if (!countsImages) return { node, axes: [] };
    const entries = target === undefined ? undefined : this.#b.entriesOf(node.inputs[target] ?? '');
    if (entries !== undefined) {
      const axis = entries.data.indexOf(BATCH);
      const others = entries.data.filter((entry) => typeof entry === 'string').length;
      if (axis >= 0 && others === 1) return { node, axes: [{ axis, outer: 1, inner: 1 }] };
      throw unproven(node, 'the number of images is part of a shape');
    }
    // Arithmetic on shapes may use the number of images; anywhere else it would become part of the result.
    if (node.inputs.every((name) => name === '' || this.#b.entriesOf(name) !== undefined)) return { node, axes: [] };
    throw unproven(node, 'the number of images is part of the result');
  }

  #batched(node: Node, types: readonly (ValueType | undefined)[]): Batched {
    const rule = Object.hasOwn(RULES, node.opType) ? RULES[node.opType] : undefined;
    const refuse = (why: string): never => {
      throw unproven(node, why);
    };
    if (rule === undefined) return refuse('it is not known to keep the images apart');
    const shapeOf = (type: ValueType | undefined): readonly number[] => {
      const shape = type?.shape ?? refuse('a shape is not known');
      return shape.every((dim) => typeof dim === 'number') ? shape : refuse('a shape is not known');
    };
    const axes = node.inputs.map((name) => this.#axes.get(name));
    return rule({
      b: this.#b,
      node,
      batch: (index) => axes[index],
      first: axes.find((axis) => axis !== undefined)!,
      shape: (index) => shapeOf(this.#singleOf(node.inputs[index] ?? '')),
      out: shapeOf(types[0]),
      has: (index) => (node.inputs[index] ?? '') !== '',
      ints: (index) => {
        const data = this.#singleEntries(node.inputs[index] ?? '')?.data ?? [];
        const known = data.filter((entry) => typeof entry === 'number');
        return known.length === data.length && this.#b.entriesOf(node.inputs[index] ?? '') !== undefined
          ? known
          : refuse('a parameter is computed');
      },
      refuse,
    });
  }

  #typesOf(node: Node): readonly (ValueType | undefined)[] {
    return inferNode(
      node,
      (name) => this.#singleOf(name),
      (name) => this.#b.valueOf(name) ?? this.#singleConstant(name),
      (name) => this.#singleEntries(name),
    );
  }

  /** Values that are not tracked are the same for all images. */
  #singleOf(name: string): ValueType | undefined {
    return this.#single.get(name) ?? (this.#b.isDescribed(name) ? this.#b.typeOf(name) : undefined);
  }

  /** Values computed from constants alone, such as the scales of a Resize, which PyTorch concatenates. */
  #singleConstant(name: string): TensorValue | undefined {
    const entries = this.#singleEntries(name);
    return entries && tensorOfEntries(entries);
  }

  /** Elements of a small value for one image. */
  #singleEntries(name: string): Entries | undefined {
    const entries = this.#b.entriesOf(name);
    return entries && { ...entries, data: entries.data.map((entry) => (entry === BATCH ? 1 : entry)) };
  }
}
