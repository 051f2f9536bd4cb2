/** @file What a run was asked to do: written first, and compared when it is resumed. */

import { join } from 'node:path';
import { InputError } from '@pareidolia/core';
import { z } from 'zod';
import { readIfThere, writeAtomically } from './files.ts';

const json: z.ZodType<unknown> = z.json();

const schema = z.object({
  pareidolia: z.string(),
  runtime: z.string(),
  node: z.string(),
  model: z.object({ file: z.string(), sha256: z.string() }),
  card: z.object({ sha256: z.string(), contents: json }),
  method: z.enum(['direct', 'cppn', 'ascent']),
  /** Options of the encoding or settings of the ascent. */
  options: json,
  seed: z.int(),
  classes: z.array(z.int().min(0)).min(1),
  batch: z.int().min(1),
  device: z.string(),
  /** For evolution only; may grow when a run is resumed. */
  generations: z.int().min(0),
  command: z.string(),
});

export type RunConfig = z.infer<typeof schema>;

const FILE = 'config.json';

/** What must be equal for a run to go on to the same bits, in the user's words. */
const FIXED: readonly (readonly [name: string, read: (config: RunConfig) => unknown])[] = [
  ['model', (config) => config.model.sha256],
  ['model card', (config) => config.card.sha256],
  ['--encoding', (config) => config.method],
  ['options of the encoding', (config) => config.options],
  ['--seed', (config) => config.seed],
  ['--classes', (config) => config.classes],
  ['--batch', (config) => config.batch],
  ['--device', (config) => config.device],
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
  if (now.method !== 'ascent' && now.generations < before.generations) {
    throw new InputError(
      `The run in ${folder} was asked for ${before.generations} generations, now ${now.generations}; a resumed run can only grow`,
    );
  }
}

function abridge(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}
