/** @file From what the user asks for to the method of a run, with every setting spelled out. */

import {
  ASCENT_PRESETS,
  type AscentPreset,
  type AscentSettings,
  CPPN_DEFAULTS,
  createEncoding,
  DIRECT_DEFAULTS,
  type ImageShape,
  InputError,
  imageSize,
} from '@pareidolia/core';
import { encodingSpec, type MethodSpec } from './method.ts';

export type MethodName = MethodSpec['name'];

/** What a user may say about the method; what is absent is as in the run that is resumed, or as usual. */
export interface MethodRequest {
  readonly encoding?: MethodName;
  /** For ascent: its steps. */
  readonly generations?: number;
  /** For ascent: images that climb together. */
  readonly batch?: number;
  readonly preset?: AscentPreset;
  readonly starts?: number;
  readonly target?: number;
  /** Further settings by name. */
  readonly set: Readonly<Record<string, number>>;
}

type Evolution = Extract<MethodSpec, { name: 'direct' | 'cppn' }>;
type AscentSpec = Extract<MethodSpec, { name: 'ascent' }>;

const DEFAULTS = { direct: DIRECT_DEFAULTS, cppn: CPPN_DEFAULTS } as const;

/**
 * @param before the method of the run that is resumed
 * @param shape of the images
 * @throws InputError where a setting is unknown, out of range, or of another method
 */
export function resolveMethod(request: MethodRequest, before: MethodSpec | undefined, shape: ImageShape): MethodSpec {
  const name = request.encoding ?? before?.name ?? 'cppn';
  if (name === 'ascent') return resolveAscent(request, before?.name === name ? before : undefined, shape);
  for (const option of ['preset', 'starts', 'target'] as const) {
    if (request[option] !== undefined) throw new InputError(`--${option} is for --encoding ascent only; leave it out`);
  }
  return resolveEvolution(name, request, before?.name === name ? before : undefined, shape);
}

function resolveEvolution(
  name: Evolution['name'],
  request: MethodRequest,
  before: Evolution | undefined,
  shape: ImageShape,
): Evolution {
  const options: Record<string, number> = { ...(before?.options ?? DEFAULTS[name]) };
  for (const [key, value] of Object.entries(request.set)) {
    if (!(key in DEFAULTS[name])) throw unknownSetting(key, name, Object.keys(DEFAULTS[name]));
    options[key] = value;
  }
  const generations = request.generations ?? before?.generations ?? 200;
  const spec = { name, generations, batch: request.batch ?? before?.batch ?? 200, options };
  createEncoding(encodingSpec(spec, shape));
  return spec;
}

const SETTINGS = ['decay', 'early', 'late', 'maxStep', 'startDeviation', 'smallNorm', 'smallBenefit'] as const;
const BLUR = ['blurRadius', 'blurEvery'] as const;

function resolveAscent(request: MethodRequest, before: AscentSpec | undefined, shape: ImageShape): AscentSpec {
  const { preset, generations, batch, set } = request;
  const base: AscentSettings =
    preset === undefined ? (before?.settings ?? ASCENT_PRESETS.plain) : ASCENT_PRESETS[preset];
  let settings: AscentSettings = { ...base, ...(generations === undefined ? {} : { steps: generations }) };
  if (!(settings.steps >= 1)) throw new InputError('--generations is 0, but an ascent takes at least 1 step');
  for (const [key, value] of Object.entries(set)) settings = withSetting(settings, key, value);
  const starts = request.starts ?? before?.starts ?? 4;
  const usual = before?.group ?? Math.max(1, Math.floor(4_000_000 / imageSize(shape) / starts));
  const group = batch === undefined ? usual : Math.max(1, Math.floor(batch / starts));
  return { name: 'ascent', settings, starts, group, target: request.target ?? before?.target ?? 0.9999 };
}

function withSetting(settings: AscentSettings, key: string, value: number): AscentSettings {
  const blurred = { radius: 0.4, every: 2, ...settings.blur };
  if (key === 'blurRadius' && value > 0) return { ...settings, blur: { ...blurred, radius: value } };
  if (key === 'blurEvery' && Number.isInteger(value) && value > 0) {
    return { ...settings, blur: { ...blurred, every: value } };
  }
  const name = SETTINGS.find((setting) => setting === key);
  if (name === undefined && !BLUR.some((setting) => setting === key)) {
    throw unknownSetting(key, 'ascent', [...SETTINGS, ...BLUR]);
  }
  const share = name === 'decay' || name === 'smallNorm' || name === 'smallBenefit';
  if (name === undefined || !(value >= 0) || (share && value >= 1)) {
    throw new InputError(
      `--set ${key}=${value} is out of range; give ${share ? 'a share from 0 to below 1' : 'a number above 0'}`,
    );
  }
  return { ...settings, [name]: value };
}

function unknownSetting(key: string, method: string, known: readonly string[]): InputError {
  return new InputError(`${method} has no setting ${key}; --set takes ${known.join(', ')}`);
}
