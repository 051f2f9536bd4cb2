/** @file Collects the nodes of a lowered graph. */

import type { GraphBuilder } from '../builder/builder.ts';
import type { Node } from '../model/model.ts';
import type { TensorValue } from '../model/tensor.ts';
import { type Attributes, writtenAttributes } from '../operators/attributes.ts';

/** Collects nodes and constants, with names that are unused in the graph. */
export class Writer {
  readonly nodes: Node[] = [];
  readonly initializers: Map<string, TensorValue>;
  readonly #names: GraphBuilder;

  constructor(names: GraphBuilder, initializers: Map<string, TensorValue>) {
    this.#names = names;
    this.initializers = initializers;
  }

  name(stem: string): string {
    return this.#names.unique(stem);
  }

  constant(value: TensorValue): string {
    const name = this.name('constant');
    this.initializers.set(name, value);
    return name;
  }

  scalar(value: number): string {
    return this.constant({ type: 'float32', dims: [], data: Float32Array.of(value) });
  }

  op(
    opType: string,
    inputs: readonly string[],
    attributes: Attributes = {},
    output: string = this.name(`${opType}_out`),
  ): string {
    const written = writtenAttributes(opType, attributes);
    this.nodes.push({ name: this.name(opType), opType, inputs, outputs: [output], attributes: written });
    return output;
  }
}
