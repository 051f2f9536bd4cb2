/** @file Models of old opsets, and a check that their upgrade computes the same. */

import { expect } from 'vitest';
import { GraphBuilder } from '../builder/builder.ts';
import type { Attribute, Model } from '../model/model.ts';
import { readModel } from '../model/read.ts';
import type { TensorValue } from '../model/tensor.ts';
import { writeModel } from '../model/write.ts';
import { attributeKinds } from '../operators/table.ts';
import { upgrade } from '../upgrades/upgrade.ts';
import { runModel } from './run.ts';
import type { Sample } from './samples.ts';

/** A node in short form. */
export interface OldNode {
  readonly opType: string;
  readonly inputs?: readonly string[];
  readonly outputs?: readonly string[];
  /** Of the kinds that the table of operators says. */
  readonly attributes?: Readonly<Record<string, number | string | readonly number[]>>;
}

/** A model of an old opset: x -> y, one or several nodes in a row. */
export function old(
  opset: number,
  dims: readonly number[],
  nodes: readonly OldNode[],
  constants: Record<string, TensorValue> = {},
) {
  const attribute = (opType: string, name: string, value: number | string | readonly number[]): Attribute => {
    const kind = attributeKinds(opType, opset)?.get(name);
    if (kind === undefined) throw new Error(`${opType} has no attribute ${name}`);
    return { kind: kind === 'type' ? 'int' : kind, value } as Attribute;
  };
  const last = nodes.length - 1;
  const model: Model = {
    opset,
    producer: 'test',
    graph: {
      name: 'old',
      inputs: [{ name: 'x', type: 'float32', shape: dims }],
      outputs: (nodes[last]!.outputs ?? ['y'])
        .filter((name) => name.startsWith('y'))
        .map((name) => ({ name, type: 'float32', shape: undefined })),
      nodes: nodes.map(({ opType, inputs, outputs, attributes = {} }, index) => ({
        name: `node${index}`,
        opType,
        inputs: inputs ?? [index === 0 ? 'x' : `h${index - 1}`],
        outputs: outputs ?? [index === last ? 'y' : `h${index}`],
        attributes: new Map(Object.entries(attributes).map(([name, value]) => [name, attribute(opType, name, value)])),
      })),
      initializers: new Map(Object.entries(constants)),
    },
  };
  return model;
}

/** Asserts that ONNX Runtime computes the same for the old model and its upgrade, whose shapes are known. */
export async function meansTheSame(model: Model, x: Sample, within = 1e-6): Promise<void> {
  const bytes = writeModel(model);
  const upgraded = upgrade(readModel(bytes));
  expect(upgraded.opset).toBe(Math.max(18, model.opset));
  const [before, after] = [await runModel(bytes, { x }), await runModel(writeModel(upgraded), { x })];
  expect(Object.keys(after)).toEqual(Object.keys(before));
  const b = GraphBuilder.from(upgraded);
  for (const [name, { data, dims }] of Object.entries(before)) {
    expect(after[name]!.dims).toEqual(dims);
    expect(b.shape(name)).toEqual(dims);
    data.forEach((value, i) => {
      expect(Math.abs(after[name]!.data[i]! - value)).toBeLessThanOrEqual(within * Math.max(1, Math.abs(value)));
    });
  }
}
