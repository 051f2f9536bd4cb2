/** @file The classifier that is an ONNX network: one that takes an image and scores classes. */

import {
  BATCH,
  ControlFlowError,
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
  upgrade,
} from '@pareidolia/autodiff';
import { InputError, RunError } from '../errors.ts';
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
import { isAlone } from './image-axes.ts';
import { cardForType, type InputPlan, planInput, wholeRange } from './input.ts';
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
import { withImageOnly } from './other-inputs.ts';
import { type BetweenParts, type Part, parts } from './parts.ts';
import { batchOf, farImages, probeImages } from './probes.ts';
import { withScoresOnly } from './score-output.ts';
import { checkedReading, declaredReading, type ScoreReading } from './score-reading.ts';
import type { Features, Scores } from './scores.ts';
import { SeparateNetwork } from './separate-network.ts';
import { withOwnStatistics } from './training-statistics.ts';

/**
 * Values that a call may hold at the same time, over all its images: 64 MB in float32, of which ONNX Runtime makes up to
 * four times as much, with padded channels and its buffers. The images themselves would be no measure: a small transformer
 * holds hundreds of values for each of theirs.
 *
 * More brings no speed: on two cores a gradient takes 20.4 ms for an image of SqueezeNet in calls of 1, 2 and 4 and 22.3 in calls of
 * 8 (here 4), 1.38 ms of ResNet-20 in calls of 8, 1.27 of 32, 1.32 of 64 (here).
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

/** A network in a session of its own. */
interface Apart {
  /** The node for which it is there. */
  readonly blocker: GradientBlocker;
  sessionFor(type: 'float32'): Promise<Session>;
}

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
  readonly #apart: Apart | undefined;
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
    apart?: Apart,
  ) {
    this.#apart = apart;
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
    const model = named(where, () => {
      const file = readModel(bytes, externalData === undefined ? {} : { externalData });
      return withImageOnly(withScoresOnly(file, card, where), card, where);
    });
    try {
      return await OnnxClassifier.#inOneGraph(model, options);
    } catch (error) {
      if (!(error instanceof InputError) || !(error.cause instanceof ControlFlowError)) throw error;
      return OnnxClassifier.#separately(model, error.cause.blocker, options);
    }
  }

  /** @param batch images in each call, where trying has shown that no other number works */
  static async #inOneGraph(model: Model, options: ClassifierOptions, batch?: number): Promise<OnnxClassifier> {
    const { where } = options;
    const { card, network, plan, ends, graph, why } = named(where, () => planNetwork(model, options, batch));
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
      // A number of images that no shape tells.
      const isRetried = error instanceof RunError && plan.batch === undefined && prediction.most > 1;
      if (isRetried) return OnnxClassifier.#inOneGraph(model, options, 1);
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

  /** A network that cannot be part of another graph: it takes one image at a time, and has no gradient. */
  static async #separately(
    model: Model,
    blocker: GradientBlocker,
    options: ClassifierOptions,
  ): Promise<OnnxClassifier> {
    const { where, runtime, device, threads } = options;
    const input = model.graph.inputs[0]!;
    const card = cardForType(options.card ?? parseCard({}), input.type);
    const plan = { ...planInput(input.name, input.shape?.map(known), card, where, input.type), batch: 1 };
    const sessionOptions = { device, ...(threads === undefined ? {} : { threads }) };
    const network = await SeparateNetwork.open(model, plan, runtime, sessionOptions);
    const shape = await network.outputShape();
    const shapeOf = (): readonly Dim[] => (shape[0] === 1 && shape.length > 1 ? shape : [1, ...shape]);
    const ends = planOutput(model, input.name, shapeOf, card, where);
    const { kind, isScaled = false } = ends.reading;
    if (kind === 'sigmoids' || ends.outputCount !== ends.numClasses) {
      throw new InputError(
        `${where} gives sigmoids behind ${blocker.opType} (node ${blocker.node}), which ${blocker.why}; export it without control flow`,
      );
    }
    const isProbabilities = kind === 'probabilities' && !isScaled;
    const sessionFor = (type: 'uint8' | 'float32'): Promise<Session> =>
      network.session(ends, isProbabilities, type, type === 'uint8');
    const prediction = { session: await sessionFor('uint8'), most: 1, isFixed: true };
    const notice = `${where} is run on one image at a time, and has no gradient, since ${blocker.opType} (node ${blocker.node}) ${blocker.why}; attacks and searches that need none work`;
    return new OnnxClassifier(model, plan, ends, prediction, card, options, [notice], { blocker, sessionFor });
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
    return data instanceof Uint8Array ? this.#prediction : this.#openFloats();
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

  /** Whether the gradient is an estimate: that of a network that computes with quantized numbers, or takes whole ones. */
  get gradientKind(): GradientKind {
    try {
      const { gradientKind } = this.#realNetwork();
      return wholeRange(this.#plan.type) === undefined ? gradientKind : 'straight-through';
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
      const results = await this.#runPart(session, rows === count ? given : filledUp(given, rows), outputs);
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

  async #runPart(session: Session, feeds: Tensors, outputs: readonly string[]): Promise<Tensors> {
    try {
      return await session.run(feeds, outputs);
    } catch (error) {
      if (!(error instanceof RunError)) throw error;
      throw new RunError(`${this.where}: ${error.message}`, { cause: error });
    }
  }

  /** The session for float images. */
  #openFloats(): Promise<Opened> {
    const apart = this.#apart;
    if (apart === undefined) {
      return this.#open('float32', () => predictionGraph(this.network, this.#plan, this.#ends, 'float32'));
    }
    const known = this.#opened.get('float32');
    const opened =
      known ?? apart.sessionFor('float32').then((session): Opened => ({ session, most: 1, isFixed: true }));
    this.#opened.set('float32', opened);
    return opened;
  }

  /** The network in floats, made when it is first needed. */
  #realNetwork(): RealNetwork {
    if (this.#apart !== undefined) throw new NoGradientError([this.#apart.blocker]);
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

/** A network with its card, ready to be opened. */
interface Planned {
  readonly card: ModelCard;
  readonly network: Model;
  readonly plan: InputPlan;
  readonly ends: NetworkEnds;
  readonly graph: Model;
  readonly why: string | undefined;
}

/**
 * @param batch images in each call, where that is known
 * @throws OnnxError where the graph cannot be used; InputError where it is no image classifier, or the card disagrees
 */
function planNetwork(given: Model, options: ClassifierOptions, batch: number | undefined): Planned {
  const { where } = options;
  const input = given.graph.inputs[0]!;
  const written = options.card ?? parseCard({});
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
  const model = withOwnStatistics(opened);
  const { name, type, shape = [] } = model.graph.inputs[0]!;
  const plan = planInput(name, shape.map(known), card, where, type);
  const b = GraphBuilder.from(model);
  const ends = withFeatures(b, model, planOutput(model, name, rowsOf(b, batched.batch), card, where));
  const inputPlan = batched.batch === undefined ? plan : { ...plan, batch: batched.batch };
  return {
    card,
    network: model,
    plan: inputPlan,
    ends,
    graph: predictionGraph(model, inputPlan, ends, 'uint8'),
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
