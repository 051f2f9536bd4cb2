/** @file Goes on with an attack that has succeeded, until the network is as certain of the wrong class as was asked for. */

import { type Classifier, distances, InputError, imageSize, toBytes, toFloat, wholeBox } from '@pareidolia/core';
import { advance, isInside, length, project } from '@pareidolia/core/attack/kit';
import { Film, TOP } from './film.ts';
import { topGuesses } from './guesses.ts';
import type { StudioHost } from './host.ts';
import type { AttackFrame, AttackOutcome, Parameters } from './protocol.ts';

/** Steps from the original to the end of the ball. */
const STEPS = 20;

type Request = Omit<Parameters<'attack.start'>, 'job' | 'model'> & {
  readonly goOn: NonNullable<Parameters<'attack.start'>['goOn']>;
};

/**
 * Climbs the logarithm of the wrong class's confidence by projected gradient steps (Madry et al. 2018), from the adversarial
 * image, inside the ball of the attack; an attack that looks for the nearest image has no ball, and so may go anywhere in
 * [0, 1]. What counts is each step's image in 8 bits, and the surest one is kept.
 *
 * @param limited whether epsilon holds
 */
export async function pushAttack(
  network: Classifier,
  { image: original, goOn, label, target, norm, epsilon, budget }: Request,
  limited: boolean,
  host: Pick<StudioHost, 'now' | 'pause'>,
  signal: { throwIfAborted(): void },
  show: (frames: readonly AttackFrame[]) => void,
): Promise<AttackOutcome> {
  const { shape, classNames, noGradient } = network;
  if (noGradient !== undefined) throw new InputError(`To go on needs gradients: ${noGradient}; use another network`);
  const size = imageSize(shape);
  if (original.length !== size || goOn.image.length !== size) {
    throw new InputError(`The images have other sizes than the ${size} values that ${network.where} takes`);
  }
  const one = <T>(data: T) => ({ ...shape, count: 1, data });
  const begin = toFloat(one(original)).data;
  const first = (await network.predict(one(goOn.image))).data;
  const aim = target ?? topGuesses(first, classNames, 2).find(({ classIndex }) => classIndex !== label)!.classIndex;
  const ball = { norm, epsilon: limited ? epsilon : wholeBox(norm, size) };
  const film = new Film(network, begin, { label, target: aim }, host, show);
  const model = film.targetModel();
  film.count(1);
  const climbing = toFloat(one(goOn.image)).data.slice();
  const away = length(
    climbing.map((value, i) => value - begin[i]!),
    norm,
  );
  const step = Math.max(norm === 'linf' ? 1 / 255 : 0, (limited ? epsilon : away) / STEPS);
  let best = { planes: goOn.image, scores: first };
  let [queries, gradients] = [1, 0];
  while (best.scores[aim]! < goOn.confidence && queries + 2 <= budget) {
    signal.throwIfAborted();
    const objective = { kind: 'log-confidence', classIndices: Int32Array.of(aim) } as const;
    const { gradient } = await model.gradient(one(climbing), objective);
    if (!gradient.every(Number.isFinite)) break;
    // Where the ball is counted in pixels, the steepest one goes to its end.
    advance(climbing, gradient, norm === 'l0' ? 1 : step, norm === 'l0' ? 'l1' : norm);
    project(climbing, begin, ball);
    const planes = toBytes(one(climbing)).data;
    const scores = (await network.predict(one(planes))).data;
    film.count(1);
    queries += 2;
    gradients++;
    const found = toFloat(one(planes)).data;
    if (scores[aim]! > best.scores[aim]! && isInside(found, begin, ball)) best = { planes, scores };
  }
  film.end();
  const top = topGuesses(best.scores, classNames, TOP);
  return {
    success: top[0]!.classIndex === aim,
    survives8Bit: true,
    initiallyWrong: false,
    image: best.planes,
    top,
    distances: distances(toFloat(one(best.planes)).data, begin),
    queries,
    gradients,
    stop: best.scores[aim]! >= goOn.confidence ? 'sure enough' : 'not sure enough',
  };
}
