/** @file Where the activations of a hidden layer lie along their principal components. */

import { InputError } from '../errors.ts';
import { COMPONENTS } from './hidden-activations.ts';
import type { MeasureKind } from './measure.ts';

const ORDINALS = ['first', 'second', 'third'] as const;

/** `hidden-1`, `hidden-2`, `hidden-3`. */
export const hiddenMeasures: readonly MeasureKind[] = Array.from({ length: COMPONENTS }, (_, component) => {
  const name = `hidden-${component + 1}`;
  return {
    name,
    summary: `${ORDINALS[component]} principal component of the activations before the last layer`,
    create: async ({ hidden }) => {
      const activations = await hidden();
      if (component >= activations.components) {
        throw new InputError(
          `The measure ${name} does not exist here: over random images the hidden layer varies in ${activations.components === 1 ? 'one direction' : `${activations.components} directions`} only; choose another of --measures`,
        );
      }
      const reach = activations.reach(component);
      return {
        name,
        title: `hidden layer, ${ORDINALS[component]} component`,
        lower: -reach,
        upper: reach,
        of: (images) => activations.coordinates(images, component),
      };
    },
  };
});
