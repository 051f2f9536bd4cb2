/** @file The command that repeats a training. */

import { quote } from '../job/command-line.ts';
import type { TrainSettings } from './settings.ts';

export function trainCommandLine(settings: TrainSettings, seed: number, out: string): string {
  const { network, data, epochs, batch, learningRate, distortion, hidden, adversarial, device } = settings;
  const words = ['npx', 'pareidolia', 'train', network];
  const add = (option: string, value: string | number | undefined): void => {
    if (value !== undefined) words.push(`--${option}`, quote(String(value)));
  };
  add('data', data);
  add('epochs', epochs);
  add('batch', batch);
  add('learning-rate', learningRate);
  if (!distortion) words.push('--no-distortion');
  add('hidden', hidden?.join(','));
  add('adversarial', adversarial?.kind);
  add('epsilon', adversarial?.epsilon);
  if (adversarial?.kind === 'pgd') {
    add('adversarial-steps', adversarial.steps);
    add('adversarial-step-size', adversarial.stepSize);
  }
  add('seed', seed);
  if (device !== 'cpu') add('device', device);
  add('out', out);
  return words.join(' ');
}
