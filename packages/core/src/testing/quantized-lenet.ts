/**
 * @file Quantizes the embedded network in the three ways of ONNX Runtime's quantizer, for tests: uint8 values with ranges
 * seen on some images, int8 weights with a scale for each output channel, int32 biases.
 */

import { GraphBuilder, type Model, type Node, tensor, writeModel } from '@pareidolia/autodiff';
import type { Runtime, Tensor } from '../runtime/runtime.ts';

export type QuantizedFormat = 'QDQ' | 'QOperator' | 'dynamic';

type Range = readonly [low: number, high: number];

/** The range of each value of a network over some images. */
export async function rangesOf(network: Model, images: Tensor, runtime: Runtime): Promise<ReadonlyMap<string, Range>> {
  const values = network.graph.nodes.flatMap(({ outputs }) => outputs);
  const b = GraphBuilder.from(network, { skip: 'outputs' });
  for (const value of values) b.output(value);
  const session = await runtime.createSession(writeModel(b.build()), { device: 'cpu', threads: 1 });
  const input = network.graph.inputs[0]!.name;
  const results = { ...(await session.run({ [input]: images }, values)), [input]: images };
  await session.dispose();
  const rangeOf = ({ data }: Tensor): Range =>
    (data as Float32Array).reduce<Range>(([low, high], x) => [Math.min(low, x), Math.max(high, x)], [0, 0]);
  return new Map(Object.entries(results).map(([name, value]) => [name, rangeOf(value)]));
}

/** Writes the quantized network. */
class Quantizer {
  readonly b: GraphBuilder;
  readonly network: Model;
  readonly #ranges: ReadonlyMap<string, Range>;

  constructor(network: Model, ranges: ReadonlyMap<string, Range>, batch: number | string) {
    this.network = network;
    this.#ranges = ranges;
    this.b = new GraphBuilder('quantized');
    this.b.reserve(network);
    const [input] = network.graph.inputs;
    this.b.input(input!.name, 'float32', [batch, ...input!.shape!.slice(1)]);
  }

  /** Scale and zero point of a value, uint8 and asymmetric. */
  scaling(value: string): { readonly names: readonly [string, string]; readonly scale: number } {
    const [low, high] = this.#ranges.get(value)!;
    const scale = Math.fround((high - low) / 255);
    const zero = tensor('uint8', [], Uint8Array.of(Math.round(-low / scale)));
    return { names: [this.b.scalar(scale), this.b.constant(zero)], scale };
  }

  /** Weights with scales and zero points, one for each of the first axis. */
  weights(name: string): { readonly names: readonly [string, string, string]; readonly scales: Float32Array } {
    const { dims, data } = this.network.graph.initializers.get(name)!;
    const [floats, channels] = [data as Float32Array, dims[0]!];
    const size = floats.length / channels;
    const scales = Float32Array.from({ length: channels }, (_, c) => {
      const own = floats.subarray(c * size, (c + 1) * size);
      return own.reduce((most, w) => Math.max(most, Math.abs(w)), 0) / 127;
    });
    const integers = Int8Array.from(floats, (w, i) => Math.round(w / scales[Math.floor(i / size)]!));
    const zeros = tensor('int8', [channels], new Int8Array(channels));
    const names = [tensor('int8', dims, integers), tensor('float32', [channels], scales), zeros] as const;
    return { names: names.map((value) => this.b.constant(value)) as [string, string, string], scales };
  }

  /** A bias in steps of the scale of the input times that of the weights. */
  bias(name: string, scales: Float32Array): string {
    const { dims, data } = this.network.graph.initializers.get(name)!;
    return this.b.constant(
      tensor(
        'int32',
        dims,
        Int32Array.from(data as Float32Array, (x, c) => Math.round(x / scales[c]!)),
      ),
    );
  }

  attributes(node: Node): Record<string, never> {
    return Object.fromEntries([...node.attributes].map(([name, { value }]) => [name, value])) as Record<string, never>;
  }
}

