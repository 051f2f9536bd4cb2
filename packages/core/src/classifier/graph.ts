/** @file The graphs that a classifier consists of: the network with its preprocessing in front and a score head behind. */

import {
  BATCH,
  type DataType,
  differentiate,
  GraphBuilder,
  logScores,
  type Model,
  NoGradientError,
  needsOf,
  prefixed,
  type RealNetwork,
  realLogits,
  STRAIGHT_THROUGH_RULES,
  typeCode,
  withOutputs,
} from '@pareidolia/autodiff';
import { type InputPlan, wholeRange } from './input.ts';
import { findLevels, type Level, levelRows } from './levels.ts';
import { NAMES } from './names.ts';
import { type ObjectiveKind, objectiveInputs, objectiveOf } from './objective.ts';
import { findPenultimate, type Penultimate } from './penultimate.ts';
import { refusedRows } from './refused-as.ts';
import type { ScoreReading } from './score-reading.ts';

/** Where a network begins and ends. */
export interface NetworkEnds {
  readonly input: string;
  readonly output: string;
  /** What the outputs are. */
  readonly reading: ScoreReading;
  /** Outputs for each image: one for two classes, or as many as there are classes. */
  readonly outputCount: number;
  readonly numClasses: number;
  /** What the last layer takes, where the network ends in one that was found. */
  readonly features?: Penultimate;
  /** What was decided of {@link features}, and why: a sentence without a full stop. */
  readonly featuresWhy?: string;
  /** What layers on the way take in; empty where there is one layer alone, or none that could be read. */
  readonly levels?: readonly Level[];
}

/** Images `N x C x H x W` in, 8-bit or floats in [0, 1]; confidences (probabilities, or sigmoids) and logits `N x classes` out. */
export function predictionGraph(network: Model, plan: InputPlan, ends: NetworkEnds, type: 'uint8' | 'float32'): Model {
  const b = networkOfImages('classifier', network, plan, ends, type);
  addScores(b, network, ends);
  return b.build();
}

/**
 * Images in, as for {@link predictionGraph}; what the network takes out.
 *
 * @param name of the output
 * @param wire the type of whole numbers, or of all others
 */
export function inputGraph(plan: InputPlan, name: string, type: 'uint8' | 'float32', wire: 'float32' | 'int32'): Model {
  const b = new GraphBuilder('classifier-input');
  imagesFor(b, plan, name, type, wire);
  b.output(name);
  return b.build();
}

/**
 * What a network puts out, float32, in; confidences and logits `N x classes` out, as for {@link predictionGraph}.
 *
 * @param ends of a reading whose logits are the outputs, or logarithms
 */
export function headGraph(input: string, ends: NetworkEnds): Model {
  const b = new GraphBuilder('classifier-head');
  b.input(input, 'float32', ['N', '?']);
  b.output(input);
  const outside = { ...ends, output: input, reading: { ...ends.reading, value: input } };
  addScores(b, b.build(), outside);
  return withOutputs(b.build(), [NAMES.probabilities, NAMES.logits]);
}

/**
 * 8-bit images in; some of a model's values out, as they are.
 *
 * @param model with the network's input
 */
export function imagesGraph(
  model: Model,
  plan: InputPlan,
  ends: Pick<NetworkEnds, 'input'>,
  outputs: readonly string[],
): Model {
  const b = networkOfImages('classifier-images', model, plan, ends, 'uint8');
  for (const output of outputs) b.output(output);
  return b.build();
}

/**
 * 8-bit images in; logits `N x classes`, and, where there are any, penultimate features `N x width` out.
 *
 * @param levels whether means and root mean squares of what layers take in are to be put out, too, where there are any
 */
export function featureGraph(network: Model, plan: InputPlan, ends: NetworkEnds, levels: boolean): Model {
  const b = networkOfImages('classifier-features', network, plan, ends, 'uint8');
  const put = (value: string, name: string): void => {
    b.op('Identity', [value], {}, name);
    b.output(name);
  };
  if (ends.features !== undefined) put(featureRows(b, ends.features), NAMES.features);
  if (levels && hasLevels(ends)) put(levelRows(b, ends.levels), NAMES.levels);
  put(logitRows(b, network, ends), NAMES.logits);
  return b.build();
}

/** Whether there is a level to look at. */
export function hasLevels(ends: NetworkEnds): ends is NetworkEnds & { readonly levels: readonly Level[] } {
  return ends.levels !== undefined && ends.levels.length > 0;
}

/**
 * Adds the penultimate features in rows, `N x width`.
 *
 * @param b holds the network
 */
