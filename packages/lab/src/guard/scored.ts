/** @file Scores of detectors on real images and on others, and what is told of them. */

import { auroc, aurocInterval, averagePrecision, falsePositives, type Images } from '@pareidolia/core';
import type { AuditSource } from '../audit/garbage/audit-sources.ts';
import type { DetectedSource } from './guard-run.ts';

/** Scores of the images of a source: for each detector one for each image. */
export interface ScoredSource {
  readonly name: string;
  readonly title: string;
  readonly isWhole: boolean;
  readonly scores: readonly Float64Array[];
}

/** The images of a source, part by part. */
export function* partsOf(source: AuditSource): Generator<Images> {
  for (let first = 0; first < source.count; first += source.chunk) yield source.make(first);
}

/** What a detector does about a source. */
export function detected(
  real: Float64Array,
  { name, title, scores }: ScoredSource,
  detector: number,
  rate: number,
): DetectedSource {
  const own = scores[detector]!;
  const area = auroc(real, own);
  const minus = (values: Float64Array): Float64Array => values.map((value) => -value);
  return {
    name,
    title,
    count: own.length,
    auroc: area,
    aurocInterval: aurocInterval(area, real.length, own.length),
    auprIn: averagePrecision(real, own),
    auprOut: averagePrecision(minus(own), minus(real)),
    passed: falsePositives(real, own, rate).share,
  };
}
