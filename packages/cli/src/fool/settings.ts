/** @file What the user asks of `pareidolia fool`, and how much of it may change when it is resumed. */

import { join } from 'node:path';
import {
  type Device,
  type EncodingResources,
  type ImageShape,
  InputError,
  resolveSearch,
  type SearchRequest,
  type SearchSpec,
} from '@pareidolia/core';
import { z } from 'zod';
import { CONFIG_FILE, type JobKind } from '../job/config.ts';

/** Everything that determines a search, with all defaults filled in. */
export interface FoolSettings {
  /** Names out of the registries. */
  readonly emitter: string;
  readonly encoding: string;
  readonly archive: string;
  /** Names of measures, where the archive tells images of a class apart by some. */
  readonly measures?: readonly string[];
  /** After the first one; absent where the emitter ends by itself. */
  readonly generations?: number;
  readonly batch: number;
  /** All settings of encoding, variation, archive and emitter; no two of them have the same name. */
  readonly set: Readonly<Record<string, number>>;
  /** The classes that are searched, ascending. */
  readonly classes: readonly number[];
  readonly device: Device;
}

export const FOOL: JobKind<FoolSettings> = {
  name: 'fool',
  settings: z.strictObject({
    // First, since the encoding and the settings follow from it: where a job is resumed, the first difference is told.
    emitter: z.string(),
    encoding: z.string(),
    archive: z.string(),
    measures: z.array(z.string()).exactOptional(),
    generations: z.int().min(0).exactOptional(),
    batch: z.int().min(1),
    set: z.record(z.string(), z.number()),
    classes: z.array(z.int().min(0)).min(1),
    device: z.enum(['cpu', 'webgpu', 'cuda', 'coreml', 'dml']),
  }),
  // A search may go on for more generations than it was first asked for.
  free: ['generations'],
  files: [
    ...[
      'checkpoint.json',
      'queries.jsonl',
      'history.jsonl',
      'births.jsonl',
      'journal.jsonl',
      'result.json',
      'report.html',
      'side-by-side.json',
    ],
    /^genomes-\d+\.pack$/,
  ],
  folders: ['elites', 'map', 'side-by-side'],
};

/**
 * The search that settings describe, for images of a shape.
 *
 * @param resources what the encoding needs beside its settings
 * @throws InputError where a name or setting is not known to this version
 */
export function searchOf(
  { set, ...settings }: FoolSettings,
  shape: ImageShape,
  resources: EncodingResources = {},
): SearchSpec {
  const { encoding, emitter, archive, measures, generations, batch } = settings;
  const optional = {
    ...(generations === undefined ? {} : { generations }),
    ...(measures === undefined ? {} : { measures }),
  };
  return resolveSearch({ encoding, emitter, archive, batch, settings: set, ...optional }, shape, undefined, resources);
}

/** @throws InputError naming the file where a name or setting in it is not known to this version */
function searchIn(
  { settings, out }: { readonly settings: FoolSettings; readonly out: string },
  shape: ImageShape,
  resources: EncodingResources,
) {
  try {
    return searchOf(settings, shape, resources);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${join(out, CONFIG_FILE)}: ${error.message}`, { cause: error });
  }
}

/** The counterpart of {@link searchOf}. */
export function settingsOf(spec: SearchSpec, classes: readonly number[], device: Device): FoolSettings {
  const { encoding, variation, emitter, archive, archiveSettings, measures, generations, batch } = spec;
  return {
    emitter: emitter.name,
    encoding: encoding.name,
    archive,
    ...(measures === undefined ? {} : { measures }),
    ...(generations === undefined ? {} : { generations }),
    batch,
    set: { ...encoding.settings, ...variation?.settings, ...archiveSettings, ...emitter.settings },
    classes,
    device,
  };
}

/**
 * The search that the user requests.
 *
 * @param before what the job that is resumed was asked for, and its folder
 * @param resources what the encoding needs beside its settings
 * @throws InputError where something is unknown, out of range, or less than before
 */
export function resolveFool(
  request: SearchRequest,
  shape: ImageShape,
  before: { readonly settings: FoolSettings; readonly out: string } | undefined,
  resources: EncodingResources = {},
): SearchSpec {
  const spec = resolveSearch(request, shape, before && searchIn(before, shape, resources), resources);
  const earlier = before?.settings.generations;
  if (earlier === undefined || spec.generations === undefined || spec.generations >= earlier) return spec;
  throw new InputError(
    `The search in ${before!.out} was asked for ${earlier} generations, now ${spec.generations}; a resumed search can only grow: ask for at least ${earlier}`,
  );
}
