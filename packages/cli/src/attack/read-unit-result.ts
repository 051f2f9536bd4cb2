/** @file Holds the result of a work unit, as it was read from the journal, against what it may be. */

import type { Flag } from '@pareidolia/core';
import { z } from 'zod';
import type { ImageResult, UnitResult } from './unit-result.ts';

/** What the results are about. */
export interface ResultBounds {
  readonly images: number;
  readonly classes: number;
  /** Values of one image. */
  readonly size: number;
}

/** Also NaN and the infinities, which are results like others. */
const number = z.custom<number>((value) => typeof value === 'number');

/**
 * @param value of the journal
 * @throws Error where it is none that a unit on these images has written
 */
export function readUnitResult(value: unknown, { images, classes, size }: ResultBounds): UnitResult {
  const classIndex = z
    .int()
    .min(0)
    .max(classes - 1);
  const result: z.ZodType<ImageResult> = z.looseObject({
    index: z
      .int()
      .min(0)
      .max(images - 1),
    epsilon: number.nullable(),
    label: classIndex,
    target: classIndex.nullable(),
    success: z.boolean(),
    initiallyWrong: z.boolean(),
    initiallyRefused: z.boolean().exactOptional(),
    predicted: classIndex.nullable(),
    decision: classIndex.nullable(),
    confidence: number.nullable(),
    distances: z.object({ l0: number, l1: number, l2: number, linf: number }).nullable(),
    queries: z.object({ forward: number, backward: number }),
    misread: number.nullable(),
    survives8Bit: z.boolean(),
    stop: z.string(),
    cut: z.string().nullable(),
    by: z.string().nullable(),
    image: z.custom<Uint8Array>((bytes) => bytes instanceof Uint8Array && bytes.length === size).nullable(),
  });
  const flag = z.object({ kind: z.custom<Flag['kind']>((kind) => typeof kind === 'string'), what: z.string() });
  const unit = z.object({ flags: z.array(flag), images: z.array(result) }).parse(value);
  const written = unit.images.find(
    ({ image, decision, confidence, distances }) =>
      image !== null && (decision === null || confidence === null || distances === null),
  );
  if (written !== undefined)
    throw new Error(`image ${written.index} has been found, and lacks what was measured of it`);
  return unit;
}
