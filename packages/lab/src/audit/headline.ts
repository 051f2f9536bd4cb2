/** @file The answer of an audit in one sentence, for somebody who reads nothing else. */

import { formatCount, formatEpsilon, formatPercent } from '../format/format.ts';
import { PROBABLY_WRONG } from '../format/probably-wrong.ts';
import { lowerFirst } from '../format/sentence-case.ts';
import type { Figure } from './result/figure.ts';
import { valueText } from './result/figure-text.ts';
import type { AuditResult } from './result/result.ts';
import { betterThanChance } from './rules/accuracy-rules.ts';

/** What the headline is made from. */
type Answered = Pick<AuditResult, 'figures' | 'findings' | 'gates' | 'threshold' | 'images' | 'model'>;

/**
 * Says whether garbage passes, how easily images are made that do, what real images withstand, and what the gates say: a
 * verdict, a colon, and what it rests on.
 *
 * @param isGone whether a service answered no more before all was measured
 */
export function headlineOf(result: Answered, isGone = false): string {
  const clauses = [
    accuracyClause(result),
    garbageClause(result),
    searchClause(result),
    robustClause(result),
    gateClause(result),
  ].filter((clause) => clause !== undefined);
  if (isGone) clauses.push('the service stopped answering before the audit was done');
  if (clauses.length === 0) clauses.push(countClause(result));
  return `${verdictOf(result)}: ${clauses.join('; ')}.`;
}

function verdictOf(result: Answered): string {
  const { findings, gates, model } = result;
  // What a network says of other pixels than it was made for means little.
  if (model.notices.some((notice) => notice.startsWith(PROBABLY_WRONG))) return 'The preprocessing is probably wrong';
  const sense = findings.find(({ ruleId }) => ruleId === betterThanChance.id);
  if (sense?.state === 'fail') return 'It is no better than guessing, so nothing else means much';
  const garbage = measured(result, 'garbage');
  const searched = madeImages(result);
  if (garbage !== undefined && garbage.state === 'measured' && garbage.value > 0)
    return 'It accepts images that show nothing';
  if (searched !== undefined && searched.value > 0) return 'It accepts images that were made to deceive it';
  const failing = findings.filter(({ state }) => state === 'fail');
  if (failing.some(({ severity }) => severity === 'high')) return 'It has findings of high severity';
  if (failing.length > 0) return 'It has findings';
  if (gates.some(({ state }) => state !== 'pass')) return 'It does not pass its gates';
  if (findings.length > 0 && findings.every(({ state }) => state === 'inconclusive')) return 'Nothing could be decided';
  // A search that found nothing says little, so only what is shown is said.
  if (garbage !== undefined) return 'Nothing that was tried is accepted';
  return findings.some(({ state }) => state === 'inconclusive') ? 'Not everything could be decided' : 'No finding';
}

/** Only where it does not go without saying. */
function accuracyClause(result: Answered): string | undefined {
  const sense = result.findings.find(({ ruleId }) => ruleId === betterThanChance.id);
  return sense === undefined || sense.state === 'pass' ? undefined : lowerFirst(sense.sentence.split(':')[0]!);
}

function garbageClause(result: Answered): string | undefined {
  const garbage = measured(result, 'garbage');
  const at = `at ${formatPercent(result.threshold)} confidence`;
  if (garbage === undefined) {
    const why = result.figures.find(({ id }) => id === 'garbage')?.why;
    return why == null ? undefined : `how much garbage passes is not known (${lowerFirst(why)})`;
  }
  if (garbage.state === 'inconclusive') return `whether garbage passes is open (${lowerFirst(garbage.why ?? '')})`;
  const { value, counted, interval } = garbage;
  const bound =
    interval === null || interval[1] === value ? '' : `, so at most ${formatPercent(interval[1])} of such images are`;
  if (value === 0) {
    return counted === null
      ? `none of the garbage is accepted ${at}`
      : `none of ${formatCount(counted.of)} such images of the worst kind is accepted ${at}${bound}`;
  }
  return `of the worst kind${worstSource(result, value)} ${value === 1 ? 'all' : formatPercent(value)} are accepted ${at}`;
}