/** Every value goes through QuantizeLinear and DequantizeLinear. */
function pairs(q: Quantizer): void {
  const { b, network } = q;
  const paired = (value: string, range: string, output?: string): string => {
    const { names } = q.scaling(range);
    return b.op('DequantizeLinear', [b.op('QuantizeLinear', [value, ...names]), ...names], {}, output);
  };
  const [input] = network.graph.inputs;
  const values = new Map([[input!.name, paired(input!.name, input!.name)]]);
  for (const node of network.graph.nodes) {
    const [x = '', weight, bias] = node.inputs;
    const inputs = [values.get(x)!];
    if (weight !== undefined) {
      const { names, scales } = q.weights(weight);
      const steps = scales.map((scale) => scale * q.scaling(x).scale);
      inputs.push(b.op('DequantizeLinear', names, { axis: 0 }));
      const unit = b.constant(tensor('float32', [steps.length], steps));
      inputs.push(b.op('DequantizeLinear', [q.bias(bias!, steps), unit], { axis: 0 }));
    }
    const [output = ''] = node.outputs;
    const isLast = output === network.graph.outputs[0]!.name;
    values.set(output, paired(b.op(node.opType, inputs, q.attributes(node)), output, isLast ? output : undefined));
  }
}

/** Integers from the first QuantizeLinear to the last DequantizeLinear; a Relu is the zero point of what it follows. */
function operators(q: Quantizer): void {
  const { b, network } = q;
  const { nodes } = network.graph;
  const [input] = network.graph.inputs;
  /** The integers of a value, and the value whose range they have. */
  const values = new Map([
    [
      input!.name,
      { integers: b.op('QuantizeLinear', [input!.name, ...q.scaling(input!.name).names]), range: input!.name },
    ],
  ]);
  for (const node of nodes) {
    const [x = '', weight, bias] = node.inputs;
    const [output = ''] = node.outputs;
    const { integers, range } = values.get(x)!;
    if (node.opType === 'Relu') values.set(output, { integers, range });
    else if (weight === undefined) {
      values.set(output, { integers: b.op(node.opType, [integers], q.attributes(node)), range });
    } else {
      const before = q.scaling(range);
      const { names, scales } = q.weights(weight);
      const steps = scales.map((scale) => scale * before.scale);
      const next = nodes.find(({ opType, inputs }) => opType === 'Relu' && inputs[0] === output)?.outputs[0] ?? output;
      const [head, tail] = [[integers, ...before.names, ...names], q.scaling(next).names];
      const y =
        node.opType === 'Conv'
          ? b.op('QLinearConv', [...head, ...tail, q.bias(bias!, steps)], q.attributes(node))
          : b.op('com.microsoft.QGemm', [...head, q.bias(bias!, steps), ...tail], q.attributes(node));
      values.set(output, { integers: y, range: next });
    }
  }
  const last = network.graph.outputs[0]!.name;
  const { integers, range } = values.get(last)!;
  b.op('DequantizeLinear', [integers, ...q.scaling(range).names], {}, last);
}

/** Values are quantized with the range that they have, and sums are floats again. */
function dynamics(q: Quantizer): void {
  const { b, network } = q;
  for (const node of network.graph.nodes) {
    const [x = '', weight, bias] = node.inputs;
    const [output = ''] = node.outputs;
    if (weight === undefined) {
      b.op(node.opType, [x], q.attributes(node), output);
      continue;
    }
    const { names, scales } = q.weights(weight);
    const isConv = node.opType === 'Conv';
    const [integers, scale, zeroPoint] = b.ops('DynamicQuantizeLinear', [x], 3) as [string, string, string];
    const turned = isConv ? names[0] : b.op('Transpose', [names[0]]);
    // ConvInteger has one zero point for all channels.
    const zero = b.constant(tensor('int8', [], Int8Array.of(0)));
    const sums = b.op(
      isConv ? 'ConvInteger' : 'MatMulInteger',
      [integers, turned, zeroPoint, zero],
      isConv ? q.attributes(node) : {},
    );
    const spread = isConv ? [scales.length, 1, 1] : [scales.length];
    const factors = b.op('Mul', [scale, b.constant(tensor('float32', spread, scales))]);
    const added = network.graph.initializers.get(bias!)!.data as Float32Array;
    const scaled = b.op('Mul', [b.op('Cast', [sums], { to: 1 }), factors]);
    b.op('Add', [scaled, b.constant(tensor('float32', spread, added))], {}, output);
  }
}

/**
 * The quantized network.
 *
 * @param network the embedded one, in floats
 * @param batch length or name of the batch axis
 */
export function quantizedNetwork(
  network: Model,
  ranges: ReadonlyMap<string, Range>,
  format: QuantizedFormat,
  batch: number | string = 'N',
): Model {
  const quantizer = new Quantizer(network, ranges, batch);
  ({ QDQ: pairs, QOperator: operators, dynamic: dynamics })[format](quantizer);
  quantizer.b.output(network.graph.outputs[0]!.name);
  return quantizer.b.build();
}
