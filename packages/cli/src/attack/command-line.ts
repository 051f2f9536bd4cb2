/** @file The command that repeats an attack. */

import { quote } from '../job/command-line.ts';
import { type CardOptions, cardOptionWords } from '../model/card-options.ts';
import type { AttackSettings } from './settings.ts';

/** @param usual the data that are attacked where neither pictures nor data are named */
export function attackCommandLine(
  settings: AttackSettings,
  seed: number,
  cardOptions: CardOptions,
  usual: string,
): string {
  const words = ['npx', 'pareidolia', 'attack'];
  const add = (option: string, value: string | number | undefined): void => {
    if (value !== undefined) words.push(`--${option}`, quote(String(value)));
  };
  add('model', settings.model);
  add('card', settings.card);
  words.push(...cardOptionWords(cardOptions));
  add('images', settings.images);
  add('data', settings.images === undefined ? (settings.data ?? usual) : undefined);
  add('labels', settings.labels);
  add('limit', settings.limit);
  if (settings.strict === true) words.push('--strict');
  add('attack', settings.attack);
  add('norm', settings.norm);
  add('epsilon', settings.epsilon);
  if (settings.eachEpsilon === true) words.push('--each-epsilon');
  add('targeted', settings.targeted);
  for (const [name, value] of Object.entries(settings.set)) add('set', `${name}=${value}`);
  add('budget', settings.budget);
  add('batch', settings.batch);
  if (!settings.quantize) words.push('--no-quantize');
  if (settings.transformations) words.push('--transformations');
  if (settings.networkAlone === true) words.push('--network-alone');
  add('seed', seed);
  if (settings.device !== 'cpu') add('device', settings.device);
  return words.join(' ');
}
