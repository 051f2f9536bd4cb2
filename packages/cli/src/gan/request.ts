/** @file What the user asks for, made whole: settings with their defaults, and the folder. */

import { ganArchitectureNamed, InputError } from '@pareidolia/core';
import type { JobConfig } from '../job/config.ts';
import type { GanSettings } from './settings.ts';

export interface GanRequest {
  /** The settings that the user gave; others come from the resumed training, or are defaults. */
  readonly given: Partial<GanSettings>;
  readonly seed?: number;
  /** The folder; `gan-<data>` when absent. */
  readonly out?: string;
  readonly resume: boolean;
  /** Whether a finished training in the folder is replaced. */
  readonly force: boolean;
}

/** @throws InputError where nothing names the folder */
export function outOf({ out, given: { data }, resume }: GanRequest): string {
  if (out === '') throw new InputError('--out is empty; give the name of a folder, or leave it out');
  if (out !== undefined) return out;
  if (data !== undefined) return `gan-${data.split(/[\\/]/).findLast((part) => part !== '') ?? 'data'}`;
  throw resume ? new InputError('--resume needs --out, the folder of the training that is to go on') : nothingNamed();
}

/** @throws InputError where the data are missing, or an option does not go with another */
export function settingsOf(request: GanRequest, before: JobConfig<GanSettings> | undefined): GanSettings {
  const own = { ...before?.settings, ...request.given };
  const { data } = own;
  if (data === undefined) {
    if (!request.resume) throw nothingNamed();
    throw new InputError(
      `There is no training in ${request.out} to go on with; check --out, or name data to begin one`,
    );
  }
  const usual = {
    architecture: 'dcgan',
    conditional: false,
    latent: 64,
    latentDistribution: 'normal',
    epochs: 10,
    batch: 64,
    learningRate: 2e-4,
    realLabel: 0.9,
    gradientPenalty: 0,
    device: 'cpu',
    threads: 2,
  } as const;
  const settings: GanSettings = { ...usual, ...own, data };
  ganArchitectureNamed(settings.architecture);
  if (settings.realLabel <= 0.5) {
    throw new InputError(
      `--real-label ${settings.realLabel} takes real images for generated ones; give a number above 0.5, 1 for no smoothing`,
    );
  }
  return settings;
}

function nothingNamed(): InputError {
  return new InputError('Name the data, for example: pareidolia train gan --data digits');
}
