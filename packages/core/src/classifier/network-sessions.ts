/** @file The sessions of a network, one for each purpose, and calls of these over any number of images. */

import {
  checkCost,
  costOf,
  type GradientBlocker,
  isDynamicallyQuantized,
  type Model,
  NoGradientError,
  type RealNetwork,
  straightThrough,
} from '@pareidolia/autodiff';
import { InputError, MachineError, RunError } from '../errors.ts';
import type { FloatImages, Images } from '../image/images.ts';
import { openGraph } from '../runtime/open.ts';
import type { Device, Runtime, Session, Tensor, Tensors } from '../runtime/runtime.ts';
import { type Front, featureGraph, gradientGraph, type NetworkEnds, predictionGraph } from './graph.ts';
import type { InputPlan } from './input.ts';
import { NAMES } from './names.ts';
import { MOST_FIXED, named } from './network-plan.ts';
import type { Objective, ObjectiveKind } from './objective.ts';
import { type BetweenParts, type Part, parts } from './parts.ts';
import type { SeparateNetwork } from './separate-network.ts';

/**
 * Values that a call may hold at the same time, over all its images: 64 MB in float32, of which ONNX Runtime makes up to
 * four times as much, with padded channels and its buffers. The images themselves would be no measure: a small transformer
 * holds hundreds of values for each of theirs.
 *
 * More brings no speed: on two cores a gradient takes 20.4 ms for an image of SqueezeNet in calls of 1, 2 and 4 and 22.3 in calls of
 * 8 (here 4), 1.38 ms of ResNet-20 in calls of 8, 1.27 of 32, 1.32 of 64 (here).
 */
const MOST_VALUES = 16_000_000;

/** A gradient holds all values of the network, and computes about two products for each of its own. */
const GRADIENT_COST = 4;

/** How sessions are opened. */
export interface SessionsOptions {
  readonly runtime: Runtime;
  readonly device: Device;
  /** Threads inside one operator; the runtime's own choice when absent. */
  readonly threads?: number;
  /** The network's name, for errors. */
  readonly where: string;
  /** Most images in one call; chosen by the memory that the network takes for each when absent. */
  readonly batch?: number;
}

/** What a network is, and how it is fed and read. */
export interface OpenNetwork {
  /** The network, brought to the current opset and to an open batch; as the file has it where it runs separately. */
  readonly network: Model;
  readonly plan: InputPlan;
  readonly ends: NetworkEnds;
  /** The network in a session of its own, where it cannot be part of another graph. */
  readonly separate?: SeparateNetwork;
  /** The node for which it is separate. */
  readonly blocker?: GradientBlocker;
}

/** What a session is for: 8-bit or float images to scores, 8-bit images to features or to these and levels, or an objective's gradient. */
type Purpose = 'uint8' | 'float32' | 'features' | 'levels' | ObjectiveKind | `${ObjectiveKind} ${typeof MERGED}`;

/** What is refused counts as a class of each image's own: see {@link gradientGraph}. */
const MERGED = 'behind a detector';

interface Opened {
  readonly session: Session;
  /** Most images in one call. */
  readonly most: number;
  /** Whether every call has to have that many. */
  readonly isFixed: boolean;
}

/** The sessions of a network, each opened when it is first needed. Large batches are cut into parts, one call for each. */
export class NetworkSessions implements OpenNetwork {
  readonly network: Model;
  readonly plan: InputPlan;
  readonly ends: NetworkEnds;
  readonly separate?: SeparateNetwork;
  readonly blocker?: GradientBlocker;
  readonly #options: SessionsOptions;
  readonly #opened = new Map<Purpose, Promise<Opened>>();
  #real: RealNetwork | undefined;
  readonly #front: Front | undefined;

  /** @param front what makes images of the rows that gradients are taken with respect to */
  constructor({ network, plan, ends, separate, blocker }: OpenNetwork, options: SessionsOptions, front?: Front) {
    this.network = network;
    this.plan = plan;
    this.ends = ends;
    if (separate !== undefined) this.separate = separate;
    if (blocker !== undefined) this.blocker = blocker;
    this.#options = options;
    this.#front = front;
  }