/** ` (uniform noise)`: the source with the same share as the worst. */
function worstSource({ figures }: Answered, value: number): string {
  const worst = figures.find(
    (figure) => /^garbage\.[^.]+$/.test(figure.id) && figure.id !== 'garbage.outliers' && figure.value === value,
  );
  return worst === undefined ? '' : ` (${worst.id.slice('garbage.'.length).replaceAll('-', ' ')})`;
}

/** The worst search; not where accepted images may rightly be, as those of one of two classes without names. */
function madeImages(result: Answered): Known | undefined {
  const judged = result.findings.filter(({ ruleId }) => ruleId.startsWith('PAR-S001'));
  const searched = measured(result, 'searched');
  const isOpen = judged.length > 0 && judged.every(({ state }) => state !== 'fail');
  return isOpen && searched !== undefined && searched.value > 0 ? undefined : searched;
}

function searchClause(result: Answered): string | undefined {
  const searched = madeImages(result);
  if (searched === undefined) return undefined;
  const { value, counted } = searched;
  const classes = (hits: number, of: number): string => `${formatCount(hits)} of ${formatCount(of)} classes`;
  if (value === 0) {
    return `no image made for a class was accepted${counted === null ? '' : ` (${classes(0, counted.of)})`}, which more work may change`;
  }
  const share = counted === null ? `${formatPercent(value)} of the classes` : classes(counted.hits, counted.of);
  const fewest = result.figures
    .filter((figure): figure is Known => /^questions\.[^.]+$/.test(figure.id) && figure.value !== null)
    .reduce<Known | undefined>(
      (least, figure) => (least !== undefined && least.value <= figure.value ? least : figure),
      undefined,
    );
  const after =
    fewest === undefined
      ? ''
      : `, the first after ${valueText(fewest)} ${fewest.value === 1 ? 'question' : 'questions'} in the median`;
  return `accepted images were made for ${share}${after}`;
}

/** The smallest ball around real images that was tried. */
function robustClause(result: Answered): string | undefined {
  if (result.images === null) return 'without real images nothing is known of its accuracy';
  const balls = result.figures.flatMap((figure) => {
    const [, radius] = /^robust@linf:(.+)$/.exec(figure.id) ?? [];
    return radius === undefined || figure.value === null
      ? []
      : [{ ...figure, value: figure.value, epsilon: radiusOf(radius) }];
  });
  // At radius 0 they withstand nothing.
  const smallest = balls.filter(({ epsilon }) => epsilon > 0).sort((a, b) => a.epsilon - b.epsilon)[0];
  if (smallest === undefined) return undefined;
  const { value, epsilon, state, why, counted } = smallest;
  const change = `changes of at most ${formatEpsilon(epsilon)} a pixel`;
  if (state === 'inconclusive') return `what withstands ${change} is open (${lowerFirst(why ?? '')})`;
  if (value === 0) return `no real image withstands ${change}`;
  if (value === 1) {
    const tried = counted === null ? 'no real image' : `none of ${formatCount(counted.of)} real images`;
    return `${tried} fell to the attacks with ${change}`;
  }
  // Where the right classes are not known, decisions stand for them.
  const what = result.images.labelled
    ? 'of real images are right and withstand'
    : 'of decisions on real images withstand';
  return `at most ${formatPercent(value)} ${what} ${change}`;
}

function radiusOf(text: string): number {
  const [above, below = '1'] = text.split('/');
  return Number(above) / Number(below);
}

function gateClause({ gates }: Answered): string | undefined {
  if (gates.length === 0) return undefined;
  const failed = gates.filter(({ state }) => state !== 'pass').length;
  if (failed === 0)
    return gates.length === 1 ? 'the gate is passed' : `all ${formatCount(gates.length)} gates are passed`;
  if (gates.length === 1) return 'the gate is not passed';
  return `${formatCount(failed)} of ${formatCount(gates.length)} gates ${failed === 1 ? 'is' : 'are'} not passed`;
}

function countClause({ findings }: Answered): string {
  const of = (state: string): string => formatCount(findings.filter((finding) => finding.state === state).length);
  return `${of('fail')} fail, ${of('inconclusive')} are inconclusive, ${of('pass')} pass`;
}

type Known = Figure & { readonly value: number };

/** A figure that has a value. */
function measured({ figures }: Answered, id: string): Known | undefined {
  return figures.find((figure): figure is Known => figure.id === id && figure.value !== null);
}
