/** @file How a network is fed and read: decided from its graph and its card, before anything runs. */

import {
  BATCH,
  ControlFlowError,
  checkCost,
  costOf,
  type Dim,
  GraphBuilder,
  type Model,
  OnnxError,
  upgrade,
} from '@pareidolia/autodiff';
import { InputError } from '../errors.ts';
import { openBatch } from './batch-size.ts';
import type { ModelCard } from './card.ts';
import { type NetworkEnds, predictionGraph, withFeatures } from './graph.ts';
import { isAlone } from './image-axes.ts';
import { cardForType, type InputPlan, planInput, wholeRange } from './input.ts';
import { declaredReading } from './score-reading.ts';
import { withOwnStatistics } from './training-statistics.ts';

/** A network with its card, ready to be opened. */
export interface PlannedNetwork {
  readonly card: ModelCard;
  readonly network: Model;
  readonly plan: InputPlan;
  readonly ends: NetworkEnds;
  /** 8-bit images to scores. */
  readonly graph: Model;
  /** Why it takes a fixed number of images; `undefined` where it takes any. */
  readonly why: string | undefined;
}

/**
 * @param batch images in each call, where that is known
 * @throws OnnxError where the graph cannot be used; InputError where it is no image classifier, or the card disagrees
 */
export function planNetwork(
  given: Model,
  written: ModelCard,
  where: string,
  batch: number | undefined,
): PlannedNetwork {
  const input = given.graph.inputs[0]!;
  if (!input.type.startsWith('float') && wholeRange(input.type) === undefined) {
    throw new InputError(
      `${where}: input ${input.name} is of ${input.type}, which holds no pixels; export an image classifier`,
    );
  }
  const card = cardForType(written, input.type);
  const dims = input.shape?.map(known);
  const file = dims === undefined ? withInputShape(given, planInput(input.name, dims, card, where)) : given;
  const { model: opened, ...batched } =
    batch !== undefined
      ? { model: upgrade(withFixedBatch(file, batch)), batch, why: 'it fails on more' }
      : isAlone(dims)
        ? { model: upgrade(file), batch: 1, why: 'its input has no axis for several' }
        : openBatch(file);
  if (batched.batch !== undefined && batched.batch > MOST_IMAGES) {
    throw new InputError(
      `${where} takes ${batched.batch} images at a time, more than the ${MOST_IMAGES} that can be handled; export it with an open batch axis (dynamic_axes in PyTorch)`,
    );
  }
  const model = withOwnStatistics(opened);
  const { name, type, shape = [] } = model.graph.inputs[0]!;
  const plan = planInput(name, shape.map(known), card, where, type);
  const b = GraphBuilder.from(model);
  const ends = withFeatures(b, model, planOutput(model, name, rowsOf(b, batched.batch), card, where), card.features);
  if (card.features !== undefined && ends.features === undefined) {
    throw new InputError(`${where}: ${ends.featuresWhy}; mend the card's field features, or leave it out`);
  }
  const inputPlan = batched.batch === undefined ? plan : { ...plan, batch: batched.batch };
  const graph = predictionGraph(model, inputPlan, ends, 'uint8');
  checkCost(costOf(graph), Math.min(inputPlan.batch ?? 1, MOST_FIXED));
  return {
    card,
    network: model,
    plan: inputPlan,
    ends,
    graph,
    why: batched.why,
  };
}

function withFixedBatch(model: Model, batch: number): Model {
  const inputs = model.graph.inputs.map((input) => ({ ...input, shape: [batch, ...(input.shape ?? []).slice(1)] }));
  return { ...model, graph: { ...model.graph, inputs } };
}

/** The network with the shape of the card's images for an input of which the file says none. */
function withInputShape(model: Model, { shape: { channels, height, width }, layout }: InputPlan): Model {
  const sides = layout === 'NCHW' ? [channels, height, width] : [height, width, channels];
  const withShape = (shape: readonly Dim[]): Model => ({
    ...model,
    graph: { ...model.graph, inputs: model.graph.inputs.map((input) => ({ ...input, shape })) },
  });
  const whole = withShape([BATCH, ...sides]);
  try {
    GraphBuilder.from(upgrade(whole));
    return whole;
  } catch (error) {
    if (!(error instanceof OnnxError) || error instanceof ControlFlowError) throw error;
    return withShape([BATCH, channels * height * width]);
  }
}

/** Images that a network may take at a time, where it takes no other number. */
const MOST_IMAGES = 4096;

/** How much more a network for a fixed number of images may take than for one. */
export const MOST_FIXED = 64;

/** Far more than any list of classes has (ImageNet-21k: 21,841), and little enough for lists and tables of them. */
const MOST_CLASSES = 2 ** 20;

/**
 * Which output scores, of how many classes, and what it is by graph and card.
 *
 * @param shapeOf the shape of a value, with the images in front
 * @throws InputError where it is no row of scores for each image, or the card disagrees
 */
export function planOutput(
  model: Model,
  input: string,
  shapeOf: (value: string) => readonly Dim[],
  card: ModelCard,
  where: string,
): NetworkEnds {
  const { outputs } = model.graph;
  const names = outputs.map(({ name }) => name);
  const output = card.outputName ?? names[0]!;
  if (!names.includes(output)) {
    throw new InputError(
      `${where}: the card names output ${output}, the model has ${names.join(', ')}; mend outputName`,
    );
  }
  if (card.outputName === undefined && names.length > 1) {
    throw new InputError(
      `${where} has outputs ${names.join(', ')}; say in the card's field outputName which one scores`,
    );
  }
  const shape = shapeOf(output);
  const outputCount = shape.slice(1).reduce<Dim>((all, dim) => (dim === 1 ? all : all === 1 ? dim : '?'), 1);
  if (shape.length < 1 || typeof outputCount !== 'number' || outputCount < 1) {
    throw new InputError(
      `${where}: output ${output} has shape [${shape.join(', ')}], which is not one row of class scores for each image; export a classifier`,
    );
  }
  if (outputCount > MOST_CLASSES) {
    throw new InputError(
      `${where}: output ${output} has ${outputCount} scores for each image, more than the ${MOST_CLASSES} classes that can be handled; export a classifier`,
    );
  }
  const numClasses = Math.max(2, outputCount);
  if (card.classNames !== undefined && card.classNames.length !== numClasses) {
    throw new InputError(
      `${where} has ${numClasses} classes, but the card has ${card.classNames.length} classNames: mend that field`,
    );
  }
  const reading = declaredReading({ network: model, output, count: outputCount, where }, card.output);
  return { input, output, reading, outputCount, numClasses };
}

/** Shapes of outputs with the images in front; a network for one image may leave that axis out. */
function rowsOf(b: GraphBuilder, fixed: number | undefined): (value: string) => readonly Dim[] {
  return (value) => {
    const shape = b.shape(value);
    return fixed === 1 && shape[0] !== 1 ? [1, ...shape] : shape;
  };
}

/** The length of an axis, where it is known. */
export function known(dim: Dim): number | undefined {
  return typeof dim === 'number' ? dim : undefined;
}

/** Turns what is wrong with a graph into a sentence with the model's name. */
export function named<T>(where: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof OnnxError) throw new InputError(`${where}: ${error.message}`, { cause: error });
    throw error;
  }
}
