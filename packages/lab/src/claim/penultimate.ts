import { type Images, OnnxClassifier, sliceImages } from '@pareidolia/core';
/** @file What a network computes before its last layer. */

import { findLogits, GraphBuilder, type Model, type Node, writeModel } from '@pareidolia/autodiff';
import type { Workbench } from './experiment.ts';

/** Images in one run. */
const BATCH = 500;

/** Operators that leave the values of their input as they are. */
const REARRANGE = new Set(['Flatten', 'Identity', 'Reshape', 'Squeeze']);

/**
 * The input of the last fully connected layer.
 *
 * @returns the name of the value; `undefined` where the network does not end in such a layer
 */
export function penultimateValue({ graph }: Model, logits: string): string | undefined {
  const makers = new Map<string, Node>(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node])));
  const computed = (node: Node): string | undefined => node.inputs.find((name) => !graph.initializers.has(name));
  let value: string | undefined = logits;
  for (;;) {
    const node = value === undefined ? undefined : makers.get(value);
    if (node === undefined) return undefined;
    if (node.opType === 'Gemm' || node.opType === 'MatMul') {
      return graph.initializers.has(node.inputs[1]!) ? node.inputs[0] : undefined;
    }
    if (node.opType !== 'Add' && !REARRANGE.has(node.opType)) return undefined;
    value = computed(node);
  }
}

/** Features of images: `N x width`. */
export interface Features {
  of(images: Images): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/**
 * A network up to its last layer, with the same preprocessing; its logits where it does not end in a fully connected layer.
 *
 * @throws InputError where the features are not one row for each image
 */
export async function penultimate(network: OnnxClassifier, bench: Workbench): Promise<Features> {
  const { classNames, outputName, ...card } = network.card;
  const { logits } = findLogits(network.network, outputName ?? network.network.graph.outputs[0]!.name);
  const value = penultimateValue(network.network, logits) ?? logits;
  const builder = GraphBuilder.from(network.network, { skip: 'outputs' });
  builder.output(value);
  // To a classifier, features are logits of as many classes.
  const features = await OnnxClassifier.load(writeModel(builder.build()), {
    card: { ...card, output: 'logits' },
    runtime: bench.runtime,
    device: bench.device,
    threads: bench.threads,
    where: network.where,
  });
  return {
    of: async (images) => {
      const all = new Float32Array(images.count * features.numClasses);
      for (let from = 0; from < images.count; from += BATCH) {
        await bench.pause();
        const { data } = await features.logits(sliceImages(images, from, Math.min(images.count, from + BATCH)));
        all.set(data, from * features.numClasses);
      }
      return all;
    },
    dispose: () => features.dispose(),
  };
}
