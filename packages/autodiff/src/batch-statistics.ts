/** @file BatchNormalization in training mode: statistics of the batch, and running statistics that follow them. */

import type { GraphBuilder } from './builder/builder.ts';
import { OnnxError } from './errors.ts';
import type { Graph, Node } from './model/model.ts';
import { floatAttribute } from './operators/attributes.ts';

/** The statistics of a BatchNormalization node: names of values. */
export interface Layer {
  /** The input of the node. */
  readonly input: string;
  readonly running: { readonly mean: string; readonly variance: string };
  readonly batch: { readonly mean: string; readonly variance: string };
  /** The fraction of the running statistics that is kept in a step. */
  readonly momentum: number;
}

/** Names of the constants that are running means and variances, which no optimizer should touch. */
export function runningStatistics({ nodes, initializers }: Graph): readonly string[] {
  const names = new Set<string>();
  for (const node of nodes) {
    if (node.opType !== 'BatchNormalization') continue;
    for (const name of node.inputs.slice(3)) if (initializers.has(name)) names.add(name);
  }
  return [...names];
}

/**
 * The network's nodes with every BatchNormalization in training mode. Its momentum is set to 0, so that its further
 * outputs are the mean and variance of the batch alone: its gradient uses them, and so does `followBatch`.
 *
 * @param copy a number of its own for each of several copies that go into one graph
 * @throws OnnxError where running statistics are computed, or several nodes share them
 */
export function inTrainingMode(
  { nodes, initializers }: Graph,
  copy = 0,
): {
  readonly nodes: readonly Node[];
  readonly layers: readonly Layer[];
} {
  const layers: Layer[] = [];
  const taken = new Set<string>();
  const changed = nodes.flatMap((node) => {
    if (node.opType !== 'BatchNormalization') return [node];
    const [input = '', scale = '', bias = '', mean = '', variance = ''] = node.inputs;
    for (const name of [mean, variance]) {
      const own = initializers.get(name)?.type === 'float32' && !taken.has(name);
      taken.add(name);
      if (own) continue;
      throw new OnnxError(
        `BatchNormalization (node ${node.name}) has running statistics ${name} that are computed or used elsewhere too; train with batchNormalization 'inference'`,
      );
    }
    const batch = { mean: `${node.name}.batch_mean`, variance: `${node.name}.batch_variance` };
    layers.push({ input, running: { mean, variance }, batch, momentum: floatAttribute(node, 'momentum', 0.9) });
    const attributes = new Map(node.attributes);
    attributes.set('training_mode', { kind: 'int', value: 1 });
    attributes.set('momentum', { kind: 'float', value: 0 });
    // ONNX Runtime overwrites the statistics that are fed in, even where they are constants, and where its optimizer has found that
    // two nodes are fed the same: each gets zeros of its own to overwrite, max(0, min(1, 0 x - copy)).
    const zeros = [mean, variance].map((name, index): Node => {
      const zero = `${node.name}.zero${index}`;
      const zeroing: Node['attributes'] = new Map([
        ['alpha', { kind: 'float', value: 0 }],
        ['beta', { kind: 'float', value: -copy }],
      ]);
      return { name: zero, opType: 'HardSigmoid', inputs: [name], outputs: [zero], attributes: zeroing };
    });
    const inputs = [input, scale, bias, ...zeros.map(({ name }) => name)];
    return [...zeros, { ...node, inputs, outputs: [node.outputs[0]!, batch.mean, batch.variance], attributes }];
  });
  return { nodes: changed, layers };
}

/**
 * Adds the running statistics after a step of one pass through the network, under names that end in `.next`. The network
 * may have passed over several batches: see {@link afterBatch}.
 */
export function followBatch(b: GraphBuilder, layers: readonly Layer[]): void {
  for (const layer of layers) {
    const { mean, variance } = layer.running;
    afterBatch(b, layer, layer.running, { mean: `${mean}.next`, variance: `${variance}.next` });
  }
}

/**
 * Adds the running statistics of a layer after a batch: `momentum` times the old ones plus (1 - `momentum`) times those of the
 * batch. The variance of the batch is the unbiased one (divided by n - 1), as in PyTorch; ONNX's own running variance
 * is biased.
 *
 * @param before names of the running statistics before the batch
 * @param after names that the results get; new ones when absent
 * @returns names of the results
 */
export function afterBatch(
  b: GraphBuilder,
  { input, batch, momentum }: Pick<Layer, 'input' | 'batch' | 'momentum'>,
  before: Layer['running'],
  after?: Layer['running'],
): Layer['running'] {
  const mix = (name: string, ofBatch: string, next: string | undefined): string => {
    const kept = b.op('Mul', [name, b.scalar(momentum)]);
    return b.op('Add', [kept, b.op('Mul', [ofBatch, b.scalar(1 - momentum)])], {}, next);
  };
  const mean = mix(before.mean, batch.mean, after?.mean);
  // A single value has no unbiased variance; dividing by 1 leaves it 0.
  const count = b.op('Div', [b.op('Size', [input]), b.op('Size', [batch.mean])]);
  const values = b.op('Cast', [count], { to: 1 });
  const others = b.op('Max', [b.op('Sub', [values, b.scalar(1)]), b.scalar(1)]);
  const unbiased = b.op('Mul', [batch.variance, b.op('Div', [values, others])]);
  return { mean, variance: mix(before.variance, unbiased, after?.variance) };
}
