/** @file The graphs that a classifier consists of: the network with its preprocessing in front and a score head behind. */

import {
  BATCH,
  type ClassScores,
  differentiate,
  findLogits,
  GraphBuilder,
  type Model,
  type RealNetwork,
  STRAIGHT_THROUGH_RULES,
} from '@pareidolia/autodiff';
import type { InputPlan } from './input.ts';
import { NAMES } from './names.ts';
import { type ObjectiveKind, objectiveInputs, objectiveOf } from './objective.ts';
import { penultimateValue } from './penultimate.ts';

/** Where a network begins and ends. */
export interface NetworkEnds {
  readonly input: string;
  readonly output: string;
  /** What the card says the output is; read off the graph when absent. */
  readonly outputKind: 'logits' | 'probabilities' | undefined;
  readonly numClasses: number;
  /** The value `N x width` that the last fully connected layer takes, where the network ends in one. */
  readonly features?: string;
}

/** Images `N x C x H x W` in, 8-bit or floats in [0, 1]; probabilities and logits `N x classes` out. */
export function predictionGraph(network: Model, plan: InputPlan, ends: NetworkEnds, type: 'uint8' | 'float32'): Model {
  const b = networkOfImages('classifier', network, plan, ends, type);
  const scores = scoresOf(network, ends);
  const rows = b.op('Reshape', [ends.output, b.ints([-1, ends.numClasses])]);
  if (scores.probabilities) b.op('Identity', [rows], {}, NAMES.probabilities);
  else b.op('Softmax', [rows], { axis: 1 }, NAMES.probabilities);
  b.op('Identity', [logitRows(b, network, ends)], {}, NAMES.logits);
  b.output(NAMES.probabilities);
  b.output(NAMES.logits);
  return b.build();
}

/** 8-bit images in; penultimate features `N x width` out. */
export function featureGraph(network: Model, plan: InputPlan, ends: NetworkEnds, features: string): Model {
  const b = networkOfImages('classifier-features', network, plan, ends, 'uint8');
  b.op('Identity', [features], {}, NAMES.features);
  b.output(NAMES.features);
  return b.build();
}

/**
 * Float images in [0, 1] and what the objective is about in; logits, the objective's value and its gradient with respect
 * to the pixels out.
 *
 * @param real the network in floats
 */
export function gradientGraph(
  network: Model,
  { model, gradientKind }: RealNetwork,
  plan: InputPlan,
  ends: NetworkEnds,
  kind: ObjectiveKind,
): Model {
  const b = new GraphBuilder('classifier-gradient', network.opset);
  b.reserve(model);
  const pixels = b.input(NAMES.images, 'float32', batchShape(plan));
  preprocess(b, pixels, plan, 1, ends.input);
  const inputs = objectiveInputs(b, kind, ends.numClasses);
  b.append(model);
  const logits = logitRows(b, network, ends);
  const objective = objectiveOf(b, kind, logits, inputs);
  const [gradient] = differentiate(
    b,
    logits,
    objective.cotangent,
    [pixels],
    gradientKind === 'exact' ? {} : { rules: STRAIGHT_THROUGH_RULES },
  );
  b.op('Identity', [logits], {}, NAMES.logits);
  b.op('Identity', [objective.value], {}, NAMES.value);
  b.op('Identity', [gradient!], {}, NAMES.gradient);
  for (const name of [NAMES.logits, NAMES.value, NAMES.gradient]) b.output(name);
  return b.build();
}

/**
 * What the last fully connected layer takes.
 *
 * @param b holds the network
 * @returns the ends with the name of the value; as they are where there is no such layer, or it takes several rows of an image
 */
export function withFeatures(b: GraphBuilder, network: Model, ends: NetworkEnds): NetworkEnds {
  const features = penultimateValue(network, scoresOf(network, ends).logits);
  if (features === undefined || !b.isDescribed(features) || b.shape(features).length !== 2) return ends;
  return { ...ends, features };
}

/**
 * How many values a graph computes for one image: an upper bound of what a call holds for each image of its batch, since
 * ONNX Runtime gives memory back to later nodes where it can. Values of unknown shape are left out.
 */
