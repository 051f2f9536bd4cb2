/** @file The answer of an audit in one sentence, for somebody who reads nothing else. */

import { formatCount, formatPercent } from '../format/format.ts';
import type { AuditResult } from './result/result.ts';

/** Says whether garbage passes, how much is known, and what the gates say. */
export function headlineOf({ findings, gates, figures, threshold }: Omit<AuditResult, 'headline'>): string {
  const of = (state: string): number => findings.filter((finding) => finding.state === state).length;
  const garbage = figures.find(({ id }) => id === 'garbage');
  const searched = figures.find(({ id }) => id === 'searched');
  const sentences: string[] = [];
  const at = formatPercent(threshold);
  if (garbage?.value != null) {
    const { hits, of: tried } = garbage.counted ?? { hits: 0, of: 0 };
    const source = garbage.title.split(': ')[1] ?? '';
    sentences.push(
      garbage.state === 'inconclusive'
        ? `Whether garbage passes is open: ${garbage.why}`
        : garbage.value > 0
          ? `Garbage passes: of the worst source, ${source}, ${tried === 1 ? 'the one image there is' : `${formatCount(hits)} of ${formatCount(tried)} images`} accepted at ${at}`
          : `Of the garbage that was tried, none is accepted at ${at}`,
    );
  }
  if (searched?.value != null && searched.value > 0) {
    sentences.push(`images made to be accepted were found for up to ${formatPercent(searched.value)} of the classes`);
  }
  const failed = gates.filter(({ state }) => state !== 'pass').length;
  if (gates.length > 0) {
    sentences.push(
      failed === 0 ? 'every gate is passed' : `${formatCount(failed)} of ${formatCount(gates.length)} gates fail`,
    );
  }
  sentences.push(`${of('fail')} findings, ${of('inconclusive')} inconclusive, ${of('pass')} passed`);
  return `${sentences.join('; ')}.`;
}
