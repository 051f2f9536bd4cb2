import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  countsOf,
  countsSent,
  Phone,
  type RunningStudio,
  startStudio,
  Teacher,
  takeQuiz,
} from './support/class-phones.mjs';

const [PHONES, QUESTIONS] = [40, 8] as const;

const folder = mkdtempSync(join(tmpdir(), 'class-phones-'));
let studio: RunningStudio;
let teacher: Teacher;
beforeAll(async () => {
  studio = await startStudio(folder);
  teacher = new Teacher(studio);
  await teacher.listen();
});
afterAll(async () => {
  teacher?.close();
  await studio?.stop();
  rmSync(folder, { recursive: true, force: true });
});

it('forty phones that load the page, join and answer at once lose no answer, whoever vanishes, answers twice or comes back', async () => {
  const { code } = await teacher.open(QUESTIONS);
  // All come from one address here, as through the router of a school.
  await teacher.call('class.admit', {});
  const phones = Array.from({ length: PHONES }, () => new Phone(studio.origin));
  await Promise.all(phones.map((phone) => phone.load()));
  const { answers, stayed, miscounted } = await takeQuiz(phones, {
    code,
    questions: QUESTIONS,
    choose: (pupil, place) => ((3 * pupil + place) % 5) - 1,
  });
  expect(miscounted).toBe(0);
  const view = (await teacher.call('class.view', {})).view!;
  expect(view).toMatchObject({ joined: PHONES, finished: stayed });
  expect(countsOf(view)).toEqual(countsSent(answers, view));
  // What was told live has come to the same.
  await expect.poll(() => teacher.view).toEqual(view);
  const { text } = await teacher.call('class.file', { file: 'csv' });
  expect(text.trim().split('\r\n')).toHaveLength(1 + answers.flat().length);

  // In the end all of them see the same result.
  await teacher.call('class.reveal', {});
  const outcomes = await Promise.all(phones.map(async (phone) => (await phone.look()).outcome!));
  for (const [i, outcome] of outcomes.entries()) {
    expect(outcome.class).toEqual({ joined: PHONES, rows: view.rows, conclusion: view.conclusion });
    expect(outcome.questions.map(({ own }) => own)).toEqual(answers[i]);
  }
  for (const phone of phones) phone.vanish();
});
