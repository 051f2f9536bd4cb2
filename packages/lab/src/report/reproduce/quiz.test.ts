import { expect, it } from 'vitest';
import type { Quiz } from '../../finding/quiz.ts';
import { quizSection } from './quiz.ts';

const shape = { channels: 1, height: 4, width: 4 } as const;
const quiz: Quiz = {
  title: 'Choose',
  caption: 'Which?',
  questions: [2, 0].map((right) => ({ shape, planes: new Uint8Array(16), labels: ['a', 'b', '<c>', 'd'], right })),
  afterwards: 'No network did well.',
};

it('a quiz has a group of radio buttons for each question, of which one is the right answer, and no script', () => {
  const page = quizSection(quiz, 'quiz').toString();
  for (const [index, right] of [
    [0, '&lt;c&gt;'],
    [1, 'a'],
  ] as const) {
    expect(page.split(`name="quiz-${index}"`).length - 1).toBe(4);
    expect(page).toContain(`name="quiz-${index}" autocomplete="off" class="right">${right}</label>`);
  }
  expect(page.match(/class="right"/g)).toHaveLength(2);
  expect(page).toContain('No network did well.');
  expect(page).not.toMatch(/<script|onclick|action=/);
});
