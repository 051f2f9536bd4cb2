import { Random } from '@pareidolia/core';
import { describe, expect, it } from 'vitest';
import type { StudioEvent } from '../protocol.ts';
import { Classroom, PupilRefused } from './classroom.ts';
import type { QuizJob } from './quiz-job.ts';
import { NOTHING, type QuizQuestion } from './quiz-views.ts';

const shape = { channels: 1, height: 1, width: 2 } as const;
const question = (kind: QuizQuestion['kind'], right: number): QuizQuestion => ({
  kind,
  shape,
  planes: Uint8Array.of(1, 2),
  labels: ['cat', '=dog', 'cow', 'pig'],
  right,
  confidence: 0.99,
});

function classroom({ ready = 3, isStopped = false }: { ready?: number; isStopped?: boolean } = {}) {
  let now = 0;
  const random = Random.stream(1);
  const events: StudioEvent[] = [];
  const awaited: (() => void)[] = [];
  const room = new Classroom(
    { now: () => now, emit: (event) => events.push(event) },
    {
      addresses: ['http://10.0.0.1:1/quiz'],
      isReachable: true,
      random: (bound) => random.integer(bound),
      later: (_, action) => awaited.push(action),
    },
  );
  const questions = [question('cppn', 0), question('real', 1), question('ascent', 2)].slice(0, ready);
  const job = {
    model: 'net',
    questions,
    status: () => ({
      id: 'q',
      state: isStopped ? 'stopped' : ready < 3 ? 'preparing' : 'ready',
      seed: 1,
      questions: 3,
      ready,
      share: 0,
    }),
    stop: () => {},
  } as unknown as QuizJob;
  const { code } = room.open(job);
  return { room, job, code, events, questions, wait: (ms: number) => (now += ms), rested: () => awaited.shift()?.() };
}

const refusal = (action: () => unknown): PupilRefused => {
  try {
    action();
  } catch (error) {
    if (error instanceof PupilRefused) return error;
    throw error;
  }
  throw new Error('It was not refused');
};