  /** The same network behind a front: gradients are those with respect to the rows that it makes images of. */
  behind(front: Front): NetworkSessions {
    return new NetworkSessions(this.#network(), this.#options, front);
  }

  /** Most images in one call that scores 8-bit images. */
  async mostImages(): Promise<number> {
    return (await this.#open('uint8')).most;
  }

  /** Whether the runtime's optimizer broke the graph that scores 8-bit images, so that it runs as written. */
  async isUnoptimized(): Promise<boolean> {
    return (await this.#open('uint8')).session.isOptimized === false;
  }

  /** The same network, read otherwise or given one image at a time; what is open and still of use is handed on. */
  async readAs(reading: NetworkEnds['reading'], alone: boolean): Promise<NetworkSessions> {
    const options = alone ? { ...this.#options, batch: 1 } : this.#options;
    const other = new NetworkSessions({ ...this.#network(), ends: { ...this.ends, reading } }, options);
    const { kind, logits, isScaled } = this.ends.reading;
    const isSame = kind === reading.kind && logits === reading.logits && isScaled === reading.isScaled;
    const prediction = this.#opened.get('uint8');
    if (isSame && prediction !== undefined) {
      this.#opened.delete('uint8');
      const opened = await prediction;
      other.#opened.set('uint8', Promise.resolve(alone ? { ...opened, most: 1 } : opened));
    }
    await this.#disposeSessions();
    await other.#open('uint8');
    return other;
  }

  /** Outputs of the session that scores 8-bit images, or floats; each of all images in one array. */
  async score<const Outputs extends readonly string[]>(
    images: Images | FloatImages,
    outputs: Outputs,
    between?: BetweenParts,
  ): Promise<{ [Place in keyof Outputs]: Float32Array }> {
    const purpose = images.data instanceof Uint8Array ? 'uint8' : 'float32';
    return this.#run(await this.#open(purpose), images, outputs, between);
  }

  /** The outputs of {@link gradientGraph}. */
  async gradient<const Outputs extends readonly string[]>(
    { kind, refusedAs }: Pick<Objective, 'kind' | 'refusedAs'>,
    images: FloatImages,
    outputs: Outputs,
    between: BetweenParts | undefined,
    feeds: (part: Part) => Tensors,
  ): Promise<{ [Place in keyof Outputs]: Float32Array }> {
    const purpose = refusedAs === undefined ? kind : (`${kind} ${MERGED}` as const);
    return this.#run(await this.#open(purpose), images, outputs, between, feeds);
  }

  /** The outputs of {@link featureGraph}. */
  async features<const Outputs extends readonly string[]>(
    images: Images,
    outputs: Outputs,
    between?: BetweenParts,
  ): Promise<{ [Place in keyof Outputs]: Float32Array }> {
    const purpose = outputs.includes(NAMES.levels) ? 'levels' : 'features';
    return this.#run(await this.#open(purpose), images, outputs, between);
  }

  /**
   * The network in floats, of which there is a gradient; made when it is first needed.
   *
   * @throws NoGradientError where there is none
   */
  realNetwork(): RealNetwork {
    if (this.blocker !== undefined) throw new NoGradientError([this.blocker]);
    this.#real ??= straightThrough(this.network);
    return this.#real;
  }

  /** @throws NoGradientError, UnknownShapeError where the gradient does not flow */
  gradientGraph(kind: ObjectiveKind, isMerged = false): Model {
    return gradientGraph(this.network, this.realNetwork(), this.plan, this.ends, kind, isMerged, this.#front);
  }

  /** Frees everything; nothing can be called afterwards. */
  async dispose(): Promise<void> {
    await this.#disposeSessions();
    await this.separate?.dispose();
  }

  async #disposeSessions(): Promise<void> {
    const all = [...this.#opened.values()];
    this.#opened.clear();
    for (const opening of all) {
      const opened = await opening.catch(() => undefined);
      await opened?.session.dispose();
    }
  }

  #network(): OpenNetwork {
    const { network, plan, ends, separate, blocker } = this;
    return { network, plan, ends, ...(separate && { separate }), ...(blocker && { blocker }) };
  }

  #open(purpose: Purpose): Promise<Opened> {
    const known = this.#opened.get(purpose);
    if (known !== undefined) return known;
    const opened = this.#opening(purpose);
    this.#opened.set(purpose, opened);
    return opened;
  }

  async #opening(purpose: Purpose): Promise<Opened> {
    if (this.separate !== undefined && (purpose === 'uint8' || purpose === 'float32')) {
      return { session: await this.separate.session(this.ends, purpose), most: 1, isFixed: true };
    }
    const graph = named(this.#options.where, () => this.#graph(purpose));
    const scores = purpose === 'uint8' || purpose === 'float32' || isInside(purpose);
    return open(graph, this.#options, this.plan.batch, scores ? 1 : GRADIENT_COST);
  }

  #graph(purpose: Purpose): Model {
    const { network, plan, ends } = this;
    if (purpose === 'uint8' || purpose === 'float32') return predictionGraph(network, plan, ends, purpose);
    if (isInside(purpose)) return featureGraph(network, plan, ends, purpose === 'levels');
    const kind = purpose.replace(` ${MERGED}`, '') as ObjectiveKind;
    return this.gradientGraph(kind, kind !== purpose);
  }

  /**
   * Runs a session over images, part by part.
   *
   * @param feeds what else a part is given
   */
  async #run<const Outputs extends readonly string[]>(
    { session, most, isFixed }: Opened,
    images: Images | FloatImages,
    outputs: Outputs,
    between?: BetweenParts,
    feeds: (part: Part) => Tensors = () => ({}),
  ): Promise<{ [Place in keyof Outputs]: Float32Array }> {
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
      if (error instanceof MachineError) {
        throw new MachineError(`${this.#options.where}: ${error.message}`, { cause: error });
      }
      if (!(error instanceof RunError)) throw error;
      throw new RunError(`${this.#options.where}: ${error.message}`, { cause: error });
    }
  }
}

function isInside(purpose: Purpose): purpose is 'features' | 'levels' {
  return purpose === 'features' || purpose === 'levels';
}

/**
 * @param fixed the number of images that each call has to have
 * @param factor what it may take, compared with a network that scores
 */
async function open(
  model: Model,
  { runtime, device, threads, batch, where }: SessionsOptions,
  fixed: number | undefined,
  factor: number,
): Promise<Opened> {
  const cost = named(where, () => costOf(model));
  named(where, () => checkCost(cost, factor * Math.min(fixed ?? 1, MOST_FIXED)));
  const { graph, session } = await openGraph(runtime, model, {
    device,
    ...(threads === undefined ? {} : { threads }),
  });
  if (fixed !== undefined) return { session, most: fixed, isFixed: true };
  // Where ranges are taken from the whole batch, an image is scored by itself.
  const isAlone = graph.graph.nodes.some(({ opType }) => isDynamicallyQuantized(opType));
  if (isAlone) return { session, most: 1, isFixed: false };
  return { session, most: batch ?? Math.max(1, Math.floor(MOST_VALUES / cost.values)), isFixed: false };
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

function floats(results: Tensors, name: string): Float32Array {
  const tensor = results[name];
  if (tensor?.type !== 'float32') throw new InputError(`The network's ${name} are ${tensor?.type}, not float32`);
  return tensor.data;
}
