/** @file All defences that are a matter of the loss, by name. A new one is a file beside this one, and a line here. */

import { InputError } from '../errors.ts';
import { unknownName } from '../settings/names.ts';
import { acet } from './acet.ts';
import { ceda } from './ceda.ts';
import type { Defence } from './defence.ts';
import { labelSmoothing } from './label-smoothing.ts';
import { madry } from './madry.ts';
import { outlierExposure } from './outlier-exposure.ts';
import { trades } from './trades.ts';

/** In the order in which they are listed. */
export const DEFENCES: readonly Defence[] = [labelSmoothing, outlierExposure, ceda, acet, madry, trades];

/** @throws InputError where there is none of that name */
export function defenceNamed(name: string): Defence {
  const found = DEFENCES.find((defence) => defence.name === name);
  if (found !== undefined) return found;
  throw new InputError(
    unknownName(
      'defence',
      name,
      DEFENCES.map((each) => each.name),
    ),
  );
}
