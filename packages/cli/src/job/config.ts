/**
 * @file What a job was asked to do: written first, and compared when the job is resumed, so that results of one model, data
 * set, setting or version are never mixed with those of another.
 */

import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { InputError } from '@pareidolia/core';
import { z } from 'zod';
import { VERSION } from '../version.ts';
import { readIfThere, writeAtomically } from './files.ts';
import { formerJob } from './former.ts';

/** The version of `config.json` and all files beside it; raised when earlier folders can no longer be read. */
export const FORMAT = 2;

/** Something that a job reads: a model, its card, a set of images. */
const input = z.object({
  /** For display: a file's name, or where it comes from. */
  name: z.string(),
  /** As the user gave it; absent where it is found or embedded. */
  path: z.string().exactOptional(),
  sha256: z.string(),
  /** The whole contents, if they are small. */
  contents: z.json().exactOptional(),
  /** Options of the command that it comes from, beside a file. */
  options: z.json().exactOptional(),
});

export type JobInput = z.infer<typeof input>;

const common = z.object({
  /** The command that the folder belongs to. */
  kind: z.string(),
  format: z.int(),
  /** Versions of this program, of the runtime that computes, and of Node. */
  pareidolia: z.string(),
  runtime: z.string(),
  /**
   * Channels per block of the layout that gradients were written for, which decides their last bits. Absent where the job takes
   * no gradients, or not on the CPU.
   */
  channelBlock: z.union([z.literal(8), z.literal(16)]).exactOptional(),
  node: z.string(),
  /** By their role in the job: `model`, `model card`, `images`. */
  inputs: z.record(z.string(), input),
  settings: z.record(z.string(), z.json()),
  /** What all random numbers of the job derive from; `null` where its work units have seeds of their own. */
  seed: z.int().nullable(),
  /** The command that repeats the job from the beginning. */
  command: z.string(),
});

/** @typeParam Settings the options of the command, each with its value, as JSON */
export interface JobConfig<Settings> extends Omit<z.infer<typeof common>, 'settings'> {
  readonly settings: Settings;
}

/** What belongs to one command. */
export interface JobKind<Settings> {
  /** The command's name. */
  readonly name: string;
  readonly settings: z.ZodType<Settings>;
  /** Settings that may be others when a job is resumed. */
  readonly free: readonly (keyof Settings & string)[];
  /** Names of the files that it writes in its folder, besides the configuration, the lock and checkpoints of its journals. */
  readonly files: readonly (string | RegExp)[];
  /** Names of the folders in it. */
  readonly folders: readonly string[];
}

/**
 * Whether a file of that name in a folder of the job is one that the job writes; nothing else is touched there.
 */
export function isOwnFile<Settings>({ files }: JobKind<Settings>, name: string): boolean {
  if (name === CONFIG_FILE || name === LOCK_FILE || name === ASIDE_FILE) return true;
  const journal = /^(.+)-[0-9a-f]{12}\.checkpoint$/.exec(name)?.[1];
  const wanted = journal === undefined ? name : `${journal}.jsonl`;
  return files.some((own) => (typeof own === 'string' ? own === wanted : own.test(wanted)));
}

/** The first file written in a folder, and the last one removed. */
export const CONFIG_FILE = 'config.json';

export const LOCK_FILE = 'lock';

/** A lock that is being taken from a dead process. */
export const ASIDE_FILE = 'lock.aside';

/** The configuration of a job that begins now, by this program. */
export function newConfig<Settings>(
  kind: JobKind<Settings>,
  given: Pick<JobConfig<Settings>, 'runtime' | 'channelBlock' | 'inputs' | 'settings' | 'seed' | 'command'>,
): JobConfig<Settings> {
  const { runtime, channelBlock, inputs, settings, seed, command } = given;
  // In the order in which it is read again, so that it is the same to the byte when an input is noted later.
  return {
    kind: kind.name,
    format: FORMAT,
    pareidolia: VERSION,
    runtime,
    ...(channelBlock === undefined ? {} : { channelBlock }),
    node: process.version,
    inputs,
    settings: kind.settings.parse(settings),
    seed,
    command,
  };
}

export function writeConfig<Settings>(folder: string, config: JobConfig<Settings>): void {
  writeAtomically(join(folder, CONFIG_FILE), `${JSON.stringify(config, null, 2)}\n`);
}

/**
 * The configuration of a job folder; `undefined` where the folder holds none.
 *
 * @throws InputError where it is damaged, of another command, or of a version whose folders cannot be read any more
 */
