/** @file The classifier that is an ONNX network: one that takes an image and scores classes. */

import {
  ControlFlowError,
  type Dim,
  type ExternalData,
  type GradientBlocker,
  type GradientKind,
  type Model,
  NoGradientError,
  OnnxError,
  printable,
  readModel,
  UnknownOperatorError,
  UnknownShapeError,
} from '@pareidolia/autodiff';
import { InputError, MachineError, RunError } from '../errors.ts';
import type { FloatImages, ImageShape, Images } from '../image/images.ts';
import { requireImages } from '../image/images.ts';
import { type ModelCard, parseCard } from './card.ts';
import type { Classifier } from './classifier.ts';
import { drawn, joinRows, logitMeanSigmoid, logMeanSoftmax, meanOf } from './draws.ts';
import { type Front, hasLevels, type NetworkEnds } from './graph.ts';
import { guardedCard, isGuarded, REFUSED_CLASS } from './guarded-card.ts';
import { cardForType, type InputPlan, planInput, wholeRange } from './input.ts';
import { NAMES } from './names.ts';
import { known, named, planNetwork, planOutput } from './network-plan.ts';
import { probe } from './network-probing.ts';
import { NetworkSessions, type SessionsOptions } from './network-sessions.ts';
import {
  checkObjective,
  type Gradients,
  type Logits,
  type Objective,
  objectiveFeeds,
  sliceObjective,
} from './objective.ts';
import { withImageOnly } from './other-inputs.ts';
import type { BetweenParts } from './parts.ts';
import { withScoresOnly } from './score-output.ts';
import { fromOutputs, type ScoreReading } from './score-reading.ts';
import type { Features, Scores } from './scores.ts';
import { SeparateNetwork } from './separate-network.ts';

/** How a network is loaded. */
export interface ClassifierOptions extends SessionsOptions {
  readonly card?: ModelCard;
  /**
   * Whether a network that a detector was folded into is loaded with it, as a classifier of one class more, the last: what is
   * refused. It is when absent; else the network is loaded as if it had no detector.
   */
  readonly behindGuard?: boolean;
  /** The files beside the model that hold weights, where it has any. */
  readonly externalData?: ExternalData;
  /** What the user should know of where the card comes from; each a sentence, which becomes one of the classifier's notices. */
  readonly notices?: readonly string[];
}

/** What cannot be part of another graph: the node for which that is so, and why. */
interface Apart {
  readonly blocker: GradientBlocker;
  /** What to say where the runtime refuses it, too. */
  readonly error: OnnxError;
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
  /** Where the network begins and ends: its scores, and its penultimate features. */
  readonly ends: NetworkEnds;
  /** How it is fed. */
  readonly plan: InputPlan;
  /** What the user should know of how the network is run; each a sentence. */
  readonly notices: readonly string[];
  /** Whether it cannot be part of another graph, and so has no gradient and takes no detector. */
  readonly runsApart: boolean;
  readonly #sessions: NetworkSessions;
  /** Behind a front, by its graph. */
  readonly #behind = new Map<Model, NetworkSessions>();
  #isDisposed = false;

  /** The last class, where the network was loaded with the detector that was folded into it: what this refuses. */
  readonly refusedClass?: number;

  /** The penultimate features; absent where no last layer with weights was found, see {@link ends}. */
  readonly features?: NonNullable<Classifier['features']>;

  private constructor(sessions: NetworkSessions, card: ModelCard, where: string, notices: readonly string[]) {
    const { network, plan, ends } = sessions;
    this.network = network;
    this.notices = notices;
    this.reading = ends.reading;
    this.ends = ends;
    this.plan = plan;
    this.runsApart = sessions.separate !== undefined;
    this.card = card;
    this.shape = plan.shape;
    this.origin = plan.origin;
    this.numClasses = ends.numClasses;
    this.where = where;
    this.#sessions = sessions;
    if (isGuarded(card)) this.refusedClass = this.numClasses - 1;
    this.classNames =
      card.classNames ??
      Array.from({ length: this.numClasses }, (_, k) => (k === this.refusedClass ? REFUSED_CLASS : `class ${k}`));
    if (ends.features !== undefined) this.features = (images, between) => this.#features(images, between);
  }

  /**
   * Loads a network.
   *
   * @param bytes the contents of a `.onnx` file
   * @throws InputError where it is no image classifier, graph and card disagree, or `batch` is not a whole number above 0
   */
  static async load(bytes: Uint8Array, options: ClassifierOptions): Promise<OnnxClassifier> {
    try {
      return await OnnxClassifier.#load(bytes, options);
    } catch (error) {
      throw unsound(error, options.where);
    }
  }

