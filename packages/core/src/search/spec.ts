/** @file A search as plain data: what is chosen from the registries, with every setting, and how a search is made of it. */

import { ARCHIVES, archiveNamed, DEFAULT_ARCHIVE } from '../archive/registry.ts';
import type { Scorer } from '../classifier/classifier.ts';
import type { Emitter } from '../emitter/emitter.ts';
import type { EmitterKind } from '../emitter/kind.ts';
import { DEFAULT_EMITTER, EMITTERS, emitterNamed } from '../emitter/registry.ts';
import type { Encoding } from '../encoding/encoding.ts';
import type { EncodingResources } from '../encoding/kind.ts';
import { type Choice, createEncoding, ENCODINGS, type EncodingSpec, encodingNamed } from '../encoding/registry.ts';
import { InputError } from '../errors.ts';
import type { ImageShape } from '../image/images.ts';
import { DEFAULT_MEASURES, Measures, requireMeasures } from '../measure/registry.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { suggestion } from '../settings/names.ts';
import { describeSettings, resolveSettings, type Settings, type SettingsSchema } from '../settings/settings.ts';
import { createVariation } from '../variation/registry.ts';
import type { Variation } from '../variation/variation.ts';
import { type Breeder, type BreederSpec, LocalBreeder } from './breeder.ts';
import { Scheduler, type SearchState } from './scheduler.ts';

/** Everything that determines a search except the classifier, the classes and the seed. */
export interface SearchSpec {
  readonly encoding: Choice;
  /** What makes children of parents; absent where the emitter makes genomes itself. */
  readonly variation?: Choice;
  readonly emitter: Choice;
  /** Name of the archive. */
  readonly archive: string;
  /** Its settings, where it has any. */
  readonly archiveSettings?: Settings;
  /** Names of what it tells images of a class apart by; absent where it keeps one for each class. */
  readonly measures?: readonly string[];
  /** Generations after the first one; absent where the emitter ends by itself. */
  readonly generations?: number;
  /** Candidates in a generation. */
  readonly batch: number;
}

/** What a user may ask for; what is left out keeps its previous value, or has its default. */
export interface SearchRequest {
  readonly encoding?: string;
  readonly emitter?: string;
  readonly archive?: string;
  /** Names of measures, for an archive that keeps several images of a class. */
  readonly measures?: readonly string[];
  /** Generations after the first one; for an emitter that ends by itself, its setting of length. */
  readonly generations?: number;
  readonly batch?: number;
  /** A published set of settings of the emitter. */
  readonly preset?: string;
  /** Settings of encoding, variation and emitter, by name. */
  readonly settings?: Settings;
}

/** Generations after the first one, and the most that are taken. */
const [USUAL_GENERATIONS, MOST_GENERATIONS] = [200, 1_000_000_000];

/** The emitter that was once chosen as an encoding. */
const ASCENT = 'ascent';

/**
 * Fills in all defaults, so that a later version with other defaults runs the same search.
 *
 * @param request of the user
 * @param shape of the images
 * @param before the search that is resumed
 * @param resources what the encoding needs beside its settings
 * @throws InputError where a name or setting is unknown, out of range, or does not fit the others
 */
