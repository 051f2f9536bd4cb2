/** @file Ensembles: attacks in turn on one image. */

import type { FixedEpsilonAttack, Settings } from '../attack.ts';
import type { Ball } from '../norm.ts';
import type { Steps } from './query.ts';
import type { Sample } from './sample.ts';
import { type Found, untilFound } from './verify.ts';

/** Members one after the other, until one has found something. */
export function* inTurn(
  attack: FixedEpsilonAttack,
  sample: Sample,
  ball: Ball,
  settings: Settings,
  quantize: boolean,
): Steps<Found> {
  for (const member of attack.members ?? [attack]) {
    const own = member === attack ? settings : member.settings;
    const result = yield* untilFound(member.search(sample, ball, own), sample, ball, quantize);
    if (result.stop !== 'finished') return { ...result, by: member.name };
  }
  return { image: undefined, stop: 'finished' };
}
