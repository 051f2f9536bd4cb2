import { readFileSync } from 'node:fs';
import { argmax, imageSize, localBreeder, OnnxClassifier, parseCard, Random } from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import type { QuizKind } from '@pareidolia/lab/quiz';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StudioEvent } from '../protocol.ts';
import { Studio } from '../studio.ts';
import { planQuiz, realCount } from './quiz-plan.ts';
import type { QuizView } from './quiz-views.ts';
import { Quizzes } from './quizzes.ts';

const ASSETS = new URL('../../../../core/assets/', import.meta.url);
const asset = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, ASSETS)));
const cardOf = (name: string): unknown => JSON.parse(readFileSync(new URL(name, ASSETS), 'utf8'));

const runtime = nodeRuntime();
const listeners = new Set<(event: StudioEvent) => void>();
let pauses = 0;
let studio: Studio;
let digits: string;
let things: string;
let network: OnnxClassifier;

beforeAll(async () => {
  studio = new Studio({
    host: {
      version: '0',
      engine: 'server',
      runtime,
      device: 'cpu',
      threads: 1,
      missing: [],
      pause: () => {
        pauses++;
        return new Promise((resolve) => setImmediate(resolve));
      },
      now: () => performance.now(),
      emit: (event) => {
        for (const listener of listeners) listener(event);
      },
      breeder: localBreeder,
    },
  });
  const card = cardOf('lenet-digits.card.json');
  digits = (await studio.models.load('digits', asset('lenet-digits.onnx'), card)).id;
  things = (await studio.models.load('things', asset('cnn-things.onnx'), cardOf('cnn-things.card.json'))).id;
  network = await OnnxClassifier.load(asset('lenet-digits.onnx'), {
    card: parseCard(card),
    runtime,
    device: 'cpu',
    threads: 1,
    where: 'digits',
  });
});
afterAll(async () => {
  await studio.dispose();
  await network.dispose();
});

let count = 0;
type Asked = Partial<Parameters<typeof studio.call<'quiz.start'>>[1]>;

/** Resolves when it is no longer prepared. */
function ended(quiz: string): Promise<StudioEvent & { readonly type: 'quiz' }> {
  return new Promise((resolve) => {
    const listener = (event: StudioEvent): void => {
      if (event.type !== 'quiz' || event.status.id !== quiz || event.status.state === 'preparing') return;
      listeners.delete(listener);
      resolve(event);
    };
    listeners.add(listener);
  });
}

async function made(asked: Asked): Promise<QuizView> {
  const quiz = `quiz-${++count}`;
  const end = ended(quiz);
  await studio.call('quiz.start', { quiz, model: digits, seed: 1, questions: 12, kinds: ['cppn', 'real'], ...asked });
  await end;
  return studio.call('quiz.open', { quiz });
}

const ALL: readonly QuizKind[] = ['cppn', 'direct', 'ascent', 'real'];

