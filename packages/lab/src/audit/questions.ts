/** @file The three questions of whoever ships a classifier, answered from what the audit found. */

import { formatCount, formatPercent } from '../format/format.ts';
import { countsOf, isGateFailed } from './outputs/counts.ts';
import type { Figure } from './result/figure.ts';
import type { AuditResult } from './result/result.ts';
import { sideOf } from './share-verdict.ts';

/** What the answer means for the one who asks. */
export type AnswerState = 'good' | 'bad' | 'open';

/** A question with its answer. */
export interface QuestionAnswer {
  readonly question: string;
  /** One or two words: `Yes`, `No`, `Not decided`. */
  readonly answer: string;
  readonly state: AnswerState;
  /** What it rests on: a sentence without a full stop. */
  readonly why: string;
}

/** What the answers are made from. */
type Asked = Pick<AuditResult, 'figures' | 'findings' | 'gates' | 'threshold' | 'images'>;

/** As much of each source is to be stopped by what keeps as much of the real images. */
const ENOUGH = 0.95;

const STOPPED = /^Share of (.+) stopped by /;

/** Does garbage pass, what stops it, may it go out. The answers follow from the findings and gates of the result. */
export function questionsOf(result: Asked): readonly QuestionAnswer[] {
  return [garbagePasses(result), whatStopsIt(result), mayGoOut(result)];
}

function garbagePasses({ findings, threshold }: Asked): QuestionAnswer {
  const question = 'Does garbage pass?';
  const kinds = findings.filter(({ ruleId }) => /^PAR-G00[12](\/|$)/.test(ruleId));
  const searches = findings.filter(({ ruleId }) => ruleId.startsWith('PAR-S001/'));
  const failed = (of: Asked['findings']): number => of.filter(({ state }) => state === 'fail').length;
  const at = `at ${formatPercent(threshold)}`;
  const parts = [
    ...(kinds.length === 0
      ? []
      : [
          `${formatCount(failed(kinds))} of ${formatCount(kinds.length)} kinds of images that show none of the classes are accepted ${at}, more than 1 % of them beyond chance`,
        ]),
    ...(searches.length === 0
      ? []
      : [`${formatCount(failed(searches))} of ${formatCount(searches.length)} searches made images that are accepted`]),
  ];
  const why = parts.join('; ');
  if (failed(kinds) + failed(searches) > 0) return { question, answer: 'Yes', state: 'bad', why };
  const isOpen = [...kinds, ...searches].some(({ state }) => state === 'inconclusive');
  if (kinds.length + searches.length === 0 || isOpen) {
    return { question, answer: 'Not decided', state: 'open', why: why === '' ? 'Nothing was tried' : why };
  }
  return { question, answer: 'Not what was tried', state: 'good', why };
}

function whatStopsIt({ figures, images }: Asked): QuestionAnswer {
  const question = 'What stops it?';
  const threshold = figures.find(({ id }) => id === 'threshold.95');
  const stopped = figures.filter(
    (figure): figure is Figure & { readonly value: number } =>
      figure.id.startsWith('stopped.') && figure.value !== null,
  );
  const [first, ...others] = stopped;
  if (threshold?.value == null || first === undefined) {
    const why =
      images === null
        ? 'Without real images nobody knows what a threshold costs'
        : 'What a threshold stops was not measured';
    return { question, answer: 'Not known', state: 'open', why };
  }
  const sides = stopped.map((figure) => sideOf(figure, ENOUGH));
  const passing = sides.filter((side, i) => side === 'above' || atLeast(stopped[i]!)).length;
  const missing = sides.filter((side, i) => side === 'below' && !atLeast(stopped[i]!)).length;
  const worst = others.reduce((so, each) => (each.value < so.value ? each : so), first);
  const at = `A threshold of ${formatPercent(threshold.value)} on the confidence, which keeps ${formatPercent(ENOUGH)} of the real images,`;
  const of = `${formatCount(stopped.length)} kinds`;
  if (threshold.state !== 'measured') {
    return { question, answer: 'Not decided', state: 'open', why: threshold.why ?? 'Too few real images' };
  }
  if (missing > 0) {
    return {
      question,
      answer: 'No threshold does',
      state: 'bad',
      why: `${at} stops clearly fewer than ${formatPercent(ENOUGH)} of the images of ${formatCount(missing)} of ${of}; least of ${STOPPED.exec(worst.title)?.[1] ?? worst.id} (${formatPercent(worst.value)})`,
    };
  }
  if (passing === stopped.length) {
    return {
      question,
      answer: 'A threshold on the confidence',
      state: 'good',
      why: `${at} stops at least ${formatPercent(ENOUGH)} of the images of all ${of}; images made against it were not among them`,
    };
  }
  return {
    question,
    answer: 'Not decided',
    state: 'open',
    why: `${at} stops at least ${formatPercent(ENOUGH)} of the images of ${formatCount(passing)} of ${of} for certain; of the others there were too few images`,
  };
}

/** Whether the whole interval is at or above what is enough. */
function atLeast({ interval, value }: Figure): boolean {
  return (interval?.[0] ?? value ?? 0) >= ENOUGH;
}

function mayGoOut({ gates, findings }: Asked): QuestionAnswer {
  const question = 'May it go out?';
  const { high, inconclusive } = countsOf({ findings, gates });
  if (gates.length === 0) {
    const found = [
      ...(high === 0 ? [] : [`${formatCount(high)} ${high === 1 ? 'finding is' : 'findings are'} of high severity`]),
      ...(inconclusive === 0
        ? []
        : [`${formatCount(inconclusive)} ${inconclusive === 1 ? 'finding is' : 'findings are'} inconclusive`]),
    ];
    return {
      question,
      answer: 'No gate was set',
      state: 'open',
      why: `A gate says when it may, such as --fail-on 'garbage>1%,findings.high>0'${found.length === 0 ? '' : `; ${found.join(', ')}`}`,
    };
  }
  const failed = gates.filter(isGateFailed);
  if (failed.length === 0) {
    return {
      question,
      answer: 'Yes, by its gates',
      state: 'good',
      why: gates.length === 1 ? 'The gate is passed' : `All ${formatCount(gates.length)} gates are passed`,
    };
  }
  const open = failed.filter(({ state }) => state === 'inconclusive').length;
  return {
    question,
    answer: 'No',
    state: open === failed.length ? 'open' : 'bad',
    why: `${formatCount(failed.length)} of ${formatCount(gates.length)} gates ${failed.length === 1 ? 'is' : 'are'} not passed${open === 0 ? '' : `, ${formatCount(open)} of them because it could not be measured`}`,
  };
}
