/**
 * @file An archive in which an image competes for one class only, the one that the classifier decides for, as in the
 * fooling tutorial of pyribs. Classes that no image is taken for stay empty.
 */

import { argmax, scoresOf } from '../classifier/scores.ts';
import { NO_SETTINGS } from '../settings/settings.ts';
import type { AddResult, ScoredBatch } from './archive.ts';
import { ClassArchive } from './class-archive.ts';
import type { ArchiveKind } from './kind.ts';

/** One elite for each class, of the images that the classifier takes for it. */
export class DecisionArchive extends ClassArchive {
  override add({ targets, ...batch }: ScoredBatch, before?: Float32Array): AddResult {
    const decisions = Int32Array.from({ length: batch.scores.count }, (_, row) => argmax(scoresOf(batch.scores, row)));
    return super.add({ ...batch, targets: decisions.map((decision, row) => own(decision, targets?.[row])) }, before);
  }
}

/** No class at all where the decision is not the only class that the candidate competes for. */
function own(decision: number, target: number | undefined): number {
  return target === undefined || target === -1 || target === decision ? decision : NONE;
}

/** A target that is no class. */
const NONE = -2;

/** Registered as `decisions`. */
export const decisions: ArchiveKind = {
  name: 'decisions',
  summary: 'one elite for each class, of the images that the classifier takes for it',
  explanation:
    'One elite for each class, of the images that the network takes for that class; classes that no image is taken for stay empty.',
  settings: NO_SETTINGS,
  isMeasured: false,
  create: ({ classIndices }) => new DecisionArchive(classIndices),
};
