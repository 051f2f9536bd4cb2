/** @file A guarded model at work on 8-bit images. */

import { isDynamicallyQuantized, type Model } from '@pareidolia/autodiff';
import { imagesGraph } from '../classifier/graph.ts';
import { NAMES } from '../classifier/names.ts';
import type { OnnxClassifier } from '../classifier/onnx-classifier.ts';
import { withImageOnly } from '../classifier/other-inputs.ts';
import { parts } from '../classifier/parts.ts';
import { type Images, requireImages } from '../image/images.ts';
import { openGraph } from '../runtime/open.ts';
import type { Runtime, Session, SessionOptions } from '../runtime/runtime.ts';
import type { GuardedModel } from './guard-model.ts';

/** What is known of the network inside. */
export type InnerNetwork = Pick<OnnxClassifier, 'plan' | 'ends' | 'card' | 'where' | 'shape'>;

/** Images in one call at most. */
const MOST_IMAGES = 32;

/** What a guarded model says of images. */
export interface GuardedAnswers {
  /** One for each image. */
  readonly scores: Float32Array;
  readonly accepted: readonly boolean[];
}

/** A guarded model that is open, behind the preprocessing of the network's card. */
export class GuardedSession {
  readonly #session: Session;
  readonly #network: InnerNetwork;
  readonly #names: Pick<GuardedModel, 'score' | 'accept'>;
  readonly #most: number;

  private constructor(
    session: Session,
    network: InnerNetwork,
    names: Pick<GuardedModel, 'score' | 'accept'>,
    most: number,
  ) {
    this.#session = session;
    this.#network = network;
    this.#names = names;
    this.#most = most;
  }

  /** @throws InputError where the runtime refuses the model */
  static async open(
    guarded: GuardedModel,
    network: InnerNetwork,
    runtime: Runtime,
    options: SessionOptions,
  ): Promise<GuardedSession> {
    const { score, accept } = guarded;
    const session = await openImages(guarded.model, network, [score, accept], runtime, options);
    const isAlone = guarded.model.graph.nodes.some(({ opType }) => isDynamicallyQuantized(opType));
    return new GuardedSession(session, network, guarded, network.plan.batch ?? (isAlone ? 1 : MOST_IMAGES));
  }

  /** @throws InputError where the images have another shape */
  async answers(images: Images): Promise<GuardedAnswers> {
    requireImages(images, this.#network.shape, this.#network.where);
    const { score, accept } = this.#names;
    const scores = new Float32Array(images.count);
    const accepted: boolean[] = [];
    for (const { from, to } of parts(images.count, this.#most)) {
      const count = to - from;
      const rows = this.#network.plan.batch ?? count;
      const outputs = await this.#session.run({ [NAME]: tensorOf(images, from, count, rows) }, [score, accept]);
      scores.set((outputs[score]!.data as Float32Array).subarray(0, count), from);
      for (let row = 0; row < count; row++) accepted.push(outputs[accept]!.data[row] === 1);
    }
    return { scores, accepted };
  }

  /** Frees the session; it cannot be used afterwards. */
  async dispose(): Promise<void> {
    await this.#session.dispose();
  }
}

/**
 * Opens some outputs of a model behind the preprocessing of a network's card.
 *
 * @param model the network, or one that holds it
 */
export async function openImages(
  model: Model,
  { plan, ends, card, where }: InnerNetwork,
  outputs: readonly string[],
  runtime: Runtime,
  options: SessionOptions,
): Promise<Session> {
  const { outputName: _, ...rest } = card;
  const graph = imagesGraph(withImageOnly(model, rest, where), plan, ends, outputs);
  return (await openGraph(runtime, graph, options)).session;
}

/** The input of what {@link openImages} opens. */
const NAME = NAMES.images;

/** Some images of a batch, filled up with copies of the last. */
function tensorOf({ data, channels, height, width }: Images, from: number, count: number, rows: number) {
  const size = channels * height * width;
  const own = data.subarray(from * size, (from + count) * size);
  const filled = new Uint8Array(rows * size);
  for (let row = 0; row < rows; row++)
    filled.set(own.subarray(Math.min(row, count - 1) * size, (Math.min(row, count - 1) + 1) * size), row * size);
  return { type: 'uint8', data: filled, dims: [rows, channels, height, width] } as const;
}