export function featureRows(b: GraphBuilder, { value, isPooled }: Penultimate): string {
  if (!isPooled) return value;
  const places = b
    .shape(value)
    .slice(2)
    .map((_, axis) => axis + 2);
  return b.op('ReduceMean', [value, b.ints(places)], { keepdims: 0 });
}

/** What makes images of rows of numbers in front of a network, as a generator does. */
export interface Front {
  /**
   * One input, `N x width`; one output, pixels in [0, 1], `N x C x H x W` of the network's shape. Its names are of no matter.
   */
  readonly model: Model;
  /** Numbers in a row. */
  readonly width: number;
}

/** Prefix of a front's names in a graph. */
const FRONT = 'front/';

/** Adds a front behind rows `N x 1 x 1 x width`; the pixels. */
function frontNodes(b: GraphBuilder, { model, width }: Front, rows: string): string {
  const own = prefixed(model, FRONT);
  b.op('Reshape', [rows, b.ints([-1, width])], {}, own.graph.inputs[0]!.name);
  b.append(own);
  return own.graph.outputs[0]!.name;
}

/**
 * Float images in [0, 1] and what the objective is about in; logits, the objective's value and its gradient with respect
 * to the pixels out.
 *
 * @param real the network in floats
 * @param isMerged whether the last class, what is refused, counts as a class of each image's own, which is an input then
 * @param front what makes images of rows, where the gradient is wanted with respect to these, `N x 1 x 1 x width`, in the images' place
 */
export function gradientGraph(
  network: Model,
  { model, gradientKind }: RealNetwork,
  plan: InputPlan,
  ends: NetworkEnds,
  kind: ObjectiveKind,
  isMerged = false,
  front?: Front,
): Model {
  const b = new GraphBuilder('classifier-gradient', Math.max(network.opset, front?.model.opset ?? 0));
  b.reserve(model);
  const shape = front === undefined ? batchShape(plan) : [plan.batch ?? BATCH, 1, 1, front.width];
  const input = b.input(NAMES.images, 'float32', shape);
  const pixels = front === undefined ? input : frontNodes(b, front, input);
  requireRelaxable(model, plan, ends.input);
  preprocess(b, pixels, plan, 1, ends.input, 'float32');
  const { numClasses } = ends;
  const inputs = objectiveInputs(b, kind, isMerged ? numClasses - 1 : numClasses);
  const refused = isMerged ? b.input(NAMES.refusedAs, 'int64', [BATCH]) : undefined;
  b.append(model);
  const logits = logitRows(b, network, ends, model);
  const isSigmoids = ends.reading.kind === 'sigmoids' && ends.outputCount === ends.numClasses;
  const own = refused === undefined ? logits : refusedRows(b, logits, refused, numClasses);
  const objective = objectiveOf(b, kind, own, inputs, isSigmoids);
  const [gradient] = differentiate(
    b,
    own,
    objective.cotangent,
    [input],
    gradientKind === 'exact' ? {} : { rules: STRAIGHT_THROUGH_RULES },
  );
  b.op('Identity', [logits], {}, NAMES.logits);
  b.op('Identity', [objective.value], {}, NAMES.value);
  b.op('Identity', [gradient!], {}, NAMES.gradient);
  for (const name of [NAMES.logits, NAMES.value, NAMES.gradient]) b.output(name);
  return b.build();
}

/**
 * Float images in [0, 1] in, logits `N x classes` out: a network to be trained, whose constants keep their names.
 *
 * @param network in floats
 */
export function trainableGraph(network: Model, plan: InputPlan, ends: NetworkEnds): Model {
  const b = new GraphBuilder('classifier-training', network.opset);
  b.reserve(network);
  const pixels = b.input(NAMES.trainingImages, 'float32', batchShape(plan));
  requireRelaxable(network, plan, ends.input);
  preprocess(b, pixels, plan, 1, ends.input, 'float32');
  b.append(network);
  b.op('Identity', [logitRows(b, network, ends)], {}, NAMES.trainingLogits);
  b.output(NAMES.trainingLogits);
  return b.build();
}

/** A network with how it is fed and read. */
export interface ReadNetwork {
  readonly network: Model;
  readonly plan: InputPlan;
  readonly ends: NetworkEnds;
}

/**
 * Adds a whole network behind pixels, beside another one: its logits, `N x classes`.
 *
 * @param pixels `N x C x H x W` of the network's shape, in [0, 1]
 * @param prefix before the names of its values and nodes
 */
