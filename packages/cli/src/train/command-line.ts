/** @file The command that repeats a training. */

import { quote } from '../job/command-line.ts';
import { FOOLING_CLASS } from './fooling-class.ts';
import type { TrainSettings } from './settings.ts';

export function trainCommandLine(settings: TrainSettings, seed: number, out: string): string {
  const { network, data, epochs, batch, learningRate, distortion, hidden, adversarial, device } = settings;
  const words = ['npx', 'pareidolia', 'train', ...(network === undefined ? [] : [network])];
  const add = (option: string, value: string | number | undefined): void => {
    if (value !== undefined) words.push(`--${option}`, quote(String(value)));
  };
  if (settings.from !== undefined) {
    add('from', settings.from);
    add('card', settings.card);
    if (settings.freeze !== 'none') add('freeze', settings.freeze);
    if (settings.replaceLast) words.push('--replace-last');
  }
  add('data', data);
  add('epochs', epochs);
  add('batch', batch);
  add('learning-rate', learningRate);
  if (!distortion && settings.from === undefined) words.push('--no-distortion');
  add('hidden', hidden?.join(','));
  add('adversarial', adversarial?.kind);
  add('epsilon', adversarial?.epsilon);
  if (adversarial?.kind === 'pgd') {
    add('adversarial-steps', adversarial.steps);
    add('adversarial-step-size', adversarial.stepSize);
  }
  const { defences = [], foolingClass } = settings;
  const chosen = [
    ...defences,
    ...(foolingClass === undefined ? [] : [{ name: FOOLING_CLASS, settings: foolingClass as object }]),
  ];
  if (chosen.length > 0) add('defence', chosen.map(({ name }) => name).join(','));
  for (const { name, settings: own } of chosen) {
    for (const [setting, value] of Object.entries(own)) add('set', `${name}.${setting}=${value}`);
  }
  add('outliers', settings.outliers);
  add('seed', seed);
  if (device !== 'cpu') add('device', device);
  add('out', out);
  return words.join(' ');
}