  static async #load(bytes: Uint8Array, options: ClassifierOptions): Promise<OnnxClassifier> {
    const { where, externalData, batch } = options;
    if (batch !== undefined && !(Number.isInteger(batch) && batch >= 1)) {
      throw new InputError(`${where}: a batch of ${batch} images is not possible; give a whole number of at least 1`);
    }
    const written = options.card ?? parseCard({});
    const together = options.behindGuard === false ? undefined : guardedCard(written);
    const card = together ?? written;
    const { model, notice } = named(where, () => {
      const file = readModel(bytes, externalData === undefined ? {} : { externalData });
      const scored = withScoresOnly(file, card, where);
      return { ...scored, model: withImageOnly(scored.model, card, where) };
    });
    // An output that the card names may be a decision.
    const { outputName: _, ...rest } = card;
    const ours = notice === undefined ? card : rest;
    const notices = [...(options.notices ?? []), ...(notice === undefined ? [] : [notice])];
    try {
      return await OnnxClassifier.#inOneGraph(model, ours, options, notices);
    } catch (error) {
      const apart = apartOf(error);
      if (apart === undefined) throw error;
      return OnnxClassifier.#separately(model, apart, ours, options, notices);
    }
  }

  /**
   * @param before notices
   * @param batch images in each call, where trying has shown that no other number works
   */
  static async #inOneGraph(
    model: Model,
    written: ModelCard,
    options: ClassifierOptions,
    before: readonly string[],
    batch?: number,
  ): Promise<OnnxClassifier> {
    const { where } = options;
    const { card, why, ...planned } = named(where, () => planNetwork(model, written, where, batch));
    const sessions = new NetworkSessions(planned, options);
    const notices =
      why === undefined
        ? before
        : [
            ...before,
            `${where} is run on ${imagesAtOnce(planned.plan.batch ?? 1)}, which is slow: ${why}; export it with an open batch axis (dynamic_axes in PyTorch)`,
          ];
    const most = await sessions.mostImages();
    try {
      const probed = await probe(sessions, where, card.draws);
      const slow = await unoptimized(probed.sessions, where);
      return new OnnxClassifier(probed.sessions, card, where, [...notices, ...slow, ...probed.notices]);
    } catch (error) {
      await sessions.dispose();
      // A number of images that no shape tells.
      const isRetried = error instanceof RunError && planned.plan.batch === undefined && most > 1;
      if (isRetried) return OnnxClassifier.#inOneGraph(model, written, options, before, 1);
      throw error;
    }
  }

  /** A network that cannot be part of another graph: it takes one image at a time, and has no gradient. */
  static async #separately(
    model: Model,
    { blocker, error }: Apart,
    written: ModelCard,
    options: ClassifierOptions,
    before: readonly string[],
  ): Promise<OnnxClassifier> {
    const { where, runtime, device, threads } = options;
    const input = model.graph.inputs[0]!;
    const card = cardForType(written, input.type);
    const plan = { ...planInput(input.name, input.shape?.map(known), card, where, input.type), batch: 1 };
    const sessionOptions = { device, ...(threads === undefined ? {} : { threads }) };
    const separate = await SeparateNetwork.open(model, plan, runtime, sessionOptions).catch((refusal: unknown) => {
      throw error instanceof UnknownOperatorError
        ? new InputError(`${where}: ${error.message}`, { cause: refusal })
        : refusal;
    });
    try {
      const shape = await separate.outputShape();
      const shapeOf = (): readonly Dim[] => (shape[0] === 1 && shape.length > 1 ? shape : [1, ...shape]);
      const found = planOutput(model, input.name, shapeOf, card, where);
      const ends = { ...found, reading: fromOutputs(found.reading) };
      const notice = `${where} is run on one image at a time, and has no gradient, since ${blocker.opType} (node ${blocker.node}) ${blocker.why}; attacks and searches that need none work`;
      const probed = await probe(
        new NetworkSessions({ network: model, plan, ends, separate, blocker }, options),
        where,
        card.draws,
      );
      const slow = await unoptimized(probed.sessions, where);
      return new OnnxClassifier(probed.sessions, card, where, [...before, notice, ...slow, ...probed.notices]);
    } catch (failure) {
      await separate.dispose();
      const isNamed = !(failure instanceof RunError) || failure.message.startsWith(where);
      throw isNamed ? failure : new RunError(`${where}: ${failure.message}`, { cause: failure });
    }
  }

  /**
   * Class probabilities of 8-bit images.
   *
   * @throws InputError where the images have another shape, or the network's scores are not finite
   */
  async predict(images: Images, between?: BetweenParts): Promise<Scores> {
    this.#checkShape(images);
    const all = await this.#drawn(between, images.count, (part) =>
      this.#sessions.score(images, [NAMES.probabilities], part),
    );
    const data = all.length === 1 ? all[0]![0] : meanOf(all.map(([own]) => own));
    const bad = data.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      throw new InputError(
        `${this.where} gives ${data[bad]} for class ${bad % this.numClasses} of an image; check its weights and the card's range`,
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
    this.#checkShape(images);
    const all = await this.#drawn(between, images.count, (part) => this.#sessions.score(images, [NAMES.logits], part));
    return { count: images.count, numClasses: this.numClasses, data: this.#joinedLogits(all.map(([own]) => own)) };
  }

  /**
   * An objective of float images in [0, 1], and its gradient with respect to them; of a random network, the means over its draws.
   *
   * @throws InputError naming the operators in the way where the network has no gradient
   */
  async gradient(images: FloatImages, objective: Objective, between?: BetweenParts): Promise<Gradients> {
    this.#checkShape(images);
    return this.#gradient(this.#sessions, images, objective, between);
  }

  /**
   * An objective of images that a front makes of rows, and its gradient with respect to the rows.
   *
   * @param rows `N x 1 x 1 x width` numbers, as the front takes them
   * @throws InputError where the rows have another width; naming the operators in the way where there is no gradient
   */
  async gradientBehind(front: Front, rows: FloatImages, objective: Objective): Promise<Gradients> {
    requireImages(rows, { channels: 1, height: 1, width: front.width }, this.where);
    let sessions = this.#behind.get(front.model);
    if (sessions === undefined) {
      sessions = this.#sessions.behind(front);
      this.#behind.set(front.model, sessions);
    }
    return this.#gradient(sessions, rows, objective);
  }

  async #gradient(
    sessions: NetworkSessions,
    images: FloatImages,
    objective: Objective,
    between?: BetweenParts,
  ): Promise<Gradients> {
    checkObjective(objective, images.count, this.numClasses, this.where);
    const all = await this.#drawn(between, images.count, (part) =>
      sessions.gradient(objective, images, [NAMES.logits, NAMES.value, NAMES.gradient], part, ({ from, to }) => {
        const some = sliceObjective(objective, from, to, this.numClasses);
        return objectiveFeeds(some, to - from, this.numClasses);
      }),
    );
    const logits = this.#joinedLogits(all.map(([own]) => own));
    if (all.length === 1) return { logits, value: all[0]![1], gradient: all[0]![2] };
    return { logits, value: meanOf(all.map(([, value]) => value)), gradient: meanOf(all.map(([, , own]) => own)) };
  }

  /**
   * Logits and, where there are any, penultimate features, in one pass.
   *
   * @param want whether means and root mean squares of what layers take in are wanted, too, where there are any
   * @throws InputError where the images have another shape
   */
  async observe(
    images: Images,
    want: { readonly levels?: boolean } = {},
    between?: BetweenParts,
  ): Promise<{ readonly logits: Logits; readonly features?: Features; readonly levels?: Features }> {
    this.#checkShape(images);
    const { numClasses } = this;
    const { count } = images;
    const wanted = {
      features: this.ends.features === undefined ? undefined : NAMES.features,
      levels: want.levels === true && hasLevels(this.ends) ? NAMES.levels : undefined,
    };
    const inside = [wanted.features, wanted.levels].filter((name) => name !== undefined);
    if (inside.length === 0) return { logits: await this.logits(images, between) };
    const [logits, ...rows] = await this.#sessions.features(images, [NAMES.logits, ...inside], between);
    const of = (name: string | undefined): Features | undefined => {
      const data = name === undefined ? undefined : rows[inside.indexOf(name as (typeof inside)[number])];
      return data === undefined ? undefined : { count, width: count === 0 ? 0 : data.length / count, data };
    };
    const [features, levels] = [of(wanted.features), of(wanted.levels)];
    return {
      logits: { count, numClasses, data: logits! },
      ...(features === undefined ? {} : { features }),
      ...(levels === undefined ? {} : { levels }),
    };
  }

  /** The operators that no gradient flows through, on the way from the scores to the pixels. */
  gradientBlockers(): readonly GradientBlocker[] {
    try {
      this.#sessions.gradientGraph('log-probability');
      return [];
    } catch (error) {
      if (error instanceof NoGradientError) return error.blockers;
      if (error instanceof UnknownShapeError) return [error.blocker];
      throw unsound(error, this.where);
    }
  }

  /** Whether the gradient is an estimate: that of a network that computes with quantized numbers, or takes whole ones. */
  get gradientKind(): GradientKind {
    try {
      const { gradientKind } = this.#sessions.realNetwork();
      return wholeRange(this.#sessions.plan.type) === undefined ? gradientKind : 'straight-through';
    } catch (error) {
      // There is no gradient at all.
      if (error instanceof NoGradientError) return 'exact';
      throw unsound(error, this.where);
    }
  }

  /** Frees the sessions; the classifier cannot be used afterwards. */
  async dispose(): Promise<void> {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    // One that runs apart has no gradient, so nothing was opened behind a front.
    if (!this.runsApart) for (const sessions of this.#behind.values()) await sessions.dispose();
    await this.#sessions.dispose();
  }

  async #features(images: Images, between?: BetweenParts): Promise<Features> {
    this.#checkShape(images);
    const [data] = await this.#sessions.features(images, [NAMES.features], between);
    return { count: images.count, width: images.count === 0 ? 0 : data.length / images.count, data };
  }

  /** What is said of images: once, or in each of the draws that the card asks for. */
  #drawn<T>(
    between: BetweenParts | undefined,
    count: number,
    ask: (between: BetweenParts | undefined) => Promise<T>,
  ): Promise<readonly T[]> {
    const { draws = 1 } = this.card;
    if (draws === 1) return drawn(1, undefined, () => ask(between));
    let done = 0;
    // Images count as done by the share of their draws.
    const within = between && ((own: number) => between(Math.floor((done * count + own) / draws)));
    const after = (): void | Promise<void> => {
      done++;
      return between?.(Math.floor((done * count) / draws));
    };
    return drawn(draws, after, () => ask(within));
  }

  /** Logits whose confidences are the means of those of the draws. */
  #joinedLogits(draws: readonly Float32Array[]): Float32Array {
    if (draws.length === 1) return draws[0]!;
    const { outputCount, reading } = this.#sessions.ends;
    const isSigmoids = reading.kind === 'sigmoids' && outputCount === this.numClasses;
    return joinRows(draws, this.numClasses, isSigmoids ? logitMeanSigmoid : logMeanSoftmax);
  }

  #checkShape(images: Images | FloatImages): void {
    requireImages(images, this.shape, this.where);
  }
}

