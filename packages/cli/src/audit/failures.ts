/** @file Why an audit fails: gates, or with a baseline what became worse. */

import { type AuditResult, becameWorse } from '@pareidolia/lab';

/**
 * @param label of the model, for the beginning of each sentence, where there are several
 * @returns sentences without a full stop; none where it does not fail
 */
export function failuresOf(result: AuditResult, label?: string): readonly string[] {
  const { baseline, gates } = result;
  const open = gates.filter(({ state }) => state !== 'pass');
  const prefix = label === undefined ? '' : `${label}: `;
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
