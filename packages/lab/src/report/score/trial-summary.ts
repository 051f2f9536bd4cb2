/** @file What a trial of preprocessings came to, in words. */

import type { ModelCardInput, Trial, Tried } from '@pareidolia/core';
import { formatNumber, formatPercent, formatSignificance } from '../../format/format.ts';
import { PROBABLY_WRONG } from '../../format/probably-wrong.ts';
import type { TrialSummary } from './score-run.ts';

/** Rivals that the sentence names. */
const MOST_RIVALS = 3;

/** The trial as data, with its result in words. */
export function summarizeTrial(trial: Trial): TrialSummary {
  return {
    images: trial.count,
    verdict: trial.verdict,
    p: trial.p,
    tried: trial.tried.map((one) => ({
      title: one.title,
      card: one.card,
      isInForce: one === trial.inForce,
      right: one.right,
      accuracy: one.accuracy,
      meanLogProbability: one.meanLogProbability,
      problem: one.problem ?? null,
    })),
    sentence: sentenceOf(trial),
  };
}

function sentenceOf(trial: Trial): string {
  const { best, inForce, count, chance, p, verdict, tried, onlyBest, onlyInForce } = trial;
  const images = `${count} images`;
  const test = `${onlyBest} images are right with the first alone, ${onlyInForce} with the second alone; McNemar's exact test for ${tried.length - 1} comparisons, ${formatSignificance(p)}`;
  const both = `${best.title} gives ${formatPercent(best.accuracy)}, ${inForce.title}, which is in force, gives ${formatPercent(inForce.accuracy)} of ${images}`;
  switch (verdict) {
    case 'other':
      return `${PROBABLY_WRONG}: ${both} (${test})${rivalsOf(trial, best)}; nothing was changed; to set it: ${settingOf(best.card)}`;
    case 'fits':
      return `The preprocessing in force fits: ${inForce.title} gives ${formatPercent(inForce.accuracy)} of ${images}, and none of ${tried.length - 1} others gives more${rivalsOf(trial, inForce)}`;
    case 'chance':
      return `Inconclusive: no usual preprocessing is better than chance; the best, ${best.title}, gives ${formatPercent(best.accuracy)} of ${images}, where always the same answer gives ${formatPercent(chance)}: the labels may be of another order, the network untrained, or its preprocessing unusual`;
    case 'inconclusive':
      return chance === 1
        ? `Inconclusive: ${both}; but all of them are of one class, which a constant answer has right, too; give images of several classes`
        : `Inconclusive: ${both}, which may be chance (${test})${tieBreaker(best, inForce)}; give more images, or try ${settingOf(best.card)}`;
  }
}

/** Those that the images cannot tell from one. */
function rivalsOf({ rivals, best, inForce }: Trial, one: Tried): string {
  const others = (one === best ? rivals : [best, ...rivals]).filter((rival) => rival !== one);
  if (others.length === 0) return '';
  const named = others.slice(0, MOST_RIVALS).map(({ title, accuracy }) => `${title} (${formatPercent(accuracy)})`);
  const more = others.length - named.length;
  const listed = more > 0 ? [...named, `${more} more`] : named;
  const list = [listed.slice(0, -1).join(', '), listed.at(-1)!].filter((part) => part !== '').join(' and ');
  const first = others[0]!;
  const breaker = one === inForce && one !== best ? tieBreaker(best, one) : tieBreaker(one, first);
  return `; so few images do not tell it from ${list}${breaker}`;
}

/** The mean log-probability of the right classes, where one is ahead. */
function tieBreaker(best: Tried, other: Tried): string {
  const [own, theirs] = [best.meanLogProbability, other.meanLogProbability];
  if (own === null || theirs === null || own === theirs) return '';
  const ahead = own > theirs ? best : other;
  return `, and the mean log-probability of the right classes is for ${ahead.title} (${formatNumber(Math.max(own, theirs))} against ${formatNumber(Math.min(own, theirs))})`;
}

/** Options of the command line, and a card's field, that set a preprocessing. */
export function settingOf({ range = [0, 1], mean, deviation, color, resize }: ModelCardInput): string {
  const list = (value: number | readonly number[]): string => [value].flat().join(',');
  const options = [
    `--range ${range.join(',')}`,
    ...(mean === undefined || mean === 0 ? [] : [`--mean ${list(mean)}`]),
    ...(deviation === undefined || deviation === 1 ? [] : [`--std ${list(deviation)}`]),
    ...(color === 'bgr' ? ['--color bgr'] : []),
  ].join(' ');
  return resize === undefined ? options : `${options}, and in the card "resize": ${JSON.stringify(resize)}`;
}
