/** @file Why an audit fails: gates, or with a baseline what became worse. */

import { type AuditResult, becameWorse } from '@pareidolia/lab';

/**
 * @param named whether each sentence names its model
 * @returns sentences without a full stop; none where it does not fail
 */
export function failuresOf(result: AuditResult, named = false): readonly string[] {
  const { baseline, gates, model } = result;
  const open = gates.filter(({ state }) => state !== 'pass');
  const prefix = named ? `${model.name}: ` : '';
  if (baseline === null) return open.map(({ text, sentence }) => `${prefix}${text}: ${sentence}`);
  // A gate that failed before is no news, unless its figure is new.
  const known = new Map(baseline.changes.map(({ figure, verdict }) => [figure, verdict]));
  const fresh = open.filter(({ figure }) => {
    const verdict = known.get(figure);
    return verdict === undefined || verdict === 'not comparable';
  });
  return [
    ...becameWorse(result).map(({ sentence }) => `${prefix}became worse: ${sentence}`),
    ...fresh.map(({ text, sentence }) => `${prefix}${text}: ${sentence}`),
  ];
}
