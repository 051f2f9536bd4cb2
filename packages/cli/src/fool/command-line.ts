/** @file The command that repeats a search. */

import {
  archiveNamed,
  DEFAULT_ARCHIVE,
  type Device,
  emitterNamed,
  encodingNamed,
  type SearchSpec,
  type Settings,
  type SettingsSchema,
  variationNamed,
} from '@pareidolia/core';
import { type GeneratorRequest, generatorWords } from '../generator/generator-file.ts';
import { quote } from '../job/command-line.ts';
import { type CardOptions, cardOptionWords } from '../model/card-options.ts';

/** What determines a search besides its spec. */
export interface FoolOrigin {
  readonly classes: readonly number[];
  readonly seed: number;
  readonly device: Device;
  /** Paths, as the user gave them. */
  readonly model: string | undefined;
  /** Further models that are to be fooled, and those that only look on. */
  readonly members?: readonly string[];
  readonly onlookers?: readonly string[];
  readonly card: string | undefined;
  readonly cardOptions: CardOptions;
  /** The generator of the encoding `latent`. */
  readonly generator?: GeneratorRequest | undefined;
}

/** @param numClasses how many classes the network has */
export function foolCommand(spec: SearchSpec, origin: FoolOrigin, numClasses: number): string {
  const { encoding, variation, emitter, archive, archiveSettings, measures, generations, batch } = spec;
  const { classes, seed, device, model, members = [], onlookers = [], card, cardOptions, generator } = origin;
  const words = ['npx', 'pareidolia', 'fool'];
  const add = (option: string, value: string | number): void => {
    words.push(`--${option}`, quote(String(value)));
  };
  if (model !== undefined) add('model', model);
  for (const member of members) add('model', member);
  for (const onlooker of onlookers) add('transfer', onlooker);
  if (card !== undefined) add('card', card);
  words.push(...cardOptionWords(cardOptions));
  const kind = emitterNamed(emitter.name);
  // Always: which one is taken by default depends on the network.
  add('emitter', emitter.name);
  add('encoding', encoding.name);
  if (generator !== undefined) words.push(...generatorWords(generator));
  if (archive !== DEFAULT_ARCHIVE) add('archive', archive);
  if (measures !== undefined) add('measures', measures.join(','));
  add('classes', classes.length === numClasses ? 'all' : ranges(classes));
  const length = kind.length === 'generations' ? undefined : kind.length.setting;
  add('generations', length === undefined ? (generations ?? 0) : emitter.settings[length]!);
  add('batch', batch);
  for (const [schema, given] of [
    [encodingNamed(encoding.name).settings, encoding.settings],
    ...(variation === undefined ? [] : [[variationNamed(variation.name).settings, variation.settings] as const]),
    ...(archiveSettings === undefined ? [] : [[archiveNamed(archive).settings, archiveSettings] as const]),
    [kind.settings, emitter.settings],
  ] as const) {
    for (const [name, value] of unusual(schema, given)) if (name !== length) add('set', `${name}=${value}`);
  }
  add('seed', seed);
  if (device !== 'cpu') add('device', device);
  return words.join(' ');
}

/** Settings that are not the defaults. */
function unusual(schema: SettingsSchema, settings: Settings): [name: string, value: number][] {
  const usual = schema.parse({});
  return Object.entries(settings).filter(([name, value]) => value !== usual[name]);
}

/** 0,1,2,5 as 0-2,5. */
export function ranges(classes: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const index of classes) {
    const last = runs.at(-1);
    if (last !== undefined && index === last[1] + 1) last[1] = index;
    else runs.push([index, index]);
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',');
}
