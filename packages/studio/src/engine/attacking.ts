/** @file An attack that is watched: its frames, and how it ended. */

import { attackImages, attackNamed, type Classifier, InputError, imageSize, toBytes, toFloat } from '@pareidolia/core';
import { Film, TOP } from './film.ts';
import { topGuesses } from './guesses.ts';
import type { StudioHost } from './host.ts';
import type { AttackFrame, AttackOutcome, Parameters } from './protocol.ts';

/** Queries of one attack in one call of the network. */
const BATCH = 16;

export type AttackRequest = Omit<Parameters<'attack.start'>, 'job' | 'model' | 'goOn'>;

export async function watchAttack(
  network: Classifier,
  request: AttackRequest,
  host: Pick<StudioHost, 'now' | 'pause'>,
  signal: { throwIfAborted(): void },
  show: (frames: readonly AttackFrame[]) => void,
): Promise<AttackOutcome> {
  const attack = attackNamed(request.attack);
  const { shape, classNames } = network;
  if (request.image.length !== imageSize(shape)) {
    throw new InputError(`The image has ${request.image.length} values, ${network.where} takes ${imageSize(shape)}`);
  }
  const original = toFloat({ ...shape, count: 1, data: request.image }).data;
  const film = new Film(network, original, { label: request.label, target: request.target }, host, show);
  const [result] = await attackImages(
    film.targetModel(),
    attack,
    { ...shape, count: 1, data: request.image },
    Int32Array.of(request.label),
    {
      norm: request.norm,
      ...(attack.kind === 'minimal' ? {} : { epsilons: [request.epsilon] }),
      ...(request.settings === undefined ? {} : { settings: request.settings }),
      ...(request.target === undefined ? {} : { targets: Int32Array.of(request.target) }),
      seed: request.seed,
      batch: BATCH,
      budget: request.budget,
      quantize: true,
      signal,
      onProgress: (done) => {
        if (done > 0) film.end();
      },
    },
  );
  film.end();
  const found = result!.image && toBytes({ ...shape, count: 1, data: result!.image }).data;
  const shown = found ?? request.image;
  const scores = await network.predict({ ...shape, count: 1, data: shown });
  return {
    success: result!.success,
    survives8Bit: result!.survives8Bit,
    initiallyWrong: result!.initiallyWrong,
    ...(found === undefined ? {} : { image: found }),
    top: topGuesses(scores.data, classNames, TOP),
    ...(result!.distances === undefined ? {} : { distances: result!.distances }),
    queries: result!.queries.forward,
    gradients: result!.queries.backward,
    stop: result!.stop,
  };
}
