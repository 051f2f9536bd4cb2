import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GraphBuilder, type Model, type Node, readModel, writeModel } from '@pareidolia/autodiff';
import { describe, expect, it } from 'vitest';
import { graphDigest, weightCount, weightsDigest } from './digest.ts';
import { knownNetwork } from './known.ts';

/** Two branches of the image that are added: nodes in two orders, weights and small constants. */
function network(change: { weight?: number; attribute?: number; swapped?: boolean; opset?: number } = {}): Model {
  const { weight = 0, attribute = 1, swapped = false, opset } = change;
  const b = new GraphBuilder('test');
  b.input('x', 'float32', ['N', 1, 4, 4]);
  const values = (count: number, seed: number): Float32Array =>
    Float32Array.from({ length: count }, (_, index) => Math.sin(index + seed));
  const first = b.initializer('first', { type: 'float32', dims: [16, 20], data: values(320, 1 + weight) });
  const second = b.initializer('second', { type: 'float32', dims: [16, 20], data: values(320, 2) });
  const flat = b.op('Flatten', ['x'], { axis: attribute });
  const one = b.op('Relu', [b.op('MatMul', [flat, first])]);
  const two = b.op('MatMul', [flat, second]);
  b.output(b.op('Sub', swapped ? [two, one] : [one, two], {}, 'scores'));
  const model = b.build();
  return opset === undefined ? model : { ...model, opset };
}

/** With other names, the nodes in another order, constants as nodes, Identity nodes, metadata, and constants that nothing uses. */
function disguised({ graph, ...model }: Model): Model {
  const name = (value: string): string => (value === '' ? '' : `other.${value}`);
  const nodes = graph.nodes.map(
    (node): Node => ({
      ...node,
      name: name(node.name),
      inputs: node.inputs.map(name),
      outputs: node.outputs.map(name),
    }),
  );
  const constants = [...graph.initializers].map(
    ([value, tensor]): Node => ({
      name: `constant ${value}`,
      opType: 'Constant',
      inputs: [],
      outputs: [name(value)],
      attributes: new Map([['value', { kind: 'tensor', value: tensor }]]),
    }),
  );
  const outputs = graph.outputs.map((output) => ({ ...output, name: `${name(output.name)} again` }));
  const identities = graph.outputs.map(
    (output): Node => ({
      name: `identity ${output.name}`,
      opType: 'Identity',
      inputs: [name(output.name)],
      outputs: [`${name(output.name)} again`],
      attributes: new Map(),
    }),
  );
  const unused = { type: 'float32', dims: [400], data: new Float32Array(400) } as const;
  return {
    ...model,
    producer: 'somebody else',
    metadata: new Map([['author', 'somebody']]),
    graph: {
      ...graph,
      name: 'other',
      inputs: graph.inputs.map((input) => ({ ...input, name: name(input.name) })),
      outputs,
      // The nodes backwards: reading sorts them.
      nodes: [...identities, ...[...nodes].reverse(), ...constants],
      initializers: new Map([['unused', unused]]),
    },
  };
}

const reread = (model: Model): Model => readModel(writeModel(model));

describe('the digest of a graph', () => {
  it('does not depend on names, order, metadata and the kind of constants', () => {
    const other = reread(disguised(network()));
    expect(graphDigest(other)).toBe(graphDigest(network()));
    expect(weightsDigest(other)).toBe(weightsDigest(network()));
    expect(weightCount(other)).toBe(640);
  });

  it.each([
    ['a weight', { weight: 1e-3 }],
    ['an attribute', { attribute: 2 }],
    ['the wiring', { swapped: true }],
    ['the opset', { opset: 13 }],
  ])('depends on %s', (_, change) => {
    expect(graphDigest(network(change))).not.toBe(graphDigest(network()));
  });

  it('of weights depends on them alone', () => {
    expect(weightsDigest(network({ swapped: true, attribute: 2, opset: 13 }))).toBe(weightsDigest(network()));
    expect(weightsDigest(network({ weight: 1e-3 }))).not.toBe(weightsDigest(network()));
  });
});

const models = join(process.env.PAREIDOLIA_DATA ?? join(process.cwd(), '..', 'shared', 'data'), 'models');

describe.skipIf(!existsSync(models))('published networks (PAREIDOLIA_DATA)', () => {
  const load = (file: string): Model => readModel(new Uint8Array(readFileSync(join(models, file))));

  it.each([
    ['squeezenet1.1.onnx', 'SqueezeNet 1.1'],
    ['squeezenet1.0-tf1001.onnx', 'SqueezeNet 1.0'],
    ['mobilenet_v1_0.25_224.onnx', 'MobileNet v1 0.25'],
    ['mnist-lenet-nguyen2015.onnx', 'the LeNet of Nguyen, Yosinski and Clune'],
    ['mnist-lenet5-clean.onnx', "Advertorch's LeNet5"],
    ['mnist-lenet5-advtrained.onnx', "Advertorch's LeNet5, adversarially trained"],
    ['mnist-cntk.onnx', "CNTK's MNIST network"],
    ['cifar10-resnet20.onnx', 'ResNet-20'],
    ['cifar10-cct-4_3x1.onnx', 'CCT-4/3x1'],
  ])('%s is %s, also with other names', (file, name) => {
    const model = load(file);
    expect(knownNetwork(model)).toMatchObject({ name, by: 'graph' });
    expect(knownNetwork(reread(disguised(model)))).toMatchObject({ name, by: 'graph' });
  });

  it('is known by its weights in another graph, whose outputs and axes may be others', () => {
    const { graph, ...model } = load('squeezenet1.1.onnx');
    const [output] = graph.outputs;
    const softmax: Node = {
      name: 'softmax',
      opType: 'Softmax',
      inputs: [output!.name],
      outputs: ['probabilities'],
      attributes: new Map(),
    };
    const outputs = [{ ...output!, name: 'probabilities' }];
    const known = knownNetwork({ ...model, graph: { ...graph, nodes: [...graph.nodes, softmax], outputs } });
    expect(known).toMatchObject({ name: 'SqueezeNet 1.1', by: 'weights', card: { mean: [0.485, 0.456, 0.406] } });
    expect(known?.card.output).toBeUndefined();
  });

  it.each(['cifar10-resnet32.onnx', 'mnist-trades-smallcnn.onnx', 'mnist-kw-eps01.onnx'])('%s is not known', (file) => {
    expect(knownNetwork(load(file))).toBeUndefined();
  });
});