export function readConfig<Settings>(folder: string, kind: JobKind<Settings>): JobConfig<Settings> | undefined {
  const path = join(folder, CONFIG_FILE);
  const former = formerJob(folder);
  if (former !== undefined) {
    throw new InputError(
      `${folder} was written by Pareidolia ${former}, whose folders ${VERSION} cannot go on with (format 1, now ${FORMAT}); end it with npx pareidolia@${former}, or choose another --out`,
    );
  }
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  const config = parse(text, path);
  if (config.format !== FORMAT) {
    throw new InputError(
      `${folder} was written by Pareidolia ${config.pareidolia} in format ${config.format}, this version reads format ${FORMAT}; go on with npx pareidolia@${config.pareidolia}, or choose another --out`,
    );
  }
  if (config.kind !== kind.name) {
    throw new InputError(
      `${folder} belongs to \`pareidolia ${config.kind}\`, not to \`pareidolia ${kind.name}\`; choose another --out`,
    );
  }
  const settings = kind.settings.safeParse(config.settings);
  if (settings.success) return { ...config, settings: settings.data };
  throw damaged(path);
}

/**
 * The command that a folder belongs to; `undefined` where it holds no job.
 *
 * @throws InputError where the configuration is damaged
 */
export function commandOf(folder: string): string | undefined {
  const path = join(folder, CONFIG_FILE);
  const text = readIfThere(path);
  return text === undefined ? undefined : parse(text, path).kind;
}

function parse(text: string, path: string): z.infer<typeof common> {
  try {
    return common.parse(JSON.parse(text));
  } catch {
    throw damaged(path);
  }
}

function damaged(path: string): InputError {
  return new InputError(`${path} is not the configuration of a job; choose another --out`);
}

/**
 * Compares a job that is resumed with what it was. Node's version is not compared: no result depends on it.
 *
 * @throws InputError that names the first difference, and how to mend it
 */
export function requireSameJob<Settings extends object>(
  folder: string,
  kind: JobKind<Settings>,
  before: JobConfig<Settings>,
  now: JobConfig<Settings>,
): void {
  const begun = `${folder} was begun`;
  if (before.pareidolia !== now.pareidolia) {
    throw new InputError(
      `${begun} by Pareidolia ${before.pareidolia}, this is ${now.pareidolia}, whose results may differ; resume with npx pareidolia@${before.pareidolia}, or choose another --out`,
    );
  }
  if (before.runtime !== now.runtime) {
    throw new InputError(
      `${begun} with ${before.runtime}, now there is ${now.runtime}, whose results may differ; install the former, or choose another --out`,
    );
  }
  if (before.channelBlock !== now.channelBlock && before.channelBlock !== undefined && now.channelBlock !== undefined) {
    throw new InputError(
      `${begun} on a processor with blocks of ${before.channelBlock} channels, this one has blocks of ${now.channelBlock}, so that gradients differ in their last bits; resume on a processor of that kind, or choose another --out`,
    );
  }
  const is = new Map<string, unknown>(Object.entries({ ...now.settings, seed: now.seed }));
  for (const [name, was] of Object.entries({ ...before.settings, seed: before.seed })) {
    if (kind.free.some((free) => free === name)) continue;
    const value = is.get(name);
    is.delete(name);
    if (!isDeepStrictEqual(was, value)) throw otherSetting(begun, name, was, value);
  }
  for (const [name, value] of is) {
    if (value !== undefined && !kind.free.some((free) => free === name)) {
      throw otherSetting(begun, name, undefined, value);
    }
  }
  // Last, since a setting may be why an input is another one: which digits are drawn depends on the seed.
  for (const [name, { sha256 }] of Object.entries(now.inputs)) requireSameInput(folder, before, name, sha256);
}

/**
 * Compares one input with what it was when the job first read it; one that the job has not read before is not compared.
 *
 * @throws InputError where it has changed
 */
export function requireSameInput(
  folder: string,
  before: Pick<JobConfig<unknown>, 'inputs'>,
  name: string,
  sha256: string,
): void {
  const known = before.inputs[name];
  if (known === undefined || known.sha256 === sha256) return;
  const short = (hash: string): string => hash.slice(0, 12);
  throw new InputError(
    `${folder} was begun with another ${name} (${known.name} had SHA-256 ${short(known.sha256)}..., now ${short(sha256)}...); resume with the same, or choose another --out`,
  );
}

function otherSetting(begun: string, name: string, before: unknown, now: unknown): InputError {
  const [was, is] = [without(before, now), without(now, before)];
  const option = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  return new InputError(
    `${begun} with another ${option} (${abridge(was)}, now ${abridge(is)}); resume with the same, or choose another --out`,
  );
}

/** Of several values by name, those that are others in another one; a value by itself as it is. */
function without(value: unknown, other: unknown): unknown {
  if (!isPlain(value) || !isPlain(other)) return value;
  return Object.fromEntries(Object.entries(value).filter(([name, own]) => !isDeepStrictEqual(own, other[name])));
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function abridge(value: unknown): string {
  const text = JSON.stringify(value) ?? 'none';
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}