export function resolveSearch(
  request: SearchRequest,
  shape: ImageShape,
  before?: SearchSpec,
  resources: EncodingResources = {},
): SearchSpec {
  // `--encoding ascent` is how gradient ascent was asked for before it was an emitter.
  if (request.encoding === ASCENT) {
    const { encoding: _, ...rest } = request;
    const ascent = { ...rest, encoding: 'pixels', emitter: request.emitter ?? 'gradient-ascent' };
    return resolveSearch(ascent, shape, before, resources);
  }
  const emitter = emitterNamed(request.emitter ?? before?.emitter.name ?? DEFAULT_EMITTER);
  const kept = before?.emitter.name === emitter.name ? before : undefined;
  const encodingKind = encodingNamed(request.encoding ?? kept?.encoding.name ?? emitter.encoding);
  const same = kept?.encoding.name === encodingKind.name ? kept : undefined;
  const variationKind = emitter.variation(encodingKind.create(shape, {}, resources));
  const archive = archiveNamed(request.archive ?? kept?.archive ?? DEFAULT_ARCHIVE);
  const stays = kept?.archive === archive.name ? kept : undefined;
  const preset = presetOf(emitter, request.preset);
  const length = emitter.length === 'generations' ? undefined : emitter.length.setting;
  const asked = { ...request.settings, ...lengthSetting(length, request) };
  const parts: readonly Part[] = [
    { kind: encodingKind, before: same?.encoding.settings },
    ...(variationKind === undefined ? [] : [{ kind: variationKind, before: same?.variation?.settings }]),
    { kind: archive, before: stays?.archiveSettings },
    { kind: emitter, before: preset ?? kept?.emitter.settings },
  ];
  for (const name of Object.keys(asked)) {
    if (!parts.some(({ kind }) => Object.hasOwn(kind.settings.shape, name))) throw unknownSetting(name, emitter, parts);
  }
  const settings = parts.map(({ kind, before: usual }) =>
    resolveSettings(kind.name, kind.settings, { ...usual, ...only(asked, kind.settings) }),
  );
  const [archiveSettings, emitterSettings] = [settings.at(-2)!, settings.at(-1)!];
  if (request.measures !== undefined && !archive.isMeasured) {
    throw new InputError(
      `Measures tell apart several images of a class, and the archive ${archive.name} keeps one; choose --archive ${MEASURED.join(' or ')}, or leave --measures out`,
    );
  }
  const generations =
    length === undefined ? (request.generations ?? kept?.generations ?? USUAL_GENERATIONS) : undefined;
  if (
    generations !== undefined &&
    !(Number.isInteger(generations) && generations >= 0 && generations <= MOST_GENERATIONS)
  ) {
    throw new InputError(
      `${generations} generations are not possible; give a whole number from 0 to ${MOST_GENERATIONS}`,
    );
  }
  const batch = request.batch ?? kept?.batch ?? emitter.batch(shape, emitterSettings);
  if (!(Number.isInteger(batch) && batch >= 1)) {
    throw new InputError(`A generation of ${batch} images is not possible; give a whole number from 1`);
  }
  const spec: SearchSpec = {
    encoding: { name: encodingKind.name, settings: settings[0]! },
    ...(variationKind === undefined ? {} : { variation: { name: variationKind.name, settings: settings[1]! } }),
    emitter: { name: emitter.name, settings: emitterSettings },
    archive: archive.name,
    ...(Object.keys(archiveSettings).length === 0 ? {} : { archiveSettings }),
    ...(archive.isMeasured ? { measures: measuresOf(request.measures ?? stays?.measures) } : {}),
    ...(generations === undefined ? {} : { generations }),
    batch,
  };
  // Checks that only the encoding itself makes, for example settings that must fit each other.
  searchEncoding(spec, shape, resources);
  return spec;
}

/** An emitter with an encoding that it works on. */
export interface SearchChoice {
  readonly emitter: string;
  readonly encoding: string;
  /** What it is, in a sentence for a form. */
  readonly summary: string;
  /** Whether it needs the gradient of the classifier. */
  readonly needsGradient: boolean;
  /** Whether it ends by itself, and not after a number of generations. */
  readonly endsByItself: boolean;
}

/** All emitters, each with all encodings that it works on and that need no generator; the emitter's own encoding first. */
export function searchChoices(): readonly SearchChoice[] {
  const shape: ImageShape = { channels: 1, height: 1, width: 1 };
  return EMITTERS.flatMap((emitter) =>
    ENCODINGS.filter((encoding) => isPossible(() => emitter.variation(encoding.create(shape, {}))))
      .sort((a, b) => Number(b.name === emitter.encoding) - Number(a.name === emitter.encoding))
      .map((encoding) => ({
        emitter: emitter.name,
        encoding: encoding.name,
        summary: `${emitter.summary}; ${encoding.summary}`,
        needsGradient: emitter.needs === 'gradients',
        endsByItself: emitter.length !== 'generations',
      })),
  );
}

