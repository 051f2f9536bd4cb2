/** @file Batch normalization put into training mode: statistics of the batch, and running ones that follow them. */

import type { GraphBuilder } from './builder/builder.ts';
import { OnnxError } from './errors.ts';
import type { Graph, Node } from './model/model.ts';
import { floatAttribute } from './operators/attributes.ts';

/** A layer's batch statistics, and the running ones that they are mixed into. */
interface Layer {
  /** What is normalized. */
  readonly input: string;
  readonly running: { readonly mean: string; readonly variance: string };
  readonly batch: { readonly mean: string; readonly variance: string };
  /** The part of the running statistics that is kept. */
  readonly momentum: number;
}

/** The running means and variances of a network: not for an optimizer. */
export function runningStatistics({ nodes, initializers }: Graph): readonly string[] {
  const names = new Set<string>();
  for (const node of nodes) {
    if (node.opType !== 'BatchNormalization') continue;
    for (const name of node.inputs.slice(3)) if (initializers.has(name)) names.add(name);
  }
  return [...names];
}

/**
 * The network's nodes with every BatchNormalization in training mode. With a momentum of 0 its further outputs are the
 * mean and variance of the batch itself; its gradient uses them, and so does `followBatch`.
 *
 * @throws OnnxError where running statistics are computed, or several layers share them
 */
export function inTrainingMode({ nodes, initializers }: Graph): {
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
    // ONNX Runtime writes the new statistics over the old ones, wherever these are: it gets zeros to write over.
    const zeros = [mean, variance].map((name, index): Node => {
      const zero = `${node.name}.zero${index}`;
      return { name: zero, opType: 'Sub', inputs: [name, name], outputs: [zero], attributes: new Map() };
    });
    const inputs = [input, scale, bias, ...zeros.map(({ name }) => name)];
    return [...zeros, { ...node, inputs, outputs: [node.outputs[0]!, batch.mean, batch.variance], attributes }];
  });
  return { nodes: changed, layers };
}

/**
 * Adds what the running statistics are after the step: `momentum` of what they were, and the rest of the batch's. The
 * variance is unbiased (divided by one less than the number of values) as in PyTorch, where ONNX's own running variance is
 * not. The next values are written under `.next` names.
 */
export function followBatch(b: GraphBuilder, layers: readonly Layer[]): void {
  const mix = (name: string, ofBatch: string, momentum: number): void => {
    const kept = b.op('Mul', [name, b.scalar(momentum)]);
    b.op('Add', [kept, b.op('Mul', [ofBatch, b.scalar(1 - momentum)])], {}, `${name}.next`);
  };
  for (const { input, running, batch, momentum } of layers) {
    mix(running.mean, batch.mean, momentum);
    // Of a single value there is no unbiased variance; 0 stays 0.
    const count = b.op('Div', [b.op('Size', [input]), b.op('Size', [batch.mean])]);
    const values = b.op('Cast', [count], { to: 1 });
    const others = b.op('Max', [b.op('Sub', [values, b.scalar(1)]), b.scalar(1)]);
    mix(running.variance, b.op('Mul', [batch.variance, b.op('Div', [values, others])]), momentum);
  }
}
