/** @file What the user asks of `pareidolia train vae`. */

import { z } from 'zod';
import { GENERATOR_TRAINING_SETTINGS, type GeneratorTrainingSettings } from '../generator-training/settings.ts';
import { SHEETS } from '../generator-training/sheets.ts';
import type { JobKind } from '../job/config.ts';

export type VaeSettings = GeneratorTrainingSettings;

/** Names of the files that a finished training leaves. */
export const VAE_FILES = {
  generator: 'generator.onnx',
  encoder: 'encoder.onnx',
  samples: 'samples.png',
  result: 'result.json',
} as const;

export const VAE: JobKind<VaeSettings> = {
  name: 'train vae',
  settings: z.strictObject(GENERATOR_TRAINING_SETTINGS),
  // The number of threads is not free: the last bits of the weights depend on it.
  free: [],
  files: ['journal.jsonl', 'epochs.jsonl', ...Object.values(VAE_FILES), 'generator.card.json'],
  folders: [SHEETS],
};