function isPossible(action: () => unknown): boolean {
  try {
    action();
    return true;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}

/** Names of the archives that measure. */
const MEASURED = ARCHIVES.filter(({ isMeasured }) => isMeasured).map(({ name }) => name);

function measuresOf(names: readonly string[] = DEFAULT_MEASURES): readonly string[] {
  requireMeasures(names);
  return names;
}

/** A part of a search that has settings. */
interface Part {
  readonly kind: { readonly name: string; readonly settings: SettingsSchema };
  /** Settings to begin with, if not the defaults. */
  readonly before: Settings | undefined;
}

function presetOf(emitter: EmitterKind, preset: string | undefined): Settings | undefined {
  if (preset === undefined) return undefined;
  if (Object.hasOwn(emitter.presets, preset)) return emitter.presets[preset];
  const names = Object.keys(emitter.presets);
  const choice = names.length === 0 ? 'it has none; leave it out' : `choose one of ${names.join(', ')}`;
  throw new InputError(`The emitter ${emitter.name} has no preset ${preset}${suggestion(preset, names)}: ${choice}`);
}

/** The number of generations as a setting of the emitter, where it is one. */
function lengthSetting(setting: string | undefined, { generations }: SearchRequest): Settings {
  return setting === undefined || generations === undefined ? {} : { [setting]: generations };
}

function only(settings: Settings, schema: SettingsSchema): Settings {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => Object.hasOwn(schema.shape, name)));
}

function unknownSetting(name: string, emitter: EmitterKind, parts: readonly Part[]): InputError {
  const known = parts.flatMap(({ kind }) => describeSettings(kind.settings).map((setting) => setting.name));
  const encoding = parts[0]!.kind.name;
  const has = known.length === 0 ? 'there are none' : `there are ${known.join(', ')}`;
  const measured = parts.find(({ kind }) => MEASURED.includes(kind.name));
  const archive = measured === undefined ? '' : ` and the archive ${measured.kind.name}`;
  return new InputError(
    `There is no setting ${name}${suggestion(name, known)} for the encoding ${encoding} with the emitter ${emitter.name}${archive}; ${has}`,
  );
}

/** @throws InputError where the encoding's settings do not fit each other, or it needs a generator that is not given */
export function searchEncoding(
  { encoding }: Pick<SearchSpec, 'encoding'>,
  shape: ImageShape,
  resources: EncodingResources = {},
): Encoding {
  const { channels, height, width } = shape;
  return encodingNamed(encoding.name).create({ channels, height, width }, encoding.settings, resources);
}

/** The variation of a search over an encoding, if it has one. */
export function searchVariation(
  { variation }: Pick<SearchSpec, 'variation'>,
  encoding: Encoding,
): Variation | undefined {
  return variation === undefined ? undefined : createVariation(variation, encoding);
}

/** A breeder on the calling thread. @throws InputError where something in the spec is unknown or out of range */
export function localBreeder({ encoding: spec, variation }: BreederSpec, seed: number, runtime?: Runtime): Breeder {
  const encoding = createEncoding(spec, runtime);
  return new LocalBreeder(encoding, createVariation(variation, encoding), seed);
}

/**
 * Makes the measures of a search ready; `undefined` where it has none.
 *
 * @throws InputError where the classifier lacks what a measure needs
 */
export async function openMeasures(
  spec: Pick<SearchSpec, 'encoding' | 'measures'>,
  { scorer, seed, resources = {} }: Pick<SearchContext, 'scorer' | 'seed' | 'resources'>,
): Promise<Measures | undefined> {
  if (spec.measures === undefined) return undefined;
  const encoding = searchEncoding(spec, scorer.shape, resources);
  try {
    return await Measures.open(spec.measures, { scorer, encoding, seed });
  } finally {
    await encoding.dispose?.();
  }
}

