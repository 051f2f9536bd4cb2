/** @file What makes a request impossible, each in one sentence, before anything is computed. */

import { InputError } from '../../errors.ts';
import { type FloatImages, type Images, imageSize, requireImages } from '../../image/images.ts';
import { type Attack, requireNorm } from '../attack.ts';
import { type Norm, wholeBox } from '../norm.ts';
import type { AttackOptions } from '../options.ts';
import { attacksThatSee } from './attacks-that-see.ts';
import type { ExpectationSettings } from './expectation.ts';
import { acceptedClasses } from './refusal.ts';
import type { TargetModel } from './target-model.ts';

/**
 * Holds a request against what attack and model can do; `attackImages` does so itself.
 *
 * @throws InputError where images, labels, norm, epsilons, targets, starts, seed, batch, budget or transformations do not fit
 */
export function checkRequest(
  model: TargetModel,
  attack: Attack,
  images: Images | FloatImages,
  labels: Int32Array,
  norm: Norm,
  options: Pick<AttackOptions, 'batch'> & Partial<Omit<AttackOptions, 'batch' | 'norm' | 'settings'>>,
): void {
  checkAccess(model, attack);
  requireImages(images, model.shape, 'The model');
  const { epsilons, independent, targets, batch, budget, expectation, starts, seed = 0, first = 0 } = options;
  requireNorm(attack, norm);
  const most = wholeBox(norm, imageSize(model.shape));
  for (const epsilon of epsilons ?? []) {
    if (!(epsilon >= 0 && epsilon <= most)) {
      throw new InputError(
        `Epsilon ${epsilon} is not between 0 and ${most}, the largest ${norm} distance of images with pixels in [0, 1]; ${levels(epsilon, norm)}`,
      );
    }
  }
  const part = norm === 'l0' ? epsilons?.find((epsilon) => !Number.isInteger(epsilon)) : undefined;
  if (part !== undefined) {
    throw new InputError(
      `Epsilon ${part} is not a number of values, as ${attack.name} counts them in l0; give a whole number, or run it by itself`,
    );
  }
  if (independent === true && (epsilons ?? []).length === 0) {
    throw new InputError('Epsilons that are independent of each other have to be given; give some, or leave it out');
  }
  const numClasses = acceptedClasses(model);
  if (numClasses < 2)
    throw new InputError(`An attack needs 2 classes, the model has ${numClasses}; take another model`);
  if (targets !== undefined && !attack.targeted) throw new InputError(`${attack.name} cannot aim at a class`);
  checkClasses('label', labels, images.count, numClasses);
  const { refusedClass } = model;
  const refused = refusedClass === undefined ? -1 : (targets?.indexOf(refusedClass) ?? -1);
  if (refused >= 0) {
    throw new InputError(
      `The target of image ${refused} is to be refused, which is no class that an image can be accepted as; aim at another one`,
    );
  }
  if (targets !== undefined) checkClasses('target', targets, images.count, numClasses);
  const aimed = targets?.findIndex((target, index) => target === labels[index]) ?? -1;
  if (aimed >= 0) throw new InputError(`The target of image ${aimed} is its own label ${labels[aimed]}; aim elsewhere`);
  if (!(Number.isInteger(batch) && batch > 0)) throw new InputError(`A batch of ${batch} images is not possible`);
  if (budget !== undefined && !(budget >= 1)) throw new InputError(`A budget of ${budget} queries allows nothing`);
  if (!Number.isSafeInteger(seed)) throw new InputError(`The seed ${seed} is not possible; give a whole number`);
  if (!(Number.isSafeInteger(first) && first >= 0)) {
    throw new InputError(`The first image cannot have the number ${first}; give a whole number from 0`);
  }
  if (starts !== undefined) checkStarts(model, starts);
  if (expectation !== undefined) checkExpectation(expectation);
  if (attack.kind !== 'universal') return;
  const what = `${attack.name} looks for one perturbation for all images together`;
  if (budget !== undefined) throw new InputError(`${what}, a budget for each of them does not apply; leave it out`);
  if (expectation !== undefined) throw new InputError(`${what}, and knows no transformations; leave them out`);
}

