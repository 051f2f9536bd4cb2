/** @file The command that repeats an audit, or several. */

import { quote } from '../job/command-line.ts';
import { type CardOptions, cardOptionWords } from '../model/card-options.ts';
import type { ModelSource } from '../model/open-classifier.ts';
import type { AuditSettings } from './settings.ts';

/** @param models several that are compared, in place of the one of the settings */
export function auditCommandLine(
  settings: AuditSettings,
  seed: number,
  cardOptions: CardOptions,
  models: readonly string[] = [settings.model ?? []].flat(),
): string {
  const words = ['npx', 'pareidolia', 'audit'];
  const add = (option: string, value: string | number | undefined): void => {
    if (value !== undefined) words.push(`--${option}`, quote(String(value)));
  };
  words.push(...models.map(quote));
  add('card', settings.card);
  words.push(...cardOptionWords(cardOptions));
  add('images', settings.images);
  add('data', settings.data);
  add('labels', settings.labels);
  add('limit', settings.limit);
  if (settings.strict === true) words.push('--strict');
  add('outliers', settings.outliers);
  add('discriminator', settings.discriminator);
  add('discriminator-range', settings.discriminatorRange?.join(','));
  add('threshold', settings.threshold);
  add('budget', settings.budget);
  add('fail-on', settings.failOn);
  add('seed', seed);
  if (settings.device !== 'cpu') add('device', settings.device);
  return words.join(' ');
}

/** How other commands name the model, with the options of its card; empty for the embedded network. */
export function modelWords({
  path,
  cardPath,
  cardOptions,
}: Pick<ModelSource, 'path' | 'cardPath' | 'cardOptions'>): string {
  const words = path === undefined ? [] : ['--model', quote(path)];
  if (cardPath !== undefined) words.push('--card', quote(cardPath));
  return [...words, ...cardOptionWords(cardOptions)].join(' ');
}
