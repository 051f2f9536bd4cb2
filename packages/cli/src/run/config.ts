/** @file What a run was asked to do: written first, and compared when it is resumed. */

import { join } from 'node:path';
import { type Device, InputError } from '@pareidolia/core';
import { z } from 'zod';
import { readIfThere, writeAtomically } from '../job/files.ts';
import type { MethodSpec } from './method.ts';

const number = z.number();
const count = z.int().min(1);

const evolution = z.strictObject({
  name: z.enum(['direct', 'cppn']),
  /** After the random population; may grow when a run is resumed. */
  generations: z.int().min(0),
  batch: count,
  options: z.record(z.string(), number),
});

const ascent = z.strictObject({
  name: z.literal('ascent'),
  settings: z.strictObject({
    steps: count,
    decay: number,
    early: number,
    late: number,
    maxStep: number,
    startDeviation: number,
    blur: z.exactOptional(z.strictObject({ radius: number, every: count })),
    smallNorm: z.exactOptional(number),
    smallBenefit: z.exactOptional(number),
  }),
  starts: count,
  group: count,
  target: number,
});

const schema = z.object({
  pareidolia: z.string(),
  runtime: z.string(),
  node: z.string(),
  /** `path` as the user gave it; absent for the embedded network. */
  model: z.object({ file: z.string(), path: z.exactOptional(z.string()), sha256: z.string() }),
  card: z.object({ origin: z.string(), path: z.exactOptional(z.string()), sha256: z.string(), contents: z.json() }),
  method: z.discriminatedUnion('name', [evolution, ascent]) satisfies z.ZodType<MethodSpec>,
  seed: z.int(),
  classes: z.array(z.int().min(0)).min(1),
  device: z.enum(['cpu', 'webgpu', 'cuda', 'coreml', 'dml']) satisfies z.ZodType<Device>,
  /** Does the same again, from the beginning. */
  command: z.string(),
});

export type RunConfig = z.infer<typeof schema>;

const FILE = 'config.json';

/** What must be equal for a run to go on to the same bits, in the user's words. */
const FIXED: readonly (readonly [name: string, read: (config: RunConfig) => unknown])[] = [
  ['model', (config) => config.model.sha256],
  ['model card', (config) => config.card.sha256],
  ['--encoding', (config) => config.method.name],
  ['--seed', (config) => config.seed],
  ['--classes', (config) => config.classes],
  ['--device', (config) => config.device],
  ['--batch', ({ method }) => (method.name === 'ascent' ? method.group * method.starts : method.batch)],
  ['setting', ({ method }) => (method.name === 'ascent' ? method : method.options)],
];

export function writeConfig(folder: string, config: RunConfig): void {
  writeAtomically(join(folder, FILE), `${JSON.stringify(config, null, 2)}\n`);
}

/**
 * The configuration of a run folder; `undefined` where the folder holds none.
 *
 * @throws InputError where it is not one of ours
 */
export function readConfig(folder: string): RunConfig | undefined {
  const path = join(folder, FILE);
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw new InputError(`${path} is not the configuration of a run; choose another --out`);
  }
}

/** @throws InputError that names what differs */
export function requireSameRun(folder: string, before: RunConfig, now: RunConfig): void {
  for (const [name, read] of FIXED) {
    const [was, is] = [JSON.stringify(read(before)), JSON.stringify(read(now))];
    if (was === is) continue;
    throw new InputError(
      `The run in ${folder} has another ${name} (${abridge(was)}, now ${abridge(is)}); resume with the same, or choose another --out`,
    );
  }
  const [was, is] = [growth(before), growth(now)];
  if (is < was) {
    throw new InputError(
      `The run in ${folder} was asked for ${was} generations, now ${is}; a resumed run can only grow: ask for at least ${was}`,
    );
  }
}

/** Whether a run that is resumed is asked for more than before. */
export function hasGrown(before: RunConfig, now: RunConfig): boolean {
  return growth(now) > growth(before);
}

function growth({ method }: RunConfig): number {
  return method.name === 'ascent' ? 0 : method.generations;
}

function abridge(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}
