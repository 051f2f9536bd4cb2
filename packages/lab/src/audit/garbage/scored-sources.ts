/** @file What a classifier says of every source: measured once, used by all checks that need it. */

import { InputError } from '@pareidolia/core';
import { withoutStop } from '../../format/sentence-case.ts';
import type { AuditBench } from '../bench.ts';
import { type AuditSource, auditSources } from './audit-sources.ts';
import { nothingClasses } from './nothing-classes.ts';
import { type ScoredImages, scoreImages } from './score-images.ts';

/** A source with what was said of its images. */
export interface ScoredGarbage {
  readonly source: AuditSource;
  /** `undefined` where the classifier could not be asked. */
  readonly scored: ScoredImages | undefined;
}

/** All sources, scored. */
export interface ScoredSources {
  /** In the order of {@link auditSources}. */
  readonly sources: readonly ScoredGarbage[];
  /** What could not be done: each a sentence without a full stop. */
  readonly limits: readonly string[];
  /** Classes that stand for nothing. */
  readonly nothing: ReadonlySet<number>;
}

/** Scores every source; another call of the same bench reads what the first one found. */
export async function scoreSources(bench: AuditBench): Promise<ScoredSources> {
  const { sources, leftOut } = auditSources(bench);
  const nothing = nothingClasses(bench.classifier.classNames);
  const total = sources.reduce((sum, { count }) => sum + count, 0);
  const scoredSources: ScoredGarbage[] = [];
  const limits = [...leftOut];
  let before = 0;
  let isSpent = false;
  await bench.each(
    sources,
    async (source): Promise<ScoredImages | InputError | undefined> => {
      if (isSpent) return undefined;
      const report = (done: number): void => bench.progress((before + done) / total, source.title);
      report(0);
      try {
        return await scoreImages(bench, `garbage/${source.name}`, source, (index) => !nothing.has(index), report);
      } catch (error) {
        // Nothing is stored then, so that it is tried again when the audit goes on after a stop.
        if (error instanceof InputError) return error;
        throw error;
      }
    },
    (came, source) => {
      const { title, count } = source;
      let scored = came instanceof InputError ? undefined : came;
      if (came instanceof InputError) {
        limits.push(`Images of ${title} could not be scored: ${withoutStop(came.message)}`);
      }
      if (scored?.ended != null) {
        isSpent = true;
        limits.push(
          `The queries ended at ${scored.classes.length} of ${count} images of ${title}, and sources after it were not tried: ${withoutStop(scored.ended)}`,
        );
        if (scored.classes.length === 0) scored = undefined;
      }
      scoredSources.push({ source, scored });
      before += count;
    },
  );
  return { sources: scoredSources, limits, nothing };
}

/** About how many images {@link scoreSources} asks about. */
export function countSources(bench: AuditBench): number {
  return auditSources(bench).sources.reduce((sum, { count }) => sum + count, 0);
}

/** How many images are accepted at a threshold: those at least so certain, of a class that stands for something. */
export function acceptedAt(scored: ScoredImages, threshold: number, nothing: ReadonlySet<number>): number {
  return acceptances(scored, threshold, nothing).reduce((sum, one) => sum + one, 0);
}

/** Of each image 1 where it is accepted at a threshold, and 0 where it is not. */
export function acceptances(
  { classes, confidences }: ScoredImages,
  threshold: number,
  nothing: ReadonlySet<number>,
): Uint8Array {
  return Uint8Array.from(classes, (classIndex, i) =>
    confidences[i]! >= threshold && !nothing.has(classIndex) ? 1 : 0,
  );
}
