/** @file What the answers of a quiz show, in a sentence, or that they are too few to show anything. */

import { binomialTail } from '@pareidolia/core';
import { formatPercent } from '../format/format.ts';
import { fisherExactTest } from '../statistics/fisher-exact.ts';
import { signTest } from '../statistics/sign-test.ts';
import { agreedIn, madeOf, type QuizAnswer } from './tally.ts';

/** Level of the tests. */
const ALPHA = 0.05;

/** What can be said of answers. */
export interface QuizConclusion {
  /**
   * `differs`: people agree with the network on real images more often than on made ones. `partly`: so they do, and on the made ones still
   * more often than by guessing. `agrees`: only the latter. `inconclusive`: neither can be told.
   */
  readonly verdict: 'differs' | 'partly' | 'agrees' | 'inconclusive';
  /** For everybody, with its full stop. */
  readonly sentence: string;
}

/**
 * The answers of one person: real and made images by Fisher's exact test, made ones and guessing by the binomial tail, both at 5 %.
 */
export function concludeQuiz(answers: readonly QuizAnswer[]): QuizConclusion {
  const made = madeOf(answers);
  const real = answers.filter(({ kind }) => kind === 'real');
  const [a, n, c, m] = [agreedIn(made), made.length, agreedIn(real), real.length];
  const differs = n > 0 && m > 0 && c / m > a / n && fisherExactTest({ hits: c, of: m }, { hits: a, of: n }) < ALPHA;
  const guess = guessing(made);
  const guesses = n > 0 && binomialTail(a, n, guess) >= ALPHA;
  const rates = `You gave the network's answer to ${c} of ${m} real images and to ${a} of ${n} made ones`;
  if (differs && !guesses) {
    return { verdict: 'partly', sentence: `${rates}, more than by guessing: you see a part of what it sees.` };
  }
  if (differs) {
    return { verdict: 'differs', sentence: `${rates}: what makes it certain of those is not what you see.` };
  }
  if (n > 0 && !guesses) {
    return {
      verdict: 'agrees',
      sentence: `You gave the network's answer to ${a} of ${n} made images, and guessing gives ${formatPercent(guess)}: you see in them something of what it sees.`,
    };
  }
  return { verdict: 'inconclusive', sentence: inconclusive({ who: 'you', answers }) };
}

/**
 * The answers of several people. Answers of one person, and to one image, hang together, so that people are compared and not answers:
 * of those whose rates differ, how many agree with the network more often on real images than on made ones (sign test at 5 %)?
 *
 * @param people the answers of each
 */
export function concludeClass(people: readonly (readonly QuizAnswer[])[]): QuizConclusion {
  const rate = (answers: readonly QuizAnswer[]): number => agreedIn(answers) / answers.length;
  const both = people
    .map((answers) => ({ made: madeOf(answers), real: answers.filter(({ kind }) => kind === 'real') }))
    .filter(({ made, real }) => made.length > 0 && real.length > 0);
  const more = both.filter(({ made, real }) => rate(real) > rate(made)).length;
  const less = both.filter(({ made, real }) => rate(real) < rate(made)).length;
  const probability = signTest(more, less);
  if (more > less && probability < ALPHA) {
    return {
      verdict: 'differs',
      sentence: `${more} of ${both.length} people gave the network's answer more often to real images than to made ones, ${less} the other way round (sign test, p = ${shortProbability(probability)}): what makes the network certain of the made ones is not what people see.`,
    };
  }
  return {
    verdict: 'inconclusive',
    sentence: inconclusive({ who: 'the class', answers: people.flat(), people: people.length }),
  };
}

/** How often guessing among the classes on offer is right, in the mean. */
function guessing(answers: readonly QuizAnswer[]): number {
  return answers.length === 0 ? 0 : answers.reduce((sum, { choices }) => sum + 1 / choices, 0) / answers.length;
}

function inconclusive({
  who,
  answers,
  people,
}: {
  readonly who: string;
  readonly answers: readonly QuizAnswer[];
  readonly people?: number;
}): string {
  const made = madeOf(answers);
  const real = answers.filter(({ kind }) => kind === 'real');
  const [a, n, c, m] = [agreedIn(made), made.length, agreedIn(real), real.length];
  if (n === 0) return 'Inconclusive: no image that was made for the network has been answered.';
  if (m === 0) {
    return `Inconclusive: ${who} gave the network's answer to ${a} of ${n} made images, and no real image was among them to compare with.`;
  }
  if (c / m <= a / n) {
    return `Inconclusive: ${who} gave the network's answer to real images (${c} of ${m}) no more often than to made ones (${a} of ${n}).`;
  }
  const by = people === undefined ? '' : ` by ${people} ${people === 1 ? 'person' : 'people'}`;
  return `Inconclusive: ${n + m} answers${by} are too few to tell made images from real ones, or from guessing.`;
}

function shortProbability(p: number): string {
  return p < 0.001 ? p.toExponential(0) : p.toPrecision(1);
}
