/** @file Small networks for tests, written as ONNX files. */

import { writeFileSync } from 'node:fs';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { GraphBuilder, writeModel } from '@pareidolia/autodiff';
import { Random } from '@pareidolia/core';
import {
  ModelProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataLocation,
} from '../../packages/autodiff/src/proto/onnx_pb.ts';

export interface TinyNetwork {
  readonly channels?: 1 | 3;
  readonly side?: number;
  readonly classes?: number;
  readonly seed?: number;
  /** A value that all weights take, instead of random ones. */
  readonly weight?: number;
  /** An operator of one input and output between the hidden layer and the scores. */
  readonly operator?: string;
}

/** Two dense layers with random weights: `N x channels x side x side` to logits. */
export function tinyNetwork(options: TinyNetwork = {}): Uint8Array {
  const { channels = 1, side = 8, classes = 4, seed = 1, weight, operator = 'Tanh' } = options;
  const random = Random.stream(seed, 99);
  const hidden = 6;
  const inputs = channels * side * side;
  const graph = new GraphBuilder('tiny');
  const matrix = (name: string, rows: number, columns: number, scale: number): string =>
    graph.initializer(name, {
      type: 'float32',
      dims: [rows, columns],
      data: Float32Array.from({ length: rows * columns }, () => weight ?? scale * random.normal()),
    });
  const image = graph.input('image', 'float32', ['N', channels, side, side]);
  const flat = graph.op('Flatten', [image], { axis: 1 });
  const layer = graph.op('MatMul', [flat, matrix('first', inputs, hidden, 2 / Math.sqrt(inputs))], {}, 'layer');
  const active = graph.op(operator, [layer], {}, 'active');
  graph.output(graph.op('MatMul', [active, matrix('second', hidden, classes, 2)], {}, 'logits'));
  return writeModel(graph.build());
}

/** Writes a tiny network and gives its path back. */
export function writeTinyNetwork(path: string, options?: TinyNetwork): string {
  writeFileSync(path, tinyNetwork(options));
  return path;
}

/** The network with its first weights moved to another file. */
export function withExternalData(model: Uint8Array, location: string): Uint8Array {
  return splitWeights(model, location).model;
}

/** The same, and what that file holds. */
export function splitWeights(
  model: Uint8Array,
  location: string,
): { readonly model: Uint8Array; readonly weights: Uint8Array } {
  const proto = fromBinary(ModelProtoSchema, model);
  const tensor = proto.graph!.initializer[0]!;
  const weights = tensor.rawData;
  tensor.rawData = new Uint8Array();
  tensor.dataLocation = TensorProto_DataLocation.EXTERNAL;
  tensor.externalData = [create(StringStringEntryProtoSchema, { key: 'location', value: location })];
  return { model: toBinary(ModelProtoSchema, proto), weights };
}
