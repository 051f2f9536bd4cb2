/** @file What the user asks of a training of a generator, and the folder that it is about. */

import { InputError } from '@pareidolia/core';
import type { GeneratorTrainingSettings } from './settings.ts';

export interface GeneratorTrainingRequest<Settings extends GeneratorTrainingSettings> {
  /** The settings that the user gave; others come from the resumed training, or are defaults. */
  readonly given: Partial<Settings>;
  readonly seed?: number;
  /** The folder; `gan-<data>` of `train gan` when absent. */
  readonly out?: string;
  readonly resume: boolean;
  /** Whether a finished training in the folder is replaced. */
  readonly force: boolean;
}

/**
 * The folder.
 *
 * @param kind of the job: `train gan`
 * @throws InputError where nothing names it
 */
export function outOf(
  kind: string,
  { out, given: { data }, resume }: GeneratorTrainingRequest<GeneratorTrainingSettings>,
): string {
  if (out === '') throw new InputError('--out is empty; give the name of a folder, or leave it out');
  if (out !== undefined) return out;
  if (data !== undefined) {
    return `${kind.split(' ').at(-1)}-${data.split(/[\\/]/).findLast((part) => part !== '') ?? 'data'}`;
  }
  throw resume
    ? new InputError('--resume needs --out, the folder of the training that is to go on')
    : nothingNamed(kind);
}

/**
 * The data that are named now, or were when the training began.
 *
 * @throws InputError where neither is so
 */
export function dataOf(
  kind: string,
  { out, resume }: GeneratorTrainingRequest<GeneratorTrainingSettings>,
  { data }: Partial<GeneratorTrainingSettings>,
): string {
  if (data !== undefined) return data;
  if (!resume) throw nothingNamed(kind);
  throw new InputError(`There is no training in ${out} to go on with; check --out, or name data to begin one`);
}

function nothingNamed(kind: string): InputError {
  return new InputError(`Name the data, for example: pareidolia ${kind} --data digits`);
}
