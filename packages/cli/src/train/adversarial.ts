/** @file The options of `pareidolia train` that ask for adversarial training. */

import { type AdversarialTraining, InputError, usualStepSize } from '@pareidolia/core';
import { parseEpsilons } from '../attack/epsilon.ts';

export interface AdversarialOptions {
  readonly adversarial?: AdversarialTraining['kind'];
  readonly epsilon?: string;
  readonly adversarialSteps?: number;
  readonly adversarialStepSize?: number;
}

/** A quarter of Madry's number for MNIST; his for CIFAR-10 is 7. */
const STEPS = 10;

/**
 * @returns undefined where no adversarial training is asked for
 * @throws InputError where options are missing, or have nothing to act on
 */
export function readAdversarial(options: AdversarialOptions): AdversarialTraining | undefined {
  const { adversarial: kind, epsilon: text, adversarialSteps, adversarialStepSize } = options;
  if (kind === undefined) {
    const idle = Object.entries({
      '--epsilon': text,
      '--adversarial-steps': adversarialSteps,
      '--adversarial-step-size': adversarialStepSize,
    }).find(([, value]) => value !== undefined);
    if (idle === undefined) return undefined;
    throw new InputError(
      `${idle[0]} says how to train on adversarial examples; give --adversarial pgd or fgsm with it`,
    );
  }
  const epsilon = readEpsilon(text, kind);
  if (kind === 'fgsm') {
    if (adversarialSteps === undefined && adversarialStepSize === undefined) return { kind, epsilon };
    throw new InputError(
      '--adversarial fgsm makes one step of epsilon; leave out steps and step size, or train with pgd',
    );
  }
  const steps = adversarialSteps ?? STEPS;
  return { kind, epsilon, steps, stepSize: adversarialStepSize ?? usualStepSize(epsilon, steps) };
}

function readEpsilon(text: string | undefined, kind: string): number {
  if (text === undefined) {
    throw new InputError(`--adversarial ${kind} needs --epsilon, for example 0.3 for digits or 8/255 for photographs`);
  }
  const epsilons = parseEpsilons(text);
  const [epsilon] = epsilons ?? [];
  if (epsilon === undefined || epsilons?.length !== 1) {
    throw new InputError(`--epsilon ${text} is not one number; a network is trained within one, like 0.3 or 8/255`);
  }
  return epsilon;
}
