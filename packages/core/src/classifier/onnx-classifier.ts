/** @file The classifier that is an ONNX network: one that takes an image and scores classes. */

import {
  type Dim,
  type ExternalData,
  type GradientBlocker,
  type GradientKind,
  GraphBuilder,
  isDynamicallyQuantized,
  type Model,
  NoGradientError,
  OnnxError,
  type RealNetwork,
  readModel,
  straightThrough,
  UnknownShapeError,
  type ValueInfo,
  withOutputs,
} from '@pareidolia/autodiff';
import { InputError } from '../errors.ts';
import type { FloatImages, ImageShape, Images } from '../image/images.ts';
import { imageSize } from '../image/images.ts';
import { openGraph } from '../runtime/open.ts';
import type { Device, Runtime, Session, Tensor, Tensors } from '../runtime/runtime.ts';
import { openBatch } from './batch-size.ts';
import { type ModelCard, parseCard } from './card.ts';
import type { Classifier } from './classifier.ts';
import { couplingOf, type Difference, isBlindAlone } from './coupling.ts';
import {
  featureGraph,
  gradientGraph,
  type NetworkEnds,
  predictionGraph,
  valuesPerImage,
  withFeatures,
} from './graph.ts';
import { type InputPlan, planInput } from './input.ts';
import { NAMES } from './names.ts';
import {
  checkObjective,
  type Gradients,
  type Logits,
  type Objective,
  type ObjectiveKind,
  objectiveFeeds,
  sliceObjective,
} from './objective.ts';
import { type BetweenParts, type Part, parts } from './parts.ts';
import { batchOf, farImages, probeImages } from './probes.ts';
import { checkedReading, declaredReading, type ScoreReading } from './score-reading.ts';
import type { Features, Scores } from './scores.ts';
import { withOwnStatistics } from './training-statistics.ts';

/**
 * Values that a network may compute in one call, over all its layers: 64 MB in float32, of which ONNX Runtime makes up to
 * four times as much, with padded channels and its buffers. The images themselves would be no measure: for each of their
 * values a LeNet computes 26, SqueezeNet 46, a small transformer 2900.
 *
 * More brings no speed, and gradients lose by it: they keep all layers, which then leave the cache. Processor time for an
 * image, on two cores: a LeNet's scores take .13 ms in calls of 8 as of 5102 (here 790); SqueezeNet's scores 9.5 ms in calls of
 * 1, 10.6 of 2 (here) and 11.0 of 26, its gradients 52 ms in calls of 1 (here) and 74 of 32.
 */
const MOST_VALUES = 16_000_000;

/** How a network is loaded. */
export interface ClassifierOptions {
  readonly card?: ModelCard;
  readonly runtime: Runtime;
  readonly device: Device;
  /** Threads inside one operator; the runtime's own choice when absent. */
  readonly threads?: number;
  /** The model's name, for errors. */
  readonly where: string;
  /** The files beside the model that hold weights, where it has any. */
  readonly externalData?: ExternalData;
  /** Most images in one call of ONNX Runtime; chosen by the memory that the network takes for each when absent. */
  readonly batch?: number;
}

/** What a session is for: float images to scores, 8-bit images to features, or an objective's gradient. */
type Purpose = 'float32' | 'features' | ObjectiveKind;

interface Opened {
  readonly session: Session;
  /** Most images in one call. */
  readonly most: number;
  /** Whether every call has to have that many. */
  readonly isFixed: boolean;
}

/**
 * A network with its card, ready to score 8-bit images and to say in which direction a score grows. Large batches are cut
 * into parts, one call of ONNX Runtime for each.
 */
export class OnnxClassifier implements Classifier {
  readonly card: ModelCard;
  readonly shape: ImageShape;
  readonly numClasses: number;
  /** One name for each class. */
  readonly classNames: readonly string[];
  /** For each channel the pixel in [0, 1] that the network receives as zero, clipped to the range. */
  readonly origin: readonly number[];
  /** The network itself, brought to the current opset and to an open batch. */
  readonly network: Model;
  /** The model's name, for errors. */
  readonly where: string;
  /** What the outputs were taken for, and why. */
  readonly reading: ScoreReading;
  /** What the user should know of how the network is run; each a sentence. */
  readonly notices: readonly string[];
  readonly #options: ClassifierOptions;
  readonly #plan: InputPlan;
  readonly #ends: NetworkEnds;
  readonly #prediction: Opened;
  #real: RealNetwork | undefined;
  #isDisposed = false;
  readonly #opened = new Map<Purpose, Promise<Opened>>();