describe('a quiz', () => {
  it('shows all kinds in shuffled order, each image with what the network itself answers, among four classes', async () => {
    const { status, questions } = await made({ kinds: [...ALL] });
    expect(status).toMatchObject({ state: 'ready', ready: 12, questions: 12 });
    const kinds = questions.map(({ kind }) => kind);
    expect(ALL.map((kind) => kinds.filter((one) => one === kind).length)).toEqual([3, 3, 2, 4]);
    expect(kinds).not.toEqual([...kinds].sort());
    for (const { planes, labels, right, confidence } of questions) {
      expect(planes).toHaveLength(imageSize(network.shape));
      expect(new Set(labels).size).toBe(4);
      const { data } = await network.predict({ ...network.shape, count: 1, data: planes });
      expect(network.classNames[argmax(data)]).toBe(labels[right]);
      expect(Math.max(...data)).toBeCloseTo(confidence, 5);
    }
  });

  it('is the same with the same seed, and another one with another', async () => {
    const kinds: QuizKind[] = ['cppn', 'ascent', 'real'];
    const [first, same, other] = [await made({ kinds }), await made({ kinds }), await made({ kinds, seed: 2 })];
    expect(same.questions).toEqual(first.questions);
    expect(other.questions).not.toEqual(first.questions);
  });

  it('asks about real images that the network names rightly, of different classes', async () => {
    const { questions } = await made({ model: things, kinds: ['real'], questions: 6 });
    expect(questions).toHaveLength(6);
    expect(new Set(questions.map(({ labels, right }) => labels[right])).size).toBe(6);
  });

  it('takes the images that are brought, and leaves those out that the network is wrong about', async () => {
    const { images, names } = await studio.call('samples.draw', { model: digits, count: 30, seed: 5 });
    const truth = names.map((name) => network.classNames.indexOf(name));
    // All but the first ten are labelled wrongly.
    const labels = truth.map((label, place) => (place < 10 ? label : (label + 1) % 10));
    const { questions } = await made({ kinds: ['real'], questions: 6, images: { data: images, labels } });
    const brought = new Map(
      truth.slice(0, 10).map((_, place) => [`${images.slice(784 * place, 784 * (place + 1))}`, place]),
    );
    expect(questions.length).toBeGreaterThan(0);
    for (const { planes } of questions) expect(brought.has(`${planes}`)).toBe(true);
  });

  it('tells how far it is, and asks for the first image before the last one is made', async () => {
    const quiz = 'told';
    const events: (StudioEvent & { readonly type: 'quiz' })[] = [];
    const listener = (event: StudioEvent): void => {
      if (event.type === 'quiz' && event.status.id === quiz) events.push(event);
    };
    listeners.add(listener);
    const end = ended(quiz);
    await studio.call('quiz.start', { quiz, model: digits, seed: 3, questions: 6, kinds: ['direct', 'ascent'] });
    await end;
    listeners.delete(listener);
    const told = events.filter(({ question }) => question !== undefined);
    expect(told.map(({ status }) => status.ready)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(told[0]!.status.state).toBe('preparing');
    for (const { status } of events) {
      expect(status.share).toBeGreaterThanOrEqual(0);
      expect(status.share).toBeLessThanOrEqual(1);
    }
    expect(events.at(-1)!.status).toMatchObject({ state: 'ready', share: 0 });
  });

  it('ends at the next pause when it is stopped, and keeps what is ready', async () => {
    const quiz = 'stopped';
    const end = ended(quiz);
    await studio.call('quiz.start', { quiz, model: things, seed: 3, questions: 40, kinds: ['direct'] });
    await studio.call('quiz.stop', { quiz });
    const before = pauses;
    expect((await end).status).toMatchObject({ state: 'stopped', questions: 40 });
    expect(pauses - before).toBeLessThanOrEqual(2);
  });

  it('that a class sees stays, however many are begun after it; of the others the oldest goes', async () => {
    const host = {
      version: '0',
      engine: 'server' as const,
      runtime,
      device: 'cpu' as const,
      threads: 1,
      missing: [],
      pause: () => new Promise<void>((resolve) => setImmediate(resolve)),
      now: () => performance.now(),
      emit: () => {},
      breeder: localBreeder,
    };
    const quizzes = new Quizzes(host, studio.models, ({ id }) => id === 'class');
    for (const quiz of ['class', 'first', 'second', 'third', 'fourth', 'fifth']) {
      quizzes.start({ quiz, model: digits, seed: 1, questions: 1, kinds: ['real'] });
    }
    for (const kept of ['class', 'third', 'fourth', 'fifth']) expect(quizzes.open(kept).status.id).toBe(kept);
    for (const gone of ['first', 'second']) expect(() => quizzes.open(gone)).toThrow('no such quiz any more');
    await quizzes.dispose();
  });

  it.each([
    [{ model: 'model-9' }, 'not loaded'],
    [{ images: { data: new Uint8Array(5) } }, 'no whole number of images'],
    [{ images: { data: new Uint8Array(784), labels: [10] } }, 'labels do not belong'],
    [{ kinds: [] }, 'kinds'],
    [{ kinds: ['noise'] }, 'kinds'],
  ])('that cannot be made is refused in a sentence: %j', async (asked, message) => {
    await expect(made(asked as Asked)).rejects.toThrow(message);
  });

  it('of real images of which none is named rightly says so', async () => {
    const { images, names } = await studio.call('samples.draw', { model: digits, count: 5, seed: 5 });
    const labels = names.map((name) => (Number(name) + 1) % 10);
    const { status } = await made({ kinds: ['real'], images: { data: images, labels } });
    expect(status).toMatchObject({
      state: 'failed',
      error: expect.stringContaining('names none of the real images rightly'),
    });
  });
});

describe('the plan', () => {
  it('has a third of real images, and the rest in equal parts', () => {
    expect(realCount(12, ALL)).toBe(4);
    expect(realCount(12, ['cppn'])).toBe(0);
    expect(realCount(12, ['real'])).toBe(12);
    const plan = planQuiz(12, ALL, 4, Random.stream(1));
    expect(ALL.map((kind) => plan.filter((one) => one === kind).length)).toEqual([3, 3, 2, 4]);
    expect(planQuiz(5, ['real'], 3, Random.stream(1))).toEqual(['real', 'real', 'real']);
  });
});
