import { describe, expect, it } from 'vitest';
import { concludeClass, concludeQuiz } from './conclusion.ts';
import type { QuizKind } from './kinds.ts';
import { type QuizAnswer, tallyAnswers } from './tally.ts';

function answers(kind: QuizKind, agreed: number, nothing: number, other = 0): QuizAnswer[] {
  const many = (count: number, said: QuizAnswer['said']): QuizAnswer[] =>
    Array.from({ length: count }, () => ({ kind, said, choices: 4 }));
  return [...many(agreed, 'agreed'), ...many(nothing, 'nothing'), ...many(other, 'other')];
}

describe('the tally of a quiz', () => {
  it('has a row for each kind, the sum of the made ones, and the real ones last', () => {
    const rows = tallyAnswers([...answers('real', 3, 0, 1), ...answers('ascent', 0, 5), ...answers('cppn', 2, 1, 2)]);
    expect(rows.map(({ kind, answers: count, agreed, nothing }) => [kind, count, agreed.hits, nothing.hits])).toEqual([
      ['cppn', 5, 2, 1],
      ['ascent', 5, 0, 5],
      ['made', 10, 2, 6],
      ['real', 4, 3, 0],
    ]);
  });

  it('has no sum of one kind, and no row of what was not asked', () => {
    expect(tallyAnswers(answers('direct', 1, 1)).map(({ kind }) => kind)).toEqual(['direct']);
    expect(tallyAnswers([])).toEqual([]);
  });

  it('has the exact intervals of Clopper and Pearson', () => {
    // R: binom.test(2, 10)$conf.int and binom.test(0, 5)$conf.int
    const [two] = tallyAnswers(answers('cppn', 2, 8));
    expect(two!.agreed.interval.low).toBeCloseTo(0.02521073, 7);
    expect(two!.agreed.interval.high).toBeCloseTo(0.5560955, 7);
    const [none] = tallyAnswers(answers('cppn', 0, 5));
    expect(none!.agreed.interval.low).toBe(0);
    // 1 - 0.025^(1/5), in closed form.
    expect(none!.agreed.interval.high).toBeCloseTo(1 - 0.025 ** (1 / 5), 9);
  });
});

describe('the conclusion of one person', () => {
  it('is that they differ where real images are agreed on and made ones are not', () => {
    // Fisher: 1 / C(12, 4) = 1/495.
    const { verdict, sentence } = concludeQuiz([...answers('cppn', 0, 8), ...answers('real', 4, 0)]);
    expect(verdict).toBe('differs');
    expect(sentence).toContain('4 of 4 real images and to 0 of 8 made ones');
  });

  it('is inconclusive where answers are few, and says so', () => {
    // Fisher: 1 / C(3, 1) = 1/3.
    const few = concludeQuiz([...answers('cppn', 0, 2), ...answers('real', 1, 0)]);
    expect(few).toEqual({
      verdict: 'inconclusive',
      sentence: 'Inconclusive: 3 answers are too few to tell made images from real ones, or from guessing.',
    });
    expect(concludeQuiz([]).verdict).toBe('inconclusive');
  });

  it('is inconclusive where real images are not agreed on either, and says that', () => {
    expect(concludeQuiz([...answers('cppn', 1, 7), ...answers('real', 0, 4)]).sentence).toBe(
      "Inconclusive: you gave the network's answer to real images (0 of 4) no more often than to made ones (1 of 8).",
    );
  });

  it('is inconclusive without real images, however seldom somebody agrees', () => {
    const { verdict, sentence } = concludeQuiz(answers('cppn', 0, 20));
    expect(verdict).toBe('inconclusive');
    expect(sentence).toContain('no real image was among them');
  });

  it('is agreement where made images are answered better than by guessing', () => {
    // 8 of 8 at one in four is 4^-8; 8 of 8 and 4 of 4 do not differ.
    expect(concludeQuiz([...answers('cppn', 8, 0), ...answers('real', 4, 0)]).verdict).toBe('agrees');
    // Nobody is said to see something for a guess that comes true.
    expect(concludeQuiz(answers('cppn', 1, 0)).verdict).toBe('inconclusive');
  });

  it('is a part where both hold', () => {
    // 10 of 20 at one in four: 0.0139; against 10 of 10 by Fisher: 0.0110. Both by sums of binomial coefficients.
    expect(concludeQuiz([...answers('cppn', 10, 10), ...answers('real', 10, 0)]).verdict).toBe('partly');
  });
});

describe('the conclusion of a class', () => {
  const typical = [...answers('cppn', 0, 8), ...answers('real', 4, 0)];

  it('compares people, so that many answers of few are not enough', () => {
    // Five of five: p = 1/16; six of six: 1/32.
    expect(concludeClass(Array(5).fill(typical)).verdict).toBe('inconclusive');
    const six = concludeClass(Array(6).fill(typical));
    expect(six.verdict).toBe('differs');
    expect(six.sentence).toContain('6 of 6');
    expect(six.sentence).toContain('p = 0.03');
  });

  it('leaves out whoever has not answered both kinds', () => {
    expect(concludeClass(Array(20).fill(answers('cppn', 0, 8))).verdict).toBe('inconclusive');
    expect(concludeClass([]).sentence).toContain('no image');
  });
});