export function valuesPerImage(graph: Model): number {
  const b = GraphBuilder.from(graph);
  const names = b.nodes.flatMap(({ outputs }) => outputs).filter((name) => name !== '' && b.isDescribed(name));
  const sizes = names.map((name) =>
    b.shape(name).reduce<number>((size, dim) => (typeof dim === 'number' ? size * dim : size), 1),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Begins a graph with images, preprocessing and the network. */
function networkOfImages(
  name: string,
  network: Model,
  plan: InputPlan,
  ends: NetworkEnds,
  type: 'uint8' | 'float32',
): GraphBuilder {
  const b = new GraphBuilder(name, network.opset);
  b.reserve(network);
  const images = b.input(NAMES.images, type, batchShape(plan));
  const pixels = type === 'uint8' ? b.op('Cast', [images], { to: FLOAT }) : images;
  preprocess(b, pixels, plan, type === 'uint8' ? 1 / 255 : 1, ends.input);
  b.append(network);
  return b;
}

/** The logits in rows. Probabilities without a softmax in front of them that we could find: their logarithm serves. */
function logitRows(b: GraphBuilder, network: Model, ends: NetworkEnds): string {
  const { logits, probabilities, quantization } = scoresOf(network, ends);
  const rows = b.op('Reshape', [
    quantization === undefined ? logits : realOf(b, network, logits, quantization),
    b.ints([-1, ends.numClasses]),
  ]);
  return probabilities && logits === ends.output ? b.op('Log', [rows]) : rows;
}

/**
 * What quantized numbers stand for.
 *
 * @param b holds them as integers, or as floats that hold these
 */
function realOf(
  b: GraphBuilder,
  { graph }: Model,
  value: string,
  { scale, zeroPoint }: NonNullable<ClassScores['quantization']>,
): string {
  /** Constants that the network in floats has no use for are added again. */
  const kept = (name: string): string => (b.has(name) ? name : b.initializer(name, graph.initializers.get(name)!));
  const float = (integers: string): string => b.op('Cast', [integers], { to: FLOAT });
  const centered = zeroPoint === '' ? float(value) : b.op('Sub', [float(value), float(kept(zeroPoint))]);
  return b.op('Mul', [centered, kept(scale)]);
}

/** ONNX's number for float32. */
const FLOAT = 1;

function batchShape({ shape, batch }: InputPlan): (number | string)[] {
  return [batch ?? BATCH, shape.channels, shape.height, shape.width];
}

function scoresOf(network: Model, { output, outputKind }: NetworkEnds): ClassScores {
  const found = findLogits(network, output);
  if (outputKind === undefined || (outputKind === 'probabilities') === found.probabilities) return found;
  return { value: output, probabilities: outputKind === 'probabilities', logits: output };
}

/**
 * value = pixel scale + offset, for each channel; then the network's order of channels and axes.
 *
 * @param unit what one step of the given pixels is in [0, 1]
 * @param name of the value that the network takes as its input
 */
function preprocess(b: GraphBuilder, pixels: string, plan: InputPlan, unit: number, name: string): void {
  const { channels } = plan.shape;
  const steps: ((value: string, output?: string) => string)[] = [];
  if (plan.channelOrder.some((ours, theirs) => ours !== theirs)) {
    const parts = (value: string): readonly string[] =>
      b.ops('Split', [value, b.ints(plan.channelOrder.map(() => 1))], channels, { axis: 1 });
    steps.push((value, output) => {
      const planes = parts(value);
      return b.op(
        'Concat',
        plan.channelOrder.map((ours) => planes[ours]!),
        { axis: 1 },
        output,
      );
    });
  }
  const perChannel = (values: readonly number[]): string => {
    const equal = values.every((value) => value === values[0]);
    const kept = equal ? values.slice(0, 1) : values;
    return b.constant({ type: 'float32', dims: equal ? [] : [kept.length, 1, 1], data: Float32Array.from(kept) });
  };
  const scale = plan.scale.map((value) => value * unit);
  if (scale.some((value) => value !== 1)) {
    steps.push((value, output) => b.op('Mul', [value, perChannel(scale)], {}, output));
  }
  if (plan.offset.some((value) => value !== 0)) {
    steps.push((value, output) => b.op('Add', [value, perChannel(plan.offset)], {}, output));
  }
  if (plan.layout === 'NHWC') {
    steps.push((value, output) => b.op('Transpose', [value], { perm: [0, 2, 3, 1] }, output));
  }
  if (steps.length === 0) steps.push((value, output) => b.op('Identity', [value], {}, output));
  steps.reduce((value, step, index) => step(value, index === steps.length - 1 ? name : undefined), pixels);
}