/** What a search works with besides its spec. */
export interface SearchContext {
  readonly scorer: Scorer;
  readonly classIndices: readonly number[];
  readonly seed: number;
  /** What the encoding needs beside its settings. */
  readonly resources?: EncodingResources;
  /** What {@link openMeasures} has made ready for the spec; needed where it has measures. */
  readonly measures?: Measures | undefined;
  /**
   * Makes what breeds the children, perhaps on other threads; it belongs to the search. The calling thread breeds when
   * absent, and always where the emitter makes genomes itself.
   */
  readonly breeder?: (spec: BreederSpec, seed: number) => Breeder;
  /** Told the share of the emitter's work that is done, 0 to 1, while a step takes long. */
  readonly onProgress?: (share: number) => void;
  /** Told what the user should know of the search, each a sentence. */
  readonly onNotice?: (notice: string) => void;
}

/** A search and how far it is. */
export interface Search {
  readonly scheduler: Scheduler;
  readonly emitter: Emitter;
  /** Share of the search that is done, 0 to 1. */
  readonly progress: number;
  readonly isDone: boolean;
  /** Generations in all, the first one included; `undefined` where the emitter ends by itself. */
  readonly total: number | undefined;
  /** Frees what the search holds, mainly its breeder. */
  dispose(): Promise<void>;
}

/**
 * Makes a search.
 *
 * @param state where to go on; a fresh search when absent
 * @throws InputError where something in the spec is unknown, or the classifier lacks what the emitter needs
 */
export function openSearch(spec: SearchSpec, context: SearchContext, state?: SearchState): Search {
  const { scorer, seed, onProgress, onNotice, measures, resources = {} } = context;
  requireScores(scorer);
  const archive = archiveNamed(spec.archive).create(
    { classIndices: context.classIndices, measures: measures?.all ?? [], seed },
    spec.archiveSettings ?? {},
  );
  const { classIndices } = archive;
  const encoding = searchEncoding(spec, scorer.shape, resources);
  const variation = searchVariation(spec, encoding);
  const emitter = emitterNamed(spec.emitter.name).create(
    {
      scorer,
      encoding,
      classIndices,
      seed,
      variation,
      ...(onProgress === undefined ? {} : { onProgress }),
      ...(onNotice === undefined ? {} : { onNotice }),
    },
    spec.emitter.settings,
  );
  const breeder =
    context.breeder === undefined || spec.variation === undefined
      ? new LocalBreeder(encoding, variation, seed)
      : context.breeder({ encoding: encodingSpec(), variation: spec.variation }, seed);
  const scheduler = schedule();
  const total = spec.generations === undefined ? undefined : spec.generations + 1;
  return {
    scheduler,
    emitter,
    total,
    get progress() {
      return total === undefined ? (emitter.progress ?? 0) : Math.min(1, scheduler.generations / total);
    },
    get isDone() {
      return total === undefined ? emitter.progress === 1 : scheduler.generations >= total;
    },
    dispose: () => breeder.dispose(),
  };

  function encodingSpec(): EncodingSpec {
    const { decoder } = resources;
    return { ...spec.encoding, shape: encoding.shape, ...(decoder === undefined ? {} : { decoder }) };
  }

  function schedule(): Scheduler {
    try {
      return new Scheduler({ scorer, archive, emitter, breeder, seed, batch: spec.batch, measures }, state);
    } catch (error) {
      // Threads that nobody ends would keep the process alive.
      void breeder.dispose();
      throw error;
    }
  }
}

/**
 * Makes sure that a classifier has confidences to search by.
 *
 * @throws InputError where it tells only labels
 */
export function requireScores({ answers }: Pick<Scorer, 'answers'>): void {
  if (answers !== 'labels') return;
  throw new InputError(
    'A search needs confidences, and the model tells only the label, the same for every image of a class; attack images with boundary or hopskipjump, which need no more than that',
  );
}
