/** @file Attacks images: the part that is the same for every attack. */

import { type FloatImages, type Images, imageSize, toFloat } from '../image/images.ts';
import { Random } from '../random/random.ts';
import type { Attack, SingleAttack } from './attack.ts';
import { checkPixels, checkRequest } from './engine/check-request.ts';
import { drive } from './engine/drive.ts';
import { judge } from './engine/judge.ts';
import { knownStarts, mayBeginAtStarts } from './engine/known-starts.ts';
import { attackOne, type Plan, type Search, type Subject } from './engine/one-image.ts';
import type { KnownStart } from './engine/sample.ts';
import type { TargetModel } from './engine/target-model.ts';
import { attackTogether } from './engine/universal.ts';
import type { AttackOptions } from './options.ts';
import type { AttackResult } from './result.ts';

const ATTACK_STREAM = 5;

/**
 * Attacks images: each by itself, or with a universal attack all of them together.
 *
 * Results of attacks with a fixed epsilon are monotone: what was found in a smaller ball counts in the larger ones, unless the
 * epsilons are `independent`. An
 * image that is adversarial already is a result with distance 0, not an error. Each image found is
 * checked with the model again before it counts.
 *
 * Of a model with a detector (`refusedClass`) an image is adversarial where it is accepted as a wrong class, or as the target: to be
 * refused is no success, and gradients go through the detector, too. Images that it refuses as they are, are not attacked.
 *
 * @param attack one of the registry (`attackNamed`), or one of your own (`@pareidolia/core/attack/kit`)
 * @param images 8-bit, or floats in [0, 1]; `N x C x H x W` as the model takes them
 * @param labels the right class of each image
 * @returns for each epsilon, in ascending order and without repeats, the result of each image in the images' order; where no
 *   epsilon is given, one result for each image
 * @throws InputError where images, labels or what the options say do not fit model and attack, or a pixel is not in [0, 1]
 */
export async function attackImages(
  model: TargetModel,
  attack: Attack,
  images: Images | FloatImages,
  labels: Int32Array,
  options: AttackOptions,
): Promise<readonly AttackResult[]> {
  const norm = options.norm ?? attack.norms[0];
  checkRequest(model, attack, images, labels, norm, options);
  const originals = images.data instanceof Uint8Array ? toFloat(images as Images) : (images as FloatImages);
  checkPixels(originals.data);
  const epsilons = [...new Set(options.epsilons ?? [])].sort((a, b) => a - b);
  if (attack.kind === 'universal') {
    const search = attack.prepare(options.settings);
    const radii = epsilons.length > 0 ? epsilons : [attack.defaultEpsilon(norm, imageSize(images))];
    return attackTogether(model, attack.name, search, originals, labels, norm, radii, options);
  }
  const plan: Plan = {
    attack,
    search: prepare(attack, options),
    norm,
    epsilons,
    quantize: options.quantize,
    expectation: options.expectation,
    budget: options.budget,
    starts: mayBeginAtStarts(attack, options.settings) ? await startsOf(model, options) : [],
  };
  if (options.independent !== true) return attackEach(model, images, originals, labels, plan, options);
  const results: AttackResult[] = [];
  for (const [place, epsilon] of epsilons.entries()) {
    const before = results.reduce((sum, { queries }) => sum + queries.forward, 0);
    const onProgress = (done: number, forward: number): void =>
      options.onProgress?.(Math.floor((place * labels.length + done) / epsilons.length), before + forward);
    const own = { ...plan, epsilons: [epsilon] };
    results.push(...(await attackEach(model, images, originals, labels, own, { ...options, onProgress })));
  }
  return results;
}

/** Each image by itself, with all the plan's epsilons. */
async function attackEach(
  model: TargetModel,
  images: Images | FloatImages,
  originals: FloatImages,
  labels: Int32Array,
  plan: Plan,
  options: AttackOptions,
): Promise<readonly AttackResult[]> {
  const size = imageSize(images);
  const { first = 0 } = options;
  const subjects = Array.from(labels, (label, row): Subject => {
    const given = images.data.subarray(row * size, (row + 1) * size);
    const index = first + row;
    return {
      index,
      given,
      image: originals.data.subarray(row * size, (row + 1) * size),
      criterion: { label, target: options.targets?.[row] },
      random: Random.stream(options.seed, ATTACK_STREAM, index),
    };
  });
  const endings = await drive(
    model,
    subjects.map((subject) => (meter) => attackOne(model, subject, plan, meter)),
    options,
  );
  return judge(model, subjects, endings, plan, options.batch);
}

async function startsOf(model: TargetModel, { starts = [] }: AttackOptions): Promise<readonly KnownStart[]> {
  const known = 'data' in starts ? await knownStarts(model, starts) : starts;
  // What is refused is no image to begin at.
  return known.filter(({ decision }) => decision !== model.refusedClass);
}

function prepare(attack: SingleAttack, { settings }: AttackOptions): Search {
  switch (attack.kind) {
    case 'minimal':
      return { kind: 'minimal', minimal: attack.prepare(settings) };
    case 'fixed':
      return { kind: 'fixed', searches: [attack.prepare(settings)] };
    case 'ensemble':
      return { kind: 'fixed', searches: attack.prepare(settings) };
  }
}