/**
 * Holds what an attack has to see against what the model shows.
 *
 * @throws InputError where the attack needs gradients or scores that there are none of
 */
export function checkAccess(
  { answers, noGradient }: Pick<TargetModel, 'answers' | 'noGradient'>,
  { name, access }: Pick<Attack, 'name' | 'access'>,
): void {
  if (answers === 'labels' && access !== 'decisions') {
    throw new InputError(
      `${name} needs ${access}, and the model tells only the label; take an attack that sees decisions: ${attacksThatSee('decisions')}`,
    );
  }
  if (noGradient !== undefined && access === 'gradients') {
    throw new InputError(
      `${name} needs gradients: ${noGradient}; take an attack that sees scores or decisions: ${attacksThatSee('scores', 'decisions')}`,
    );
  }
}

/**
 * Holds a class for each image against the model's.
 *
 * @param what they are: labels or targets
 * @param count images
 * @throws InputError where there is not one for each image, or one is no class of the model
 */
export function checkClasses(
  what: 'label' | 'target',
  classes: ArrayLike<number>,
  count: number,
  numClasses: number,
): void {
  if (classes.length !== count) {
    throw new InputError(`There are ${classes.length} ${what}s for ${count} images; give each image its ${what}`);
  }
  for (let image = 0; image < count; image++) {
    const own = classes[image]!;
    if (Number.isInteger(own) && own >= 0 && own < numClasses) continue;
    throw new InputError(
      `Image ${image} has the ${what} ${own}, the model has the classes 0 to ${numClasses - 1}; give whole numbers of these`,
    );
  }
}

/** @throws InputError where a starting point has another size than the model's images, no class of it, or a pixel outside of [0, 1] */
function checkStarts(
  { shape, numClasses }: Pick<TargetModel, 'shape' | 'numClasses'>,
  starts: NonNullable<AttackOptions['starts']>,
): void {
  if ('data' in starts) {
    requireImages(starts, shape, 'An attack from starting points');
    return;
  }
  const size = imageSize(shape);
  for (const [place, { image, decision }] of starts.entries()) {
    if (image.length !== size) {
      throw new InputError(
        `Starting point ${place} has ${image.length} values, the model's images have ${size}; give images of its shape`,
      );
    }
    if (!(Number.isInteger(decision) && decision >= 0 && decision < numClasses)) {
      throw new InputError(
        `Starting point ${place} has the decision ${decision}, the model has the classes 0 to ${numClasses - 1}; give what it takes the image for`,
      );
    }
    checkPixels(image);
  }
}

/** @throws InputError where transformations have no draws, or a range is no number from 0 */
function checkExpectation({ draws, ...ranges }: ExpectationSettings): void {
  if (!(Number.isSafeInteger(draws) && draws >= 1)) {
    throw new InputError(`Transformations cannot be drawn ${draws} times; give a whole number from 1`);
  }
  for (const [name, range] of Object.entries(ranges)) {
    if (typeof range === 'number' && range >= 0 && range < Number.POSITIVE_INFINITY) continue;
    throw new InputError(`The range ${name} of the transformations is ${range}; give a number from 0`);
  }
}

/** @throws InputError where a pixel is not in [0, 1] */
export function checkPixels(data: Float32Array): void {
  const bad = data.findIndex((value) => !(value >= 0 && value <= 1));
  if (bad >= 0) throw new InputError(`Value ${bad} of the images is ${data[bad]}; pixels are in [0, 1]`);
}

/** Who thinks of pixels up to 255 gives levels. */
function levels(epsilon: number, norm: Norm): string {
  return norm === 'linf' && epsilon > 1 && epsilon <= 255
    ? `if you mean ${epsilon} levels of 255, write ${epsilon}/255`
    : 'give one that is';
}
