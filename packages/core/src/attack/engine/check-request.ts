/** @file What makes a request impossible, each in one sentence, before anything is computed. */

import { InputError } from '../../errors.ts';
import { type FloatImages, type Images, imageSize } from '../../image/images.ts';
import { type Attack, requireNorm } from '../attack.ts';
import { type Norm, wholeBox } from '../norm.ts';
import type { AttackOptions } from '../options.ts';
import { attacksThatSee } from './attacks-that-see.ts';
import type { TargetModel } from './target-model.ts';

/**
 * Holds a request against what attack and model can do; `attackImages` does so itself.
 *
 * @throws InputError where norm, epsilon, target, budget or the number of classes do not fit
 */
export function checkRequest(
  model: TargetModel,
  attack: Attack,
  images: Images | FloatImages,
  labels: Int32Array,
  norm: Norm,
  {
    epsilons,
    targets,
    batch,
    budget,
    expectation,
  }: Pick<AttackOptions, 'epsilons' | 'targets' | 'batch' | 'budget' | 'expectation'>,
): void {
  checkAccess(model, attack);
  const { channels, height, width } = model.shape;
  if (images.channels !== channels || images.height !== height || images.width !== width) {
    throw new InputError(
      `The model takes images of ${channels} x ${height} x ${width}, these are ${images.channels} x ${images.height} x ${images.width}; resize them`,
    );
  }
  if (labels.length !== images.count) {
    throw new InputError(`There are ${labels.length} labels for ${images.count} images; give each image its label`);
  }
  requireNorm(attack, norm);
  const most = wholeBox(norm, imageSize(model.shape));
  for (const epsilon of epsilons ?? []) {
    if (!(epsilon >= 0 && epsilon <= most)) {
      throw new InputError(
        `Epsilon ${epsilon} is not between 0 and ${most}, the largest ${norm} distance of images with pixels in [0, 1]`,
      );
    }
  }
  const least = attack.leastClasses ?? 2;
  if (model.numClasses < least) {
    throw new InputError(
      `${attack.name} needs ${least} classes, the model has ${model.numClasses}; take another attack`,
    );
  }
  if (targets !== undefined && !attack.targeted) throw new InputError(`${attack.name} cannot aim at a class`);
  if (targets !== undefined && targets.length !== labels.length) {
    throw new InputError(`There are ${targets.length} targets for ${labels.length} images; give each image its target`);
  }
  for (const classes of [labels, ...(targets === undefined ? [] : [targets])]) {
    const bad = classes.findIndex((value) => !(value >= 0 && value < model.numClasses));
    if (bad < 0) continue;
    const what = classes === labels ? 'label' : 'target';
    throw new InputError(
      `Image ${bad} has the ${what} ${classes[bad]}, the model has the classes 0 to ${model.numClasses - 1}`,
    );
  }
  const aimed = targets?.findIndex((target, index) => target === labels[index]) ?? -1;
  if (aimed >= 0) throw new InputError(`The target of image ${aimed} is its own label ${labels[aimed]}; aim elsewhere`);
  if (!(Number.isInteger(batch) && batch > 0)) throw new InputError(`A batch of ${batch} images is not possible`);
  if (budget !== undefined && !(budget >= 1)) throw new InputError(`A budget of ${budget} queries allows nothing`);
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

/** @throws InputError where a pixel is not in [0, 1] */
export function checkPixels(data: Float32Array): void {
  const bad = data.findIndex((value) => !(value >= 0 && value <= 1));
  if (bad >= 0) throw new InputError(`Value ${bad} of the images is ${data[bad]}; pixels are in [0, 1]`);
}