  /** The penultimate features; absent where the network does not end in a fully connected layer over one row an image. */
  readonly features?: NonNullable<Classifier['features']>;

  private constructor(
    network: Model,
    plan: InputPlan,
    ends: NetworkEnds,
    prediction: Opened,
    card: ModelCard,
    options: ClassifierOptions,
    notices: readonly string[],
  ) {
    this.network = network;
    this.notices = notices;
    this.reading = ends.reading;
    this.card = card;
    this.shape = plan.shape;
    this.origin = plan.origin;
    this.numClasses = ends.numClasses;
    this.classNames = card.classNames ?? Array.from({ length: ends.numClasses }, (_, index) => `class ${index}`);
    this.#plan = plan;
    this.#ends = ends;
    this.#prediction = prediction;
    this.#options = options;
    this.where = options.where;
    const { features } = ends;
    if (features !== undefined) this.features = (images, between) => this.#features(features, images, between);
  }

  /**
   * Loads a network.
   *
   * @param bytes the contents of a `.onnx` file
   * @throws InputError where it is no image classifier, graph and card disagree, or `batch` is not a whole number above 0
   */
  static async load(bytes: Uint8Array, options: ClassifierOptions): Promise<OnnxClassifier> {
    const { where, externalData, batch } = options;
    if (batch !== undefined && !(Number.isInteger(batch) && batch >= 1)) {
      throw new InputError(`${where}: a batch of ${batch} images is not possible; give a whole number of at least 1`);
    }
    const card = options.card ?? parseCard({});
    const { network, plan, ends, graph, why } = named(where, () => {
      const file = readModel(bytes, externalData === undefined ? {} : { externalData });
      const { model: opened, batch: fixed, why: reason } = openBatch(scoresOnly(file, card));
      const model = withOwnStatistics(opened);
      const input = onlyInput(model, where);
      const shape = input.shape ?? [];
      const anyBatch = planInput(input.name, shape.map(known), card, where);
      const inputPlan = fixed === undefined ? anyBatch : { ...anyBatch, batch: fixed };
      const b = GraphBuilder.from(model);
      const outputEnds = withFeatures(b, model, planOutput(model, input.name, rowsOf(b, fixed), card, where));
      return {
        network: model,
        plan: inputPlan,
        ends: outputEnds,
        graph: predictionGraph(model, inputPlan, outputEnds, 'uint8'),
        why: reason,
      };
    });
    const prediction = await open(graph, options, plan.batch);
    const notices =
      why === undefined
        ? []
        : [
            `${where} is run on ${imagesAtOnce(prediction.most)}, which is slow: ${why}; export it with an open batch axis (dynamic_axes in PyTorch)`,
          ];
    const classifier = new OnnxClassifier(network, plan, ends, prediction, card, options, notices);
    try {
      return await classifier.#probed();
    } catch (error) {
      await classifier.dispose();
      throw error;
    }
  }

