/** @file A generator that makes images by class, with one class chosen for good. */

import { GraphBuilder, type Model, upgrade } from '@pareidolia/autodiff';
import { InputError } from '../errors.ts';
import { suggestion } from '../settings/names.ts';
import type { GeneratorCard } from './card.ts';

/** Classes that a sentence lists. */
const LISTED = 20;

/** Whether a generator has an input for the class beside its latent vector: int64, one number for each. */
export function takesClass({ graph }: Model): boolean {
  const [latent, label, ...others] = graph.inputs;
  return latent?.type === 'float32' && label?.type === 'int64' && label.shape?.length === 1 && others.length === 0;
}

/**
 * Takes the input of classes away: a constant takes its place, the same class for each latent vector. A generator without classes
 * stays as it is.
 *
 * @param where the generator's name, for errors
 * @returns with one input less, and opset 18, where a class was fixed
 * @throws InputError where a class is to be chosen and none is, there is no such class, or one is chosen and there are none
 */
export function withChosenClass(model: Model, card: GeneratorCard, where: string): Model {
  const [latent, label] = model.graph.inputs;
  if (latent === undefined || label === undefined || !takesClass(model)) {
    if (card.class === undefined) return model;
    throw new InputError(
      `${where} takes no class: it has no second input of int64 with one number for each latent vector; leave out --generator-class, and the field class of its card`,
    );
  }
  const chosen = BigInt(classOf(card, label.name, where));
  const current = upgrade(model);
  const b = new GraphBuilder(current.graph.name, current.opset);
  b.reserve(current);
  b.input(latent.name, latent.type, latent.shape ?? []);
  const rows = b.op('Gather', [b.op('Shape', [latent.name]), b.ints([0])], { axis: 0 });
  const one = b.constant({ type: 'int64', dims: [1], data: BigInt64Array.of(chosen) });
  b.op('Expand', [one, rows], {}, label.name);
  b.append(current);
  for (const { name } of current.graph.outputs) b.output(name);
  return b.build();
}

function classOf({ class: asked, classNames }: GeneratorCard, label: string, where: string): number {
  const count = classNames?.length;
  const listed =
    classNames === undefined
      ? 'by its number, from 0'
      : `: ${classNames
          .slice(0, LISTED)
          .map((name, place) => (name === String(place) ? name : `${name} (${place})`))
          .join(', ')}${classNames.length > LISTED ? `, ... (${classNames.length} classes)` : ''}`;
  if (asked === undefined) {
    throw new InputError(
      `${where} makes images by class, input ${label}; choose one with --generator-class, or in the field class of its card${classNames === undefined ? ', ' : ''}${listed}`,
    );
  }
  const place = classNames?.indexOf(String(asked)) ?? -1;
  if (place >= 0) return place;
  const number = typeof asked === 'number' ? asked : /^\d+$/.test(asked) ? Number(asked) : -1;
  if (number >= 0 && Number.isSafeInteger(number) && number < (count ?? Number.POSITIVE_INFINITY)) return number;
  throw new InputError(
    `${where} has no class ${asked}${suggestion(String(asked), classNames ?? [])}; choose one${classNames === undefined ? ' ' : ''}${listed}`,
  );
}
