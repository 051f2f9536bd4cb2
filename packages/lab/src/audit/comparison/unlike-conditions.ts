/** @file What is not comparable between audits, and what to know in reading their comparison. */

import { formatCount } from '../../format/format.ts';
import { type Condition, differencesOf } from '../comparability.ts';
import { listed } from './compare-areas.ts';
import { pairsOf } from './compare-figures.ts';
import type { LabelledAudit } from './compared-audit.ts';
import type { AuditComparison } from './comparison.ts';

/** What differs, and what is therefore not compared. */
const TOLD: Readonly<Record<Condition, readonly [what: string, consequence: string]>> = {
  threshold: ['The thresholds differ', 'what is accepted at them is not compared'],
  budget: [
    'The budgets differ',
    'what more work can only move one way is not compared: searches, and changes to real images',
  ],
  images: ['The real images differ', 'what is measured on them is not compared'],
  outliers: ['The images of other things differ', 'what is measured on them is not compared'],
  classes: [
    'The numbers of classes differ',
    'accuracy, calibration, images made for classes and changes to real images are not compared',
  ],
  shape: [
    'The sizes of the images differ',
    'changes to real images are not compared, and garbage is that of each size',
  ],
};

/** What is not comparable: each a sentence without a full stop. */
export function obstaclesOf(audits: readonly LabelledAudit[]): readonly string[] {
  const seen = new Map<Condition, Map<number, string>>();
  for (const [first, second] of pairsOf(audits.length)) {
    for (const difference of differencesOf(audits[first]!.result, audits[second]!.result)) {
      const own = seen.get(difference.condition) ?? new Map<number, string>();
      seen.set(difference.condition, own.set(first, difference.first).set(second, difference.second));
    }
  }
  const sentences = [...seen].map(([condition, values]) => {
    const [what, consequence] = TOLD[condition];
    const each = [...values].sort(([a], [b]) => a - b).map(([place, value]) => `${audits[place]!.label}: ${value}`);
    return `${what} (${each.join(', ')}), so ${consequence}`;
  });
  const without = audits.filter(({ result }) => result.images === null).map(({ label }) => label);
  if (without.length > 0 && without.length < audits.length) {
    sentences.push(`${listed(without)} had no real images, so nothing that needs them is compared with the others`);
  }
  return sentences;
}

/** What to know in reading it: each a sentence without a full stop. */
export function notesOf(
  audits: readonly LabelledAudit[],
  { count, paired, shown, exact }: AuditComparison['tests'],
  significance: number,
): readonly string[] {
  const notes = [
    `${formatCount(count)} ${count === 1 ? 'test was' : 'tests were'} made, of the figures that were set to decide and of each two models; ${formatCount(shown)} ${shown === 1 ? 'shows' : 'show'} a difference. Many tests find differences by chance, so all of them are adjusted together by Holm’s method: the chance that any difference told here is wrong is at most ${formatCount(100 * significance)} %`,
    paired === count
      ? 'All tests are in pairs: on the same images, one by one'
      : `${paired === 0 ? 'None' : formatCount(paired)} of them ${paired < 2 ? 'is' : 'are'} in pairs, on the same images, one by one; the others take the shares for those of separate samples`,
    ...(exact === 0
      ? []
      : [
          `${formatCount(exact)} ${exact === 1 ? 'difference needs' : 'differences need'} no test, since all images of a source were tried; by ${exact === 1 ? 'it' : 'them'} alone no model is called better`,
        ]),
    'A model is called best only where its interval overlaps with no other and the tests say so, too',
    'Robust accuracy and distances are upper bounds by the same attacks at the same effort; a better attack may change their order',
    'A model that is sure of little accepts little garbage, and refuses real images, too; read the one beside the other',
  ];
  const files = new Map<string, string[]>();
  for (const { label, result } of audits) {
    const { sha256 } = result.model;
    if (sha256 !== '') files.set(sha256, [...(files.get(sha256) ?? []), label]);
  }
  for (const same of files.values()) if (same.length > 1) notes.push(`${listed(same)} are the same file`);
  const seeds = new Set(audits.map(({ result }) => result.seed));
  if (seeds.size > 1) notes.push('The seeds differ, so images that are drawn are others, and nothing drawn is paired');
  return notes;
}
