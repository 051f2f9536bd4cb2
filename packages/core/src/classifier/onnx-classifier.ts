/** @file The classifier that is an ONNX network: one that takes an image and scores classes. */

import {
  type Dim,
  type ExternalData,
  findLogits,
  type GradientBlocker,
  GraphBuilder,
  type Model,
  NoGradientError,
  OnnxError,
  readModel,
  upgrade,
  type ValueInfo,
  withBatch,
  writeModel,
} from '@pareidolia/autodiff';
import { InputError } from '../errors.ts';
import type { FloatImages, ImageShape, Images } from '../image/images.ts';
import { imageSize } from '../image/images.ts';
import type { Device, Runtime, Session, Tensors } from '../runtime/runtime.ts';
import { type ModelCard, parseCard } from './card.ts';
import type { Classifier } from './classifier.ts';
import { gradientGraph, type NetworkEnds, predictionGraph } from './graph.ts';
import { type InputPlan, planInput } from './input.ts';
import { NAMES } from './names.ts';
import { type Gradients, type Logits, type Objective, type ObjectiveKind, objectiveFeeds } from './objective.ts';
import type { Scores } from './scores.ts';

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
}

/** A network with its card, ready to score 8-bit images and to say in which direction a score grows. */
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
  readonly #options: ClassifierOptions;
  readonly #plan: InputPlan;
  readonly #ends: NetworkEnds;
  readonly #prediction: Session;
  readonly #opened = new Map<'float32' | ObjectiveKind, Promise<Session>>();

  private constructor(
    network: Model,
    plan: InputPlan,
    ends: NetworkEnds,
    prediction: Session,
    card: ModelCard,
    options: ClassifierOptions,
  ) {
    this.network = network;
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
  }

  /**
   * Loads a network.
   *
   * @param bytes the contents of a `.onnx` file
   * @throws InputError where it is no image classifier, or graph and card disagree
   */
  static async load(bytes: Uint8Array, options: ClassifierOptions): Promise<OnnxClassifier> {
    const { where, runtime, device, threads, externalData } = options;
    const card = options.card ?? parseCard({});
    const { network, plan, ends, graph } = named(where, () => {
      const model = upgrade(withBatch(readModel(bytes, externalData === undefined ? {} : { externalData })));
      const input = onlyInput(model, where);
      const shape = input.shape ?? [];
      const inputPlan = planInput(input.name, shape.map(known), card, where);
      const b = GraphBuilder.from(model);
      const outputEnds = planOutput(model, input.name, (value) => b.shape(value), card, where);
      return {
        network: model,
        plan: inputPlan,
        ends: outputEnds,
        graph: predictionGraph(model, inputPlan, outputEnds, 'uint8'),
      };
    });
    const session = await runtime.createSession(writeModel(graph), {
      device,
      ...(threads === undefined ? {} : { threads }),
    });
    return new OnnxClassifier(network, plan, ends, session, card, options);
  }

  /**
   * Class probabilities of 8-bit images.
   *
   * @throws InputError where the images have another shape, or the network's scores are not finite
   */
  async predict(images: Images): Promise<Scores> {
    this.#checkShape(images);
    const results = await this.#prediction.run(
      { [NAMES.images]: { type: 'uint8', data: images.data, dims: this.#dims(images.count) } },
      [NAMES.probabilities],
    );
    const data = floats(results, NAMES.probabilities);
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
  async logits(images: Images | FloatImages): Promise<Logits> {
    this.#checkShape(images);
    const dims = this.#dims(images.count);
    const { data } = images;
    const results =
      data instanceof Uint8Array
        ? await this.#prediction.run({ [NAMES.images]: { type: 'uint8', data, dims } }, [NAMES.logits])
        : await (await this.#open('float32')).run({ [NAMES.images]: { type: 'float32', data, dims } }, [NAMES.logits]);
    return { count: images.count, numClasses: this.numClasses, data: floats(results, NAMES.logits) };
  }

  /**
   * An objective of float images in [0, 1], and its gradient with respect to them.
   *
   * @throws InputError naming the operators in the way where the network has no gradient
   */
  async gradient(images: FloatImages, objective: Objective): Promise<Gradients> {
    this.#checkShape(images);
    const session = await this.#open(objective.kind);
    const results = await session.run({
      [NAMES.images]: { type: 'float32', data: images.data, dims: this.#dims(images.count) },
      ...objectiveFeeds(objective, images.count, this.numClasses),
    });
    return {
      logits: floats(results, NAMES.logits),
      value: floats(results, NAMES.value),
      gradient: floats(results, NAMES.gradient),
    };
  }

  /** The operators that no gradient flows through, on the way from the scores to the pixels. */
  gradientBlockers(): readonly GradientBlocker[] {
    try {
      gradientGraph(this.network, this.#plan, this.#ends, 'log-probability');
      return [];
    } catch (error) {
      if (error instanceof NoGradientError) return error.blockers;
      throw error;
    }
  }

  async dispose(): Promise<void> {
    await this.#prediction.dispose();
    for (const opened of this.#opened.values()) {
      const session = await opened.catch(() => undefined);
      await session?.dispose();
    }
  }

  /** The session of float images or of an objective's gradient, made when it is first needed. */
  #open(kind: 'float32' | ObjectiveKind): Promise<Session> {
    const known = this.#opened.get(kind);
    if (known !== undefined) return known;
    const opened = this.#create(kind);
    this.#opened.set(kind, opened);
    return opened;
  }

  async #create(kind: 'float32' | ObjectiveKind): Promise<Session> {
    const { where, runtime, device, threads } = this.#options;
    const graph = named(where, () =>
      kind === 'float32'
        ? predictionGraph(this.network, this.#plan, this.#ends, kind)
        : gradientGraph(this.network, this.#plan, this.#ends, kind),
    );
    return runtime.createSession(writeModel(graph), { device, ...(threads === undefined ? {} : { threads }) });
  }

  #dims(count: number): readonly number[] {
    const { channels, height, width } = this.shape;
    return [count, channels, height, width];
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
  const numClasses = shape.slice(1).reduce<Dim>((all, dim) => (dim === 1 ? all : all === 1 ? dim : '?'), 1);
  if (shape.length < 2 || typeof numClasses !== 'number' || numClasses < 2) {
    throw new InputError(
      `${where}: output ${output} has shape [${shape.join(', ')}], which is not one row of class scores for each image; export a classifier`,
    );
  }
  if (card.classNames !== undefined && card.classNames.length !== numClasses) {
    throw new InputError(
      `${where} has ${numClasses} classes, but the card has ${card.classNames.length} classNames: mend that field`,
    );
  }
  if (card.output === 'logits' && findLogits(model, output).probabilities) {
    throw new InputError(`${where} ends in Softmax, but the card says logits: mend the card's field output`);
  }
  return { input, output, outputKind: card.output, numClasses };
}

function floats(results: Tensors, name: string): Float32Array {
  const tensor = results[name];
  if (tensor?.type !== 'float32') throw new InputError(`The network's ${name} are ${tensor?.type}, not float32`);
  return tensor.data;
}