/** The node for which a network has to run by itself; `undefined` for all other errors. */
function apartOf(error: unknown): Apart | undefined {
  const cause = error instanceof InputError ? error.cause : undefined;
  if (cause instanceof ControlFlowError || cause instanceof UnknownShapeError)
    return { blocker: cause.blocker, error: cause };
  if (!(cause instanceof UnknownOperatorError)) return undefined;
  return { blocker: { ...cause.operators[0]!, why: 'is no standard operator' }, error: cause };
}

/** What is thrown for a model that cannot be handled, as a sentence with its name; other errors as they are. */
function unsound(error: unknown, where: string): unknown {
  if (error instanceof InputError) return error;
  if (error instanceof OnnxError) return new InputError(`${where}: ${error.message}`, { cause: error });
  if (!(error instanceof RangeError || error instanceof TypeError)) return error;
  if (/allocation failed/i.test(error.message)) {
    return new MachineError(`${where}: this machine has no memory left for it`, { cause: error });
  }
  return new InputError(
    `${where} is too large or too deep, or damaged (${printable(error.message)}); export the model again`,
    { cause: error },
  );
}

/** What to say where a network runs without the runtime's optimizer. */
async function unoptimized(sessions: NetworkSessions, where: string): Promise<readonly string[]> {
  if (!(await sessions.isUnoptimized())) return [];
  return [
    `${where} runs without ONNX Runtime's optimizer, which is slower: the optimizer breaks this graph, and as it is written it runs`,
  ];
}

function imagesAtOnce(count: number): string {
  return count === 1 ? 'one image at a time' : `${count} images at a time, and fewer are filled up with copies`;
}
