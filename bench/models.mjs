/** @file The real networks that benches run on; they are skipped where PAREIDOLIA_DATA does not name their folder. */

import { readFile } from 'node:fs/promises';
import {
  differentiate,
  findLogits,
  GraphBuilder,
  logProbabilityObjective,
  readModel,
  upgrade,
  withBatch,
} from '@pareidolia/autodiff';
import { gatherCard, OnnxClassifier } from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';

export const dataFolder = process.env.PAREIDOLIA_DATA;

export async function loadModel(name) {
  return new Uint8Array(await readFile(`${dataFolder}/models/${name}`));
}

/**
 * A network, and the graph that has the gradient of a class's log-probability as its last output. It is not lowered yet.
 *
 * @param {boolean} scored whether logits and objective are outputs, too
 */
export function gradientOf(bytes, scored = false) {
  const network = upgrade(withBatch(readModel(bytes)));
  const [input] = network.graph.inputs;
  const b = GraphBuilder.from(network, { skip: 'outputs' });
  const { logits } = findLogits(network, network.graph.outputs[0].name);
  b.input('classes', 'int64', ['N']);
  const objective = logProbabilityObjective(b, logits, 'classes');
  const [gradient] = differentiate(b, logits, objective.cotangent, [input.name]);
  for (const name of scored ? [logits, objective.value, gradient] : [gradient]) b.output(name);
  return { network, input, graph: b.build() };
}

/** What a network's file does not tell. */
const CARDS = {
  'mnist-lenet5-pyribs.onnx': { range: [0, 1], mean: [0.1307], deviation: [0.3081] },
};

export async function loadClassifier(name, threads = 2) {
  const bytes = await loadModel(name);
  const { card } = gatherCard({ where: name, model: readModel(bytes), options: CARDS[name] ?? {}, remedy: '' });
  return OnnxClassifier.load(bytes, { card, runtime: nodeRuntime(), device: 'cpu', threads, where: name });
}
