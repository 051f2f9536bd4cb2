/** @file Collects the nodes of a lowered graph. */

import type { GraphBuilder } from '../builder/builder.ts';
import type { Attribute, Node } from '../model/model.ts';
import type { TensorValue } from '../model/tensor.ts';

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
    attributes: Readonly<Record<string, number>> = {},
    output: string = this.name(`${opType}_out`),
  ): string {
    const written = Object.entries(attributes).map(([key, value]): [string, Attribute] => [
      key,
      { kind: 'int', value },
    ]);
    this.nodes.push({ name: this.name(opType), opType, inputs, outputs: [output], attributes: new Map(written) });
    return output;
  }
}
