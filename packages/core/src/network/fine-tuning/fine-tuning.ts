/** @file A network that was trained elsewhere, made ready to be trained on. */

import { type Model, refuseQuantized } from '@pareidolia/autodiff';
import type { ModelCard } from '../../classifier/card.ts';
import { trainableGraph } from '../../classifier/graph.ts';
import { named, type PlannedNetwork, planNetwork } from '../../classifier/network-plan.ts';
import { withImageOnly } from '../../classifier/other-inputs.ts';
import { withScoresOnly } from '../../classifier/score-output.ts';
import { InputError } from '../../errors.ts';
import type { ImageShape } from '../../image/images.ts';
import { lastLayer, type NewHead, withNewHead } from './last-layer.ts';
import { type Weight, weightsOf } from './weights.ts';

/** Which weights stay as they are: none, all but those of the last layer, or those of some layers by name. */
export type Freeze = 'none' | 'all-but-last' | readonly string[];

/** How a given network is trained on. */
export interface FineTuningOptions {
  readonly card: ModelCard;
  /** The model's name, for errors. */
  readonly where: string;
  readonly freeze: Freeze;
  /** Another last layer, for other classes; the one that is there when absent. */
  readonly head?: NewHead;
}

/** A network that is ready to be trained. */
export interface FineTuning {
  /** From float32 images in [0, 1] to logits: preprocessing and network, whose weights have the names that they have in the file. */
  readonly model: Model;
  /** Of the images. */
  readonly shape: ImageShape;
  /** Classes; with a new head those of it. */
  readonly classes: number;
  /** Names of the weights that are trained; at least one. */
  readonly trainable: readonly string[];
  /** Values of them, and of the weights that stay as they are. */
  readonly values: { readonly trained: number; readonly frozen: number };
  /** Whether there is batch normalization, whose running statistics stay as they are. */
  readonly hasBatchNormalization: boolean;
  /**
   * The file with its new weights: inputs and outputs are those that it had.
   *
   * @param trained {@link model} after training
   */
  finish(trained: Model): Model;
}

/**
 * Promotes the weights of a network to what is trained. Batch normalization works with its running statistics, as at inference.
 *
 * @param file as it was read
 * @throws InputError where it is quantized, is no classifier of one class an image, its last layer cannot be replaced, it has no
 *   weights, or nothing is left to be trained
 */
export function prepareFineTuning(file: Model, options: FineTuningOptions): FineTuning {
  const { where, freeze, head } = options;
  return named(where, () => {
    refuseQuantized(file);
    const before = planOf(file, options);
    const based = head === undefined ? file : resizedHead(file, before, head, where);
    const planned = head === undefined ? before : planOf(based, options);
    const { network, plan, ends } = planned;
    const all = weightsOf(network);
    if (all.length === 0) {
      throw new InputError(`${where} has no weights in float32 that could be trained; export the trained network`);
    }
    const frozen = frozenOf(network, all, freeze, ends.reading.value, ends.outputCount, where);
    const trained = all.filter(({ name }) => !frozen.has(name));
    if (trained.length === 0) throw new InputError(`${where}: --freeze leaves no weight to train; name fewer layers`);
    const count = (weights: readonly Weight[]): number =>
      weights.reduce((sum, { name }) => sum + network.graph.initializers.get(name)!.data.length, 0);
    const trainable = trained.map(({ name }) => name);
    return {
      model: trainableGraph(network, plan, ends),
      shape: plan.shape,
      classes: ends.numClasses,
      trainable,
      values: { trained: count(trained), frozen: count(all.filter(({ name }) => frozen.has(name))) },
      hasBatchNormalization: network.graph.nodes.some(({ opType }) => opType === 'BatchNormalization'),
      finish: (result) => withWeights(takes(based, network, trainable) ? based : network, result, trainable),
    };
  });
}

/** The plan of a network for one class an image. */
function planOf(file: Model, { card, where }: FineTuningOptions): PlannedNetwork {
  const known: ModelCard = { ...card };
  // Its names are of the classes before, of which there may be others now.
  delete known.classNames;
  const { model } = withScoresOnly(file, card, where);
  const planned = planNetwork(withImageOnly(model, card, where), known, where, undefined);
  if (planned.why !== undefined) {
    throw new InputError(
      `${where} takes ${planned.plan.batch} images at a time (${planned.why}), and training needs any number; export it with an open batch axis (dynamic_axes in PyTorch)`,
    );
  }
  const { kind } = planned.ends.reading;
  if (kind === 'sigmoids' && planned.ends.outputCount > 1) {
    throw new InputError(
      `${where} answers with sigmoids, several classes for an image; only networks for one class an image are trained`,
    );
  }
  return planned;
}

function resizedHead(file: Model, { network, ends }: PlannedNetwork, head: NewHead, where: string): Model {
  const { outputCount, numClasses, reading } = ends;
  const layer = reading.logits === 'logarithm' ? undefined : lastLayer(network, reading.value, outputCount);
  if (layer === undefined || outputCount !== numClasses) {
    throw new InputError(
      `${where} does not end in one layer with an output for each of its ${numClasses} classes, which could be replaced; give data of these classes`,
    );
  }
  const names = [layer.weight.name, ...(layer.bias === undefined ? [] : [layer.bias.name])];
  const own = new Set(file.graph.nodes.map(({ name }) => name));
  const isSame = takes(file, network, names) && layer.nodes.every(({ name }) => own.has(name));
  return withNewHead(isSame ? file : network, layer, outputCount, head, where);
}

/** Whether a model has all these weights as a network has them. */
function takes(model: Model, network: Model, names: readonly string[]): boolean {
  return names.every((name) => {
    const [own, other] = [model.graph.initializers.get(name), network.graph.initializers.get(name)];
    return own?.type === 'float32' && own.dims.join() === other?.dims.join();
  });
}

function withWeights(model: Model, trained: Model, names: readonly string[]): Model {
  const initializers = new Map(model.graph.initializers);
  for (const name of names) {
    const { type, dims, data } = trained.graph.initializers.get(name)!;
    initializers.set(name, { type, dims, data });
  }
  return { ...model, graph: { ...model.graph, initializers } };
}

function frozenOf(
  network: Model,
  all: readonly Weight[],
  freeze: Freeze,
  logits: string,
  classes: number,
  where: string,
): ReadonlySet<string> {
  if (freeze === 'none') return new Set();
  if (freeze === 'all-but-last') {
    const layer = lastLayer(network, logits, classes);
    if (layer === undefined) {
      throw new InputError(`${where} does not end in a layer of its own for the classes; name the layers to freeze`);
    }
    const last = new Set([layer.weight.name, layer.bias?.name]);
    return new Set(all.flatMap(({ name }) => (last.has(name) ? [] : [name])));
  }
  const frozen = new Set<string>();
  for (const wanted of freeze) {
    const meant = all.filter(
      ({ name, node }) => name === wanted || node.name === wanted || name.startsWith(`${wanted}.`),
    );
    if (meant.length === 0) {
      const some = all.slice(0, MOST_NAMED).map(({ name }) => name);
      const more = all.length > MOST_NAMED ? `, and ${all.length - MOST_NAMED} more` : '';
      throw new InputError(`${where} has no layer ${wanted} to freeze; its weights are ${some.join(', ')}${more}`);
    }
    for (const { name } of meant) frozen.add(name);
  }
  return frozen;
}

/** Weights that a message names at most. */
const MOST_NAMED = 20;
