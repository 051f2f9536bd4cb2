/** @file The command that repeats a training of a generator. */

import { quote } from '../job/command-line.ts';

/**
 * @param kind of the job: `train gan`
 * @param options by name; `undefined` and `false` are left out, `true` stands alone
 */
export function trainingCommandLine(
  kind: string,
  options: Readonly<Record<string, string | number | boolean | undefined>>,
): string {
  const words = ['npx', 'pareidolia', kind];
  for (const [option, value] of Object.entries(options)) {
    if (value === undefined || value === false) continue;
    words.push(value === true ? `--${option}` : `--${option} ${quote(String(value))}`);
  }
  return words.join(' ');
}