  /**
   * The classifier, or one in its place that reads the outputs otherwise or takes one image at a time, by what the network says
   * of some images.
   *
   * @throws InputError where an image's scores depend on the images beside it and one alone has none, or the card says of the
   * outputs what they are not
   */
  async #probed(): Promise<OnnxClassifier> {
    const { where, shape } = this;
    const { batch } = this.#plan;
    const logits = async (images: Images): Promise<Float32Array> => (await this.logits(images)).data;
    const { chance, company, failure } = await couplingOf(shape, batch, this.#prediction.most, logits);
    const notices = [...this.notices];
    if (chance !== undefined) {
      notices.push(
        `${where} is random: it says something else of the same image each time (${twoLogits(chance, 'once', 'once more')}), so figures are those of single draws; export it for inference (model.eval() in PyTorch) if that is not meant`,
      );
    }
    if (company !== undefined) {
      const what = `${where} scores an image by the images beside it (${twoLogits(company, batch === undefined ? 'alone' : 'beside copies of it', 'beside others')})`;
      const remedy = 'export it for inference (model.eval() in PyTorch)';
      if (batch !== undefined) throw new InputError(`${what}, so its scores say nothing of one image; ${remedy}`);
      if (await isBlindAlone(shape, logits)) {
        throw new InputError(
          `${what}, and says the same of every image alone, so nothing can be said of one; ${remedy}`,
        );
      }
      notices.push(`${what}, so it is run on one image at a time, which is slow; ${remedy}`);
    }
    if (failure !== undefined) {
      notices.push(
        `${where} is run on one image at a time, which is slow: several in one call fail (${firstLine(failure)}); export it with an open batch axis (dynamic_axes in PyTorch)`,
      );
    }
    const alone = company !== undefined || failure !== undefined;
    const rows = await this.#outputs(batchOf(shape, probeImages(shape)), alone);
    const reading = await checkedReading(
      this.reading,
      { network: this.network, output: this.#ends.output, count: this.#ends.outputCount, where },
      { rows, beyond: () => this.#outputs(farImages(shape), alone) },
    );
    if (reading.isContradicted) notices.push(`${where}: ${reading.why}`);
    const options = alone ? { ...this.#options, batch: 1 } : this.#options;
    const ends = { ...this.#ends, reading };
    const { kind, logits: from, isScaled } = this.reading;
    const isSame = kind === reading.kind && from === reading.logits && isScaled === reading.isScaled;
    let prediction = { ...this.#prediction, ...(alone ? { most: 1 } : {}) };
    if (!isSame) {
      await this.dispose();
      const graph = named(where, () => predictionGraph(this.network, this.#plan, ends, 'uint8'));
      prediction = await open(graph, options, batch);
    } else await this.#disposeOpened();
    return new OnnxClassifier(this.network, this.#plan, ends, prediction, this.card, options, notices);
  }

  /** What the network itself puts out for images, as far as it was read rightly, in rows. */
  async #outputs(images: Images | FloatImages, alone: boolean): Promise<readonly Float32Array[]> {
    const { outputCount, reading } = this.#ends;
    const name = reading.kind === 'logits' ? NAMES.logits : NAMES.probabilities;
    const opened = await this.#predicting(images);
    const [data] = await this.#run({ ...opened, ...(alone ? { most: 1 } : {}) }, images, [name]);
    // A single output is the score of the second class.
    return Array.from({ length: images.count }, (_, row) =>
      data.slice((row + 1) * this.numClasses - outputCount, (row + 1) * this.numClasses),
    );
  }

  /**
   * Class probabilities of 8-bit images.
   *
   * @throws InputError where the images have another shape, or the network's scores are not finite
   */
  async predict(images: Images, between?: BetweenParts): Promise<Scores> {
    const [data] = await this.#run(this.#prediction, images, [NAMES.probabilities], between);
    const bad = data.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      throw new InputError(
        `${this.#options.where} gives ${data[bad]} for class ${bad % this.numClasses} of an image; check its weights and the card's range`,
      );
    }
    return { count: images.count, numClasses: this.numClasses, data };
  }

  /**
   * Logits: what the network's softmax is taken of. Of 8-bit images they are those of the file.
   *
   * @param images 8-bit, or floats in [0, 1]
   * @throws InputError where the images have another shape
   */
  async logits(images: Images | FloatImages, between?: BetweenParts): Promise<Logits> {
    const [data] = await this.#run(await this.#predicting(images), images, [NAMES.logits], between);
    return { count: images.count, numClasses: this.numClasses, data };
  }

  /** The session that scores 8-bit images, or floats. */
  async #predicting({ data }: Images | FloatImages): Promise<Opened> {
    if (data instanceof Uint8Array) return this.#prediction;
    return this.#open('float32', () => predictionGraph(this.network, this.#plan, this.#ends, 'float32'));
  }

  /**
   * An objective of float images in [0, 1], and its gradient with respect to them.
   *
   * @throws InputError naming the operators in the way where the network has no gradient
   */
  async gradient(images: FloatImages, objective: Objective, between?: BetweenParts): Promise<Gradients> {
    checkObjective(objective, images.count, this.numClasses, this.where);
    const [logits, value, gradient] = await this.#run(
      await this.#open(objective.kind, () =>
        gradientGraph(this.network, this.#realNetwork(), this.#plan, this.#ends, objective.kind),
      ),
      images,
      [NAMES.logits, NAMES.value, NAMES.gradient],
      between,
      ({ from, to }) => {
        const some = sliceObjective(objective, from, to, this.numClasses);
        return objectiveFeeds(some, to - from, this.numClasses);
      },
    );
    return { logits, value, gradient };
  }

  /** The operators that no gradient flows through, on the way from the scores to the pixels. */
  gradientBlockers(): readonly GradientBlocker[] {
    try {
      gradientGraph(this.network, this.#realNetwork(), this.#plan, this.#ends, 'log-probability');
      return [];
    } catch (error) {
      if (error instanceof NoGradientError) return error.blockers;
      if (error instanceof UnknownShapeError) return [error.blocker];
      throw error;
    }
  }

  /** Whether the gradient is an estimate: that of a network that computes with quantized numbers. */
  get gradientKind(): GradientKind {
    try {
      return this.#realNetwork().gradientKind;
    } catch (error) {
      // There is no gradient at all.
      if (error instanceof NoGradientError) return 'exact';
      throw error;
    }
  }

  /** Frees the sessions; the classifier cannot be used afterwards. */
  async dispose(): Promise<void> {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    await this.#prediction.session.dispose();
    await this.#disposeOpened();
  }

  /** Frees the sessions that were opened when they were needed. */
  async #disposeOpened(): Promise<void> {
    for (const opening of this.#opened.values()) {
      const opened = await opening.catch(() => undefined);
      await opened?.session.dispose();
    }
  }

  async #features(value: string, images: Images, between?: BetweenParts): Promise<Features> {
    const opened = await this.#open('features', () => featureGraph(this.network, this.#plan, this.#ends, value));
    const [data] = await this.#run(opened, images, [NAMES.features], between);
    return { count: images.count, width: images.count === 0 ? 0 : data.length / images.count, data };
  }

  /**
   * Runs a session over images, part by part.
   *
   * @param feeds what else a part is given
   * @returns the outputs asked for, each of all images in one array
   */
  async #run<const Outputs extends readonly string[]>(
    { session, most, isFixed }: Opened,
    images: Images | FloatImages,
    outputs: Outputs,
    between?: BetweenParts,
    feeds: (part: Part) => Tensors = () => ({}),
  ): Promise<{ [Place in keyof Outputs]: Float32Array }> {
    this.#checkShape(images);
    const whole: Float32Array[] = outputs.map(() => new Float32Array(0));
    for (const part of parts(images.count, most)) {
      const count = part.to - part.from;
      if (part.from > 0) await between?.(part.from);
      const given: Tensors = { [NAMES.images]: tensorOf(images, part), ...feeds(part) };
      const rows = isFixed ? most : count;
      const results = await session.run(rows === count ? given : filledUp(given, rows), outputs);
      outputs.forEach((name, place) => {
        const all = floats(results, name);
        const data = rows === count ? all : all.subarray(0, (all.length / rows) * count);
        if (count === images.count) whole[place] = data;
        else {
          const width = data.length / count;
          if (part.from === 0) whole[place] = new Float32Array(images.count * width);
          whole[place]!.set(data, part.from * width);
        }
      });
    }
    // One array for each output, as `map` has made them.
    return whole as { [Place in keyof Outputs]: Float32Array };
  }

  /** The network in floats, made when it is first needed. */
  #realNetwork(): RealNetwork {
    this.#real ??= straightThrough(this.network);
    return this.#real;
  }

  /** The session for a purpose, made when it is first needed. */
  #open(purpose: Purpose, graph: () => Model): Promise<Opened> {
    const known = this.#opened.get(purpose);
    if (known !== undefined) return known;
    const opened = named(this.where, () => open(graph(), this.#options, this.#plan.batch));
    this.#opened.set(purpose, opened);
    return opened;
  }

  #checkShape(images: ImageShape & { readonly count: number; readonly data: { readonly length: number } }): void {
    const { channels, height, width } = this.shape;
    const fits = images.channels === channels && images.height === height && images.width === width;
    if (fits && images.data.length === images.count * imageSize(images)) return;
    throw new InputError(
      `${this.#options.where} takes images of ${channels} x ${height} x ${width}, these are ${images.channels} x ${images.height} x ${images.width}; resize them`,
    );
  }
}

/** Turns what is wrong with a graph into a sentence with the model's name. */
function named<T>(where: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof OnnxError) throw new InputError(`${where}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** @param fixed the number of images that each call has to have */
async function open(
  model: Model,
  { runtime, device, threads, batch }: ClassifierOptions,
  fixed: number | undefined,
): Promise<Opened> {
  const { graph, session } = await openGraph(runtime, model, {
    device,
    ...(threads === undefined ? {} : { threads }),
  });
  if (fixed !== undefined) return { session, most: fixed, isFixed: true };
  // Where ranges are taken from the whole batch, an image is scored by itself.
  const isAlone = graph.graph.nodes.some(({ opType }) => isDynamicallyQuantized(opType));
  if (isAlone) return { session, most: 1, isFixed: false };
  return { session, most: batch ?? Math.max(1, Math.floor(MOST_VALUES / valuesPerImage(graph))), isFixed: false };
}

function twoLogits({ classIndex, values }: Difference, one: string, other: string): string {
  const [first, second] = values.map((value) => value.toPrecision(3));
  return `the logit of class ${classIndex} is ${first} ${one} and ${second} ${other}`;
}

function firstLine(text: string): string {
  const [line = ''] = text.split('\n');
  return line.length > 160 ? `${line.slice(0, 160)}...` : line;
}

function imagesAtOnce(count: number): string {
  return count === 1 ? 'one image at a time' : `${count} images at a time, and fewer are filled up with copies`;
}

/** The network without outputs beside the one that the card names. */
function scoresOnly(model: Model, { outputName }: ModelCard): Model {
  const isThere = model.graph.outputs.some(({ name }) => name === outputName);
  return outputName !== undefined && isThere ? withOutputs(model, [outputName]) : model;
}

/** Shapes of outputs with the images in front; a network for one image may leave that axis out. */
function rowsOf(b: GraphBuilder, fixed: number | undefined): (value: string) => readonly Dim[] {
  return (value) => {
    const shape = b.shape(value);
    return fixed === 1 && shape[0] !== 1 ? [1, ...shape] : shape;
  };
}

/** The tensors with as many rows, the further ones copies of the last. */
function filledUp(tensors: Tensors, rows: number): Tensors {
  const filled = ({ type, data, dims: [count = 1, ...rest] }: Tensor): Tensor => {
    const size = data.length / count;
    const last = data.subarray((count - 1) * size);
    const whole = new (data.constructor as new (length: number) => typeof data)(rows * size);
    whole.set(data as never);
    for (let row = count; row < rows; row++) whole.set(last as never, row * size);
    return { type, data: whole, dims: [rows, ...rest] } as Tensor;
  };
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, filled(tensor)]));
}

/** Some images of a batch, as a view on the same memory. */
function tensorOf({ data, channels, height, width }: Images | FloatImages, { from, to }: Part): Tensor {
  const [dims, size] = [[to - from, channels, height, width], channels * height * width];
  return data instanceof Uint8Array
    ? { type: 'uint8', data: data.subarray(from * size, to * size), dims }
    : { type: 'float32', data: data.subarray(from * size, to * size), dims };
}

function known(dim: Dim): number | undefined {
  return typeof dim === 'number' ? dim : undefined;
}

function onlyInput(model: Model, where: string): ValueInfo {
  const [input, ...others] = model.graph.inputs;
  if (input === undefined || others.length > 0) {
    const names = model.graph.inputs.map(({ name }) => name).join(', ');
    throw new InputError(
      `${where} has ${model.graph.inputs.length} inputs (${names}); an image classifier has one, the image: export it so`,
    );
  }
  if (input.type !== 'float32') {
    throw new InputError(`${where}: input ${input.name} is of ${input.type}; export the network with a float32 input`);
  }
  return input;
}

function planOutput(
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
  const numClasses = Math.max(2, outputCount);
  if (card.classNames !== undefined && card.classNames.length !== numClasses) {
    throw new InputError(
      `${where} has ${numClasses} classes, but the card has ${card.classNames.length} classNames: mend that field`,
    );
  }
  const reading = declaredReading({ network: model, output, count: outputCount, where }, card.output);
  return { input, output, reading, outputCount, numClasses };
}

function floats(results: Tensors, name: string): Float32Array {
  const tensor = results[name];
  if (tensor?.type !== 'float32') throw new InputError(`The network's ${name} are ${tensor?.type}, not float32`);
  return tensor.data;
}
