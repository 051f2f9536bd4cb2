/** @file What the user asks of `pareidolia fool`, and how much of it may change when it is resumed. */

import {
  type Device,
  type ImageShape,
  InputError,
  resolveSearch,
  type SearchRequest,
  type SearchSpec,
} from '@pareidolia/core';
import { z } from 'zod';
import type { JobKind } from '../job/config.ts';

const choice = z.strictObject({ name: z.string(), settings: z.record(z.string(), z.number()) });

/** Everything that decides a search, spelled out. */
export interface FoolSettings extends SearchSpec {
  /** The classes that are searched, ascending. */
  readonly classes: readonly number[];
  readonly device: Device;
}

export const FOOL: JobKind<FoolSettings> = {
  name: 'fool',
  settings: z.strictObject({
    encoding: choice,
    variation: choice.exactOptional(),
    emitter: choice,
    archive: z.string(),
    generations: z.int().min(0).exactOptional(),
    batch: z.int().min(1),
    classes: z.array(z.int().min(0)).min(1),
    device: z.enum(['cpu', 'webgpu', 'cuda', 'coreml', 'dml']),
  }),
  // A search may go on for more generations than it was first asked for.
  free: ['generations'],
};

/**
 * The search that is asked for.
 *
 * @param before what the job that is resumed was asked for
 * @throws InputError where something is unknown, out of range, or less than before
 */
export function resolveFool(
  request: SearchRequest,
  shape: ImageShape,
  before: (FoolSettings & { readonly out: string }) | undefined,
): SearchSpec {
  const spec = resolveSearch(request, shape, before);
  if (before?.generations === undefined || spec.generations === undefined) return spec;
  if (spec.generations >= before.generations) return spec;
  throw new InputError(
    `The search in ${before.out} was asked for ${before.generations} generations, now ${spec.generations}; a resumed search can only grow: ask for at least ${before.generations}`,
  );
}
