/** @file The command that repeats the training of a generative adversarial network. */

import { quote } from '../job/command-line.ts';
import type { GanSettings } from './settings.ts';

export function ganCommandLine(settings: GanSettings, seed: number, out: string): string {
  const words = ['npx', 'pareidolia', 'train', 'gan'];
  const add = (option: string, value: string | number | undefined): void => {
    if (value !== undefined) words.push(`--${option}`, quote(String(value)));
  };
  add('data', settings.data);
  add('size', settings.size);
  add('architecture', settings.architecture);
  if (settings.conditional) words.push('--conditional');
  add('latent', settings.latent);
  add('latent-distribution', settings.latentDistribution);
  add('width', settings.width);
  add('epochs', settings.epochs);
  add('batch', settings.batch);
  add('learning-rate', settings.learningRate);
  add('real-label', settings.realLabel);
  if (settings.gradientPenalty > 0) add('gradient-penalty', settings.gradientPenalty);
  add('seed', seed);
  add('threads', settings.threads);
  if (settings.device !== 'cpu') add('device', settings.device);
  add('out', out);
  return words.join(' ');
}
