/** @file What the user asks for, made whole: settings with their defaults. */

import { dataOf, type GeneratorTrainingRequest } from '../generator-training/request.ts';
import type { JobConfig } from '../job/config.ts';
import { VAE_DEFAULTS } from './defaults.ts';
import { VAE, type VaeSettings } from './settings.ts';

export type VaeRequest = GeneratorTrainingRequest<VaeSettings>;

/** @throws InputError where the data are missing */
export function settingsOf(request: VaeRequest, before: JobConfig<VaeSettings> | undefined): VaeSettings {
  const own = { ...before?.settings, ...request.given };
  return { ...VAE_DEFAULTS, ...own, data: dataOf(VAE.name, request, own) };
}
