/** @file Which of a network's outputs scores; the others, and what only they need, are dropped. */

import { type Model, type ValueInfo, withOutputs } from '@pareidolia/autodiff';
import { InputError } from '../errors.ts';
import type { ModelCard } from './card.ts';

/**
 * The network with the output that the card names, or the only one that can be scores: floats, with a row for each image, of
 * as many values as the card names classes.
 *
 * @throws InputError where the card names none, and several can be
 */
export function withScoresOnly(model: Model, { outputName, classNames }: ModelCard, where: string): Model {
  const { outputs } = model.graph;
  const names = outputs.map(({ name }) => name).join(', ');
  if (outputName !== undefined) {
    if (outputs.some(({ name }) => name === outputName)) return withOutputs(model, [outputName]);
    throw new InputError(`${where}: the card names output ${outputName}, the model has ${names}; mend outputName`);
  }
  if (outputs.length === 1) return model;
  const possible = outputs.filter((output) => canScore(output, classNames?.length));
  const [only, ...others] = possible;
  if (only !== undefined && others.length === 0) return withOutputs(model, [only.name]);
  throw new InputError(`${where} has outputs ${names}; say in the card's field outputName which one scores`);
}

/** @param classes how many there are, where that is known */
function canScore({ type, shape }: ValueInfo, classes: number | undefined): boolean {
  if (!type.startsWith('float')) return false;
  if (shape === undefined) return true;
  const lengths = shape.slice(1).filter((dim) => dim !== 1);
  if (shape.length < 2 || lengths.length !== 1) return false;
  return classes === undefined || typeof lengths[0] === 'string' || lengths[0] === classes;
}
