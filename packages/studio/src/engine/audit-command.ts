/** @file The command that does an audit of the studio again. */

import type { Parameters } from './protocol.ts';

/** What decides about the command. */
interface Asked extends Pick<Parameters<'audits.start'>, 'threshold' | 'budget' | 'seed' | 'gates' | 'images'> {
  /** Whether all checks run; the command knows no other way. */
  readonly isWhole: boolean;
}

/**
 * The command; empty where there is none that does the same: with pictures that were opened in a page, with a part of the
 * checks, or with a network that commands cannot name.
 *
 * @param words how other commands name the network: `--model lenet.onnx`
 */
export function auditCommand(
  { threshold, budget, seed, gates, images, isWhole }: Asked,
  kind: 'embedded' | 'file',
  words: string | undefined,
): string {
  if (!isWhole || words === undefined || typeof images === 'object') return '';
  // The embedded network is audited with its digits, and no option leaves them out.
  if (kind === 'embedded' && images === undefined) return '';
  const data = kind === 'file' && images !== undefined ? ` --data ${images}` : '';
  const model = words === '' ? '' : ` ${words.replace(/^--model /, '')}`;
  const failing = gates.trim() === '' ? '' : ` --fail-on ${quoted(gates.trim())}`;
  return `npx pareidolia audit${model}${data} --threshold ${threshold} --budget ${budget}${failing} --seed ${seed}`;
}

/** A word for a POSIX shell. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