export function networkNodes(
  b: GraphBuilder,
  { network, plan, ends }: ReadNetwork,
  pixels: string,
  prefix: string,
): string {
  const own = prefixed(network, prefix);
  const { reading } = ends;
  const named = <T extends string | undefined>(name: T): T => (name === undefined ? name : `${prefix}${name}`) as T;
  const quantization =
    reading.quantization === undefined
      ? {}
      : {
          quantization: Object.fromEntries(
            Object.entries(reading.quantization).map(([role, name]) => [role, named(name)]),
          ) as NonNullable<ScoreReading['quantization']>,
        };
  const theirs: NetworkEnds = {
    ...ends,
    input: named(ends.input),
    output: named(ends.output),
    reading: { ...reading, value: named(reading.value), ...quantization },
  };
  preprocess(b, pixels, plan, 1, theirs.input, plan.type);
  b.append(own);
  return logitRows(b, own, theirs);
}

/**
 * Adds the pixels, `N x C x H x W` in [0, 1], of what a network is fed with: the inverse of its preprocessing.
 *
 * @param input the network's input
 */
export function pixelNodes(
  b: GraphBuilder,
  { shape, layout, form, channelOrder, scale, offset, type }: InputPlan,
  input: string,
): string {
  const { channels, height, width } = shape;
  const isFirst = layout === 'NCHW';
  let value = type === 'float32' ? input : b.op('Cast', [input], { to: FLOAT });
  if (form !== undefined) {
    value = b.op('Reshape', [value, b.ints(isFirst ? [-1, channels, height, width] : [-1, height, width, channels])]);
  }
  if (!isFirst) value = b.op('Transpose', [value], { perm: [0, 3, 1, 2] });
  const perChannel = (values: readonly number[]): string =>
    b.constant({ type: 'float32', dims: [values.length, 1, 1], data: Float32Array.from(values) });
  if (offset.some((each) => each !== 0)) value = b.op('Sub', [value, perChannel(offset)]);
  if (scale.some((each) => each !== 1)) value = b.op('Div', [value, perChannel(scale)]);
  if (!channelOrder.some((ours, theirs) => ours !== theirs)) return value;
  const planes = b.ops('Split', [value, b.ints(channelOrder.map(() => 1))], channels, { axis: 1 });
  return b.op(
    'Concat',
    channelOrder.map((_, ours) => planes[channelOrder.indexOf(ours)]!),
    { axis: 1 },
  );
}

/**
 * Finds what the last layer takes, and what the layers before it do.
 *
 * @param b holds the network
 * @param given the value that the card names
 * @returns the ends with the features, or with the reason why there are none
 */
export function withFeatures(b: GraphBuilder, network: Model, ends: NetworkEnds, given?: string): NetworkEnds {
  const found = findPenultimate(b, network, ends.reading.value, given);
  const levels = findLevels(b, network, ends.input);
  if (found.value === undefined) return { ...ends, featuresWhy: found.why, levels };
  const { layer, ...rest } = found;
  const features = layer?.numClasses === ends.outputCount ? found : rest;
  return { ...ends, features, featuresWhy: found.why, levels };
}

/** @throws NoGradientError where a network of whole numbers does anything with them but take them for floats */
function requireRelaxable({ graph }: Model, { type }: InputPlan, input: string): void {
  if (wholeRange(type) === undefined) return;
  const others = graph.nodes.filter((node) => needsOf(node).includes(input) && node.opType !== 'Cast');
  if (others.length === 0) return;
  const why = `takes the image as ${type}`;
  throw new NoGradientError(others.map(({ opType, name }) => ({ opType, node: name, why })));
}

/** Begins a graph with images, preprocessing and the network. */
function networkOfImages(
  name: string,
  network: Model,
  plan: InputPlan,
  ends: Pick<NetworkEnds, 'input'>,
  type: 'uint8' | 'float32',
): GraphBuilder {
  const b = new GraphBuilder(name, network.opset);
  b.reserve(network);
  imagesFor(b, plan, ends.input, type, plan.type);
  b.append(network);
  return b;
}

/** Adds confidences and logits, as outputs. */
function addScores(b: GraphBuilder, network: Model, ends: NetworkEnds): void {
  const logits = logitRows(b, network, ends);
  confidences(b, logits, ends);
  b.op('Identity', [logits], {}, NAMES.logits);
  b.output(NAMES.probabilities);
  b.output(NAMES.logits);
}

/** The outputs in rows. */
function outputRows(b: GraphBuilder, { output, outputCount }: NetworkEnds): string {
  return b.op('Reshape', [output, b.ints([-1, outputCount])]);
}

