/** @file What the user asks for, made whole: settings with their defaults. */

import { ganArchitectureNamed, InputError } from '@pareidolia/core';
import { dataOf, type GeneratorTrainingRequest } from '../generator-training/request.ts';
import type { JobConfig } from '../job/config.ts';
import { GAN_DEFAULTS } from './defaults.ts';
import { GAN, type GanSettings } from './settings.ts';

export type GanRequest = GeneratorTrainingRequest<GanSettings>;

/** @throws InputError where the data are missing, or an option does not go with another */
export function settingsOf(request: GanRequest, before: JobConfig<GanSettings> | undefined): GanSettings {
  const own = { ...before?.settings, ...request.given };
  const data = dataOf(GAN.name, request, own);
  const settings: GanSettings = { ...GAN_DEFAULTS, ...own, data };
  ganArchitectureNamed(settings.architecture);
  if (settings.realLabel <= 0.5) {
    throw new InputError(
      `--real-label ${settings.realLabel} takes real images for generated ones; give a number above 0.5, 1 for no smoothing`,
    );
  }
  return settings;
}
