import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Answers, ClassView, Method, Parameters, PupilView } from '@pareidolia/studio';
import { decodeMessage, encodeMessage } from '@pareidolia/studio/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningStudio, serveStudio } from './studio-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'class-'));
const TOKEN = 'a'.repeat(43);
let studio: RunningStudio;
let base: URL;
let model: string;

beforeAll(async () => {
  studio = await serveStudio({
    runs: join(folder, 'runs'),
    host: '127.0.0.1',
    port: 0,
    threads: 1,
    device: 'cpu',
    token: TOKEN,
    pages: new Map([['/', { type: 'text/html', read: () => Buffer.from('<html>'), lasting: false }]]),
  });
  base = new URL(studio.url);
  model = (await call('about', {})).first;
});
afterAll(async () => {
  await studio.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What the server answers to a message, with any headers. */
function post(path: string, body: Uint8Array, headers: Record<string, string> = {}) {
  return new Promise<{ readonly status: number; readonly answer: unknown }>((resolve, reject) => {
    const { hostname, port } = base;
    const type = { 'Content-Type': 'application/msgpack', ...headers };
    const outgoing = request({ hostname, port, path, method: 'POST', headers: type }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, answer: decodeMessage(Buffer.concat(parts)) }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

async function call<M extends Method>(method: M, parameters: Parameters<M>): Promise<Answers[M]> {
  const body = encodeMessage(parameters);
  const { status, answer } = await post(`/api/call/${method}`, body, { Authorization: `Bearer ${TOKEN}` });
  if (status !== 200) throw new Error((answer as { error: string }).error);
  return answer as Answers[M];
}

const ask = (path: string, fields: unknown) => post(`/api/class/${path}`, encodeMessage(fields));

let count = 0;
/** A quiz of drawn digits alone, which is soon made. */
async function opened(): Promise<ClassView> {
  const quiz = `quiz-${++count}`;
  await call('class.open', { quiz, model, seed: 1, questions: 4, kinds: ['real'] });
  for (;;) {
    const { view } = await call('class.view', {});
    if (view!.status.state === 'ready') return view!;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function joined(code: string): Promise<string> {
  const { status, answer } = await ask('join', { code });
  expect(status).toBe(200);
  return (answer as { pupil: string }).pupil;
}

describe('the quiz of a class', () => {
  it('is open to nobody before the teacher opens it, and after it is closed', async () => {
    const closed = { status: 403, answer: { error: 'No quiz is open here now; wait for a code on the screen' } };
    for (const path of ['join', 'look', 'answer']) expect(await ask(path, { code: 'ABCDEF' })).toEqual(closed);
    const { code } = await opened();
    const pupil = await joined(code);
    await call('class.close', {});
    expect(await ask('look', { pupil })).toEqual(closed);
    await expect(call('class.file', { file: 'csv' })).rejects.toThrow('No quiz is open for a class');
  });

  it('is answered by pupils without the token, and counted for the teacher', async () => {
    const { code, addresses } = await opened();
    expect(addresses[0]).toBe(`http://127.0.0.1:${base.port}/quiz`);
    const [one, other] = [await joined(code), await joined(code)];
    for (let place = 0; place < 4; place++) {
      const { answer } = await ask('answer', { pupil: one, place, choice: -1 });
      expect((answer as PupilView).answered).toBe(place + 1);
    }
    const { answer } = await ask('look', { pupil: other });
    const { question } = answer as PupilView;
    expect(question!.planes).toHaveLength(28 * 28);
    expect(question).not.toHaveProperty('right');
    await ask('answer', { pupil: other, place: 0, choice: 2 });
    const { view } = await call('class.view', {});
    expect(view).toMatchObject({ joined: 2, finished: 1, isRevealed: false });
    expect(view!.questions.map(({ nothing }) => nothing)).toEqual([1, 1, 1, 1]);
    await call('class.reveal', {});
    const revealed = (await ask('look', { pupil: one })).answer as PupilView;
    expect(revealed.outcome!.class.joined).toBe(2);
    const { text } = await call('class.file', { file: 'csv' });
    expect(text.trim().split('\r\n')).toHaveLength(1 + 5);
    await call('class.close', {});
  });
});

describe('a hostile pupil', () => {
  let code: string;
  let pupil: string;
  beforeAll(async () => {
    ({ code } = await opened());
    pupil = await joined(code);
  });
  afterAll(() => call('class.close', {}));

  it('opens nothing else with the code or the secret', async () => {
    for (const key of [code, pupil]) {
      const about = await post('/api/call/about', encodeMessage({}), { Authorization: `Bearer ${key}` });
      expect(about.status).toBe(401);
      expect((await post('/api/call/class.reveal', encodeMessage({}), { Authorization: `Bearer ${key}` })).status).toBe(
        401,
      );
      expect((await post('/api/exchange', encodeMessage({ code: key }))).status).toBe(401);
    }
    expect((await post('/api/call/class.view', encodeMessage({}))).status).toBe(401);
  });

  it('is refused in one sentence: wrong codes, foreign secrets, answers twice, to other questions, and what is no message', async () => {
    const sentence = { error: expect.stringMatching(/^[A-Z][^.]*[^.]$/) };
    const first = await ask('answer', { pupil, place: 0, choice: 0 });
    expect(first.status).toBe(200);
    const refused: readonly (readonly [string, unknown, number])[] = [
      ['join', { code: 'WRONG2' }, 403],
      ['join', {}, 403],
      ['look', { pupil: code }, 401],
      ['answer', { pupil, place: 0, choice: 1 }, 409],
      ['answer', { pupil, place: 3, choice: 1 }, 400],
      ['answer', { pupil, place: 1, choice: 99 }, 400],
      ['answer', { pupil, place: 1, choice: '0' }, 400],
      ['look', [pupil], 400],
      ['look', null, 400],
      ['look', { pupil: { pupil } }, 400],
    ];
    for (const [path, fields, status] of refused) {
      expect([path, fields, await ask(path, fields)]).toEqual([path, fields, { status, answer: sentence }]);
    }
    const half = encodeMessage({ pupil }).slice(0, 10);
    expect(await post('/api/class/look', half)).toEqual({ status: 400, answer: sentence });
    const plain = await post('/api/class/look', new TextEncoder().encode('{}'), { 'Content-Type': 'application/json' });
    expect(plain).toEqual({ status: 415, answer: sentence });
    expect((await call('class.view', {})).view!.questions.map(({ counts }) => counts.reduce((a, b) => a + b))).toEqual([
      1, 0, 0, 0,
    ]);
  });

  it('cannot send much: giant bodies are refused before they are read', async () => {
    const giant = encodeMessage({ pupil, place: 1, choice: 0, more: 'x'.repeat(100_000) });
    expect(await post('/api/class/answer', giant)).toEqual({
      status: 413,
      answer: { error: 'This is larger than any answer to a quiz' },
    });
  });

  it('is slowed down when it asks thousands of times, and another pupil is not', async () => {
    const other = await joined(code);
    const statuses = new Map<number, number>();
    for (let i = 0; i < 300; i++) {
      const { status } = await ask('answer', { pupil, place: 0, choice: 1 });
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status === 429) break;
    }
    expect([...statuses.keys()]).toContain(409);
    expect((await ask('look', { pupil: other })).status).toBe(200);
  });

  it('is not let in by another site', async () => {
    const body = encodeMessage({ code });
    expect((await post('/api/class/join', body, { Origin: 'http://evil.example' })).status).toBe(403);
    expect((await post('/api/class/join', body, { Host: `evil.example:${base.port}` })).status).toBe(403);
  });
});