/** Adds the confidences, `N x classes`: the network's own, where it computes them. */
function confidences(b: GraphBuilder, logits: string, ends: NetworkEnds): void {
  const { kind, isScaled = false } = ends.reading;
  const { outputCount, numClasses } = ends;
  const isOwn = kind !== 'logits' && !isScaled;
  if (isOwn && outputCount === numClasses) b.op('Identity', [outputRows(b, ends)], {}, NAMES.probabilities);
  else if (isOwn) {
    const second = outputRows(b, ends);
    b.op('Concat', [b.op('Sub', [b.scalar(1), second]), second], { axis: 1 }, NAMES.probabilities);
  } else if (kind === 'sigmoids' && outputCount === numClasses) b.op('Sigmoid', [logits], {}, NAMES.probabilities);
  else b.op('Softmax', [logits], { axis: 1 }, NAMES.probabilities);
}

/** The smallest positive number of float32 that is not subnormal: logarithms stay finite. */
const SMALLEST = 2 ** -126;
/** The least that float32 leaves between a number below 1 and 1. */
const NEXT_TO_ONE = 2 ** -24;

/**
 * The logits in rows, `N x classes`. A single one z stands for two classes, of logits 0 and z: their softmax is the sigmoid.
 *
 * @param b holds the network
 * @param held the form of the network that it holds
 */
export function logitRows(b: GraphBuilder, network: Model, ends: NetworkEnds, held = network): string {
  const { reading, outputCount, numClasses } = ends;
  const rows =
    reading.logits === 'logarithm'
      ? logarithms(b, held, ends)
      : b.op('Reshape', [realLogits(b, network, { ...reading, logits: reading.value }), b.ints([-1, outputCount])]);
  return outputCount === numClasses ? rows : b.op('Pad', [rows, b.ints([0, 1, 0, 0])]);
}

/** Adds images, and the value that a network is fed with. */
function imagesFor(b: GraphBuilder, plan: InputPlan, name: string, type: 'uint8' | 'float32', to: DataType): void {
  const images = b.input(NAMES.images, type, batchShape(plan));
  const pixels = type === 'uint8' ? b.op('Cast', [images], { to: FLOAT }) : images;
  preprocess(b, pixels, plan, type === 'uint8' ? 1 / 255 : 1, name, to);
}

/**
 * The logarithms of probabilities, or of the odds of sigmoids. They are computed of what the outputs are made of where the graph
 * shows it, and else of the outputs, which say no more where float32 has rounded them to 0 or 1.
 */
function logarithms(b: GraphBuilder, network: Model, ends: NetworkEnds): string {
  const rows = outputRows(b, ends);
  const log = (value: string, least: number): string => b.op('Log', [b.op('Max', [value, b.scalar(least)])]);
  const emit = logScores(network, ends.output);
  const own = emit === undefined ? log(rows, SMALLEST) : b.op('Reshape', [emit(b), b.ints([-1, ends.outputCount])]);
  if (ends.reading.kind !== 'sigmoids') return own;
  return b.op('Sub', [own, log(b.op('Sub', [b.scalar(1), rows]), NEXT_TO_ONE)]);
}

/** ONNX's number for float32. */
const FLOAT = 1;

function batchShape({ shape, batch }: InputPlan): (number | string)[] {
  return [batch ?? BATCH, shape.channels, shape.height, shape.width];
}

/**
 * value = pixel scale + offset, for each channel; then the network's order of channels and axes.
 *
 * @param unit what one step of the given pixels is in [0, 1]
 * @param name of the value that the network takes as its input
 * @param to its type; whole numbers are rounded but for float32, of which there is a gradient
 */
function preprocess(b: GraphBuilder, pixels: string, plan: InputPlan, unit: number, name: string, to: DataType): void {
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
  const { form } = plan;
  if (form !== undefined) {
    // 0 keeps the length of the batch.
    const target = plan.isAlone === true ? form : [0, ...form];
    steps.push((value, output) => b.op('Reshape', [value, b.ints(target)], {}, output));
  }
  const whole = to === 'float32' ? undefined : wholeRange(plan.type);
  if (whole !== undefined) {
    steps.push((value) => b.op('Clip', [b.op('Round', [value]), b.scalar(whole[0]), b.scalar(whole[1])]));
  }
  if (to !== 'float32') steps.push((value, output) => b.op('Cast', [value], { to: typeCode(to) }, output));
  if (steps.length === 0) steps.push((value, output) => b.op('Identity', [value], {}, output));
  steps.reduce((value, step, index) => step(value, index === steps.length - 1 ? name : undefined), pixels);
}