describe('the quiz of a class', () => {
  it('has a code of six letters that nobody takes for one another, typed in any way', () => {
    const { room, code } = classroom();
    expect(code).toMatch(/^[A-HJ-NP-Z2-9]{6}$/);
    expect(room.join(` ${code.slice(0, 3).toLowerCase()}-${code.slice(3)} `, '10.0.0.2')).toHaveLength(26);
    expect(room.view()?.joined).toBe(1);
  });

  it('counts what pupils answer, and tells the teacher at once, and then of all that comes in a moment', () => {
    const { room, code, events, rested } = classroom();
    const [anna, ben] = [room.join(code, '10.0.0.2'), room.join(code, '10.0.0.3')];
    expect(anna).not.toBe(ben);
    room.answer(anna, 0, NOTHING);
    room.answer(anna, 1, 1);
    room.answer(anna, 2, 3);
    room.answer(ben, 0, 0);
    const view = room.view()!;
    expect(view).toMatchObject({ joined: 2, finished: 1, isRevealed: false });
    expect(view.questions.map(({ counts, nothing }) => [...counts, nothing])).toEqual([
      [1, 0, 0, 0, 1],
      [0, 1, 0, 0, 0],
      [0, 0, 0, 1, 0],
    ]);
    expect(view.rows.map(({ kind, agreed, nothing }) => [kind, agreed.hits, nothing.hits, agreed.of])).toEqual([
      ['cppn', 1, 1, 2],
      ['ascent', 0, 0, 1],
      ['made', 1, 1, 3],
      ['real', 1, 0, 1],
    ]);
    expect(events).toMatchObject([{ type: 'class', view: { joined: 1 } }]);
    rested();
    expect(events.slice(1)).toEqual([{ type: 'class', view }]);
    // Of nothing new nothing is told, and of the next answer at once.
    rested();
    expect(events).toHaveLength(2);
    room.answer(ben, 1, 0);
    expect(events).toHaveLength(3);
    // What the teacher does is told at once.
    room.answer(ben, 2, 0);
    room.reveal();
    expect(events).toHaveLength(4);
    expect(events.at(-1)).toEqual({ type: 'class', view: room.view() });
    room.close();
    rested();
    expect(events.slice(4)).toEqual([{ type: 'class' }]);
  });

  it('tells a pupil nothing of what the network sees until the teacher shows it', () => {
    const { room, code } = classroom();
    const pupil = room.join(code, '10.0.0.2');
    const before = room.look(pupil);
    expect(before).toMatchObject({ state: 'asking', answered: 0, questions: 3 });
    expect(Object.keys(before.question!).sort()).toEqual(['labels', 'place', 'planes', 'shape']);
    room.answer(pupil, 0, 0);
    room.answer(pupil, 1, 1);
    expect(room.answer(pupil, 2, NOTHING)).toEqual({ state: 'done', model: 'net', questions: 3, answered: 3 });
    room.reveal();
    const { state, outcome } = room.look(pupil);
    expect(state).toBe('revealed');
    expect(outcome!.questions.map(({ own, right }) => [own, right])).toEqual([
      [0, 0],
      [1, 1],
      [NOTHING, 2],
    ]);
    expect(outcome!.class.joined).toBe(1);
    expect(refusal(() => room.answer(pupil, 2, 0)).status).toBe(409);
    expect(refusal(() => room.join(code, '10.0.0.9')).message).toContain('over');
  });

  it('sends an image once to a page that has it', () => {
    const { room, code } = classroom();
    const pupil = room.join(code, '10.0.0.2');
    expect(room.look(pupil, 1).question?.place).toBe(0);
    expect(room.look(pupil, 0)).toEqual({ state: 'asking', model: 'net', questions: 3, answered: 0 });
    room.answer(pupil, 0, 1);
    expect(room.look(pupil, 0).question?.place).toBe(1);
  });

  it('lets pupils wait for an image that is not made yet', () => {
    const { room, code } = classroom({ ready: 1 });
    const pupil = room.join(code, '10.0.0.2');
    expect(room.answer(pupil, 0, 2).state).toBe('waiting');
    expect(refusal(() => room.answer(pupil, 1, 2)).status).toBe(400);
  });

  it.each([
    [0, 4],
    [0, -2],
    [0, 0.5],
    [0, '0'],
    [0, undefined],
    [1, 0],
    [-1, 0],
    ['0', 0],
    [Number.NaN, 0],
  ])('refuses the answer to %j with %j, and counts nothing', (place, choice) => {
    const { room, code } = classroom();
    const pupil = room.join(code, '10.0.0.2');
    expect(refusal(() => room.answer(pupil, place, choice)).status).toBe(400);
    expect(room.view()!.rows).toEqual([]);
  });

  it('of fewer images than were asked for is done with the last of them, for pupil and teacher', () => {
    const { room, code } = classroom({ ready: 1, isStopped: true });
    const pupil = room.join(code, '10.0.0.2');
    expect(room.answer(pupil, 0, 2)).toMatchObject({ state: 'done', questions: 1, answered: 1 });
    expect(room.view()).toMatchObject({ joined: 1, finished: 1 });
  });

  it('takes one answer of a pupil to a question', () => {
    const { room, code } = classroom();
    const pupil = room.join(code, '10.0.0.2');
    room.answer(pupil, 0, 0);
    expect(refusal(() => room.answer(pupil, 0, 1)).message).toBe(
      'This question has your answer already; an answer is final',
    );
    expect(room.view()!.questions[0]!.counts).toEqual([1, 0, 0, 0]);
  });

  it('knows nobody by a wrong code or secret, nor after it was closed', () => {
    const { room, code } = classroom();
    for (const wrong of ['', 'AAAAAA', code.slice(1), `${code}A`, undefined, 5, { code }, [code]]) {
      expect(refusal(() => room.join(wrong, '10.0.0.2')).message).toBe(
        'This code opens no quiz; look at the screen again',
      );
    }
    const pupil = room.join(code, '10.0.0.2');
    for (const wrong of ['', code, undefined, 5, { pupil }]) expect(refusal(() => room.look(wrong)).status).toBe(401);
    room.close();
    expect(refusal(() => room.look(pupil)).status).toBe(401);
    expect(refusal(() => room.join(code, '10.0.0.2')).status).toBe(403);
    expect(room.view()).toBeUndefined();
  });

  it('lets one address join a few times, without a disadvantage for others, until the teacher lets in more', () => {
    const { room, code } = classroom();
    for (let i = 0; i < 6; i++) room.join(code, '10.0.0.66');
    expect(refusal(() => room.join(code, '10.0.0.66')).message).toContain('ask your teacher');
    room.join(code, '10.0.0.2');
    // A machine with IPv6 has addresses as it likes, in one network.
    for (let i = 0; i < 6; i++) room.join(code, `2001:db8:1:2:3:4:5:${i}`);
    expect(refusal(() => room.join(code, '2001:db8:1:2:9:9:9:9')).status).toBe(403);
    room.admitAll();
    room.join(code, '10.0.0.66');
    expect(room.view()!.joined).toBe(14);
    for (let i = 14; i < 300; i++) room.join(code, '10.0.0.66');
    expect(refusal(() => room.join(code, '10.0.0.67')).message).toContain('no room');
  });

  it('slows a pupil down who asks thousands of times, and nobody else', () => {
    const { room, code, wait } = classroom();
    const [hasty, calm] = [room.join(code, '10.0.0.66'), room.join(code, '10.0.0.2')];
    const looks = (): number => {
      let refused = 0;
      for (let i = 0; i < 1000; i++) {
        try {
          room.look(hasty);
        } catch {
          refused++;
        }
      }
      return refused;
    };
    expect(looks()).toBe(960);
    expect(refusal(() => room.look(hasty)).status).toBe(429);
    expect(room.look(calm).state).toBe('asking');
    wait(1000);
    expect(looks()).toBe(995);
  });

  it('is saved as a line for each answer, without names and safe for spreadsheets', () => {
    const { room, code } = classroom();
    const pupil = room.join(code, '10.0.0.2');
    room.answer(pupil, 0, 1);
    room.answer(pupil, 1, NOTHING);
    const csv = room.file('csv');
    expect(csv.type).toBe('text/csv');
    expect(csv.text.split('\r\n')).toEqual([
      'pupil,question,kind,network,confidence,answer,said',
      `1,1,"Patterns, evolved (CPPN)",cat,0.99,"'=dog",other`,
      `1,2,Real images,"'=dog",0.99,nothing,nothing`,
      '',
    ]);
    const json = JSON.parse(room.file('json').text);
    expect(json).toMatchObject({ model: 'net', seed: 1, joined: 1, finished: 0 });
    expect(json.answers).toHaveLength(2);
    expect(JSON.stringify(json)).not.toContain(pupil);
    expect(JSON.stringify(json)).not.toContain('10.0.0.2');
  });
});
