/** @file All architectures of generative adversarial networks, by name. A new one is a file beside this one, and an entry here. */

import { InputError } from '../../../errors.ts';
import { unknownName } from '../../../settings/names.ts';
import type { GanArchitecture } from './architecture.ts';
import { dcgan } from './dcgan.ts';
import { mlp } from './mlp.ts';

/** In the order in which they are listed. */
export const GAN_ARCHITECTURES: readonly GanArchitecture[] = [dcgan, mlp];

/** @throws InputError where there is none of that name */
export function ganArchitectureNamed(name: string): GanArchitecture {
  const found = GAN_ARCHITECTURES.find((each) => each.name === name);
  if (found !== undefined) return found;
  throw new InputError(
    unknownName(
      'architecture',
      name,
      GAN_ARCHITECTURES.map((each) => each.name),
    ),
  );
}
