/** @file The command that does an attack again. */

import { quote } from '../job/command-line.ts';
import type { AttackRequest } from './request.ts';

export function attackCommandLine(request: AttackRequest): string {
  const words = ['npx', 'pareidolia', 'attack'];
  const add = (option: string, value: string | number | undefined): void => {
    if (value !== undefined) words.push(`--${option}`, quote(String(value)));
  };
  add('model', request.model);
  add('card', request.card);
  add('images', request.images);
  add('data', request.images === undefined ? (request.data ?? 'digits') : undefined);
  add('labels', request.labels);
  add('limit', request.limit);
  add('attack', request.attack);
  add('norm', request.norm);
  add('epsilon', request.epsilon);
  add('targeted', request.targeted);
  for (const [name, value] of Object.entries(request.set)) add('set', `${name}=${value}`);
  add('budget', request.budget);
  add('batch', request.batch);
  if (!request.quantize) words.push('--no-quantize');
  if (request.transformations) words.push('--transformations');
  add('seed', request.seed);
  if (request.device !== 'cpu') add('device', request.device);
  return words.join(' ');
}
