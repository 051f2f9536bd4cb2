/**
 * @file A class that takes a quiz: the studio's server as a process of its own, the teacher's page, and phones that ask for what the
 * pupil's page asks for, each over connections of its own.
 */

import { spawn } from 'node:child_process';
import { Agent, request } from 'node:http';
import { decodeMessage, decodeMessages, encodeMessage } from '@pareidolia/studio/wire';

const PROGRAM = new URL('../../packages/cli/bin/pareidolia.js', import.meta.url).pathname;

const MESSAGE = 'application/msgpack';

/** Connections that a browser opens to one server. */
const BROWSER_CONNECTIONS = 6;

/** Question after which some phones are gone for good. */
const LAST_OF_SOME = 3;

/** An answer of the server that is a refusal, in its sentence. */
export class Refused extends Error {
  constructor(status, sentence) {
    super(sentence);
    this.status = status;
  }
}

/**
 * Starts the studio.
 *
 * @param {string} folder where it works
 */
export async function startStudio(folder) {
  const args = ['studio', '--no-open', '--json', '--threads', '1'];
  const child = spawn(process.execPath, [PROGRAM, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  const line = await new Promise((resolve, reject) => {
    child.stdout.once('data', resolve);
    child.once('exit', (code) => reject(new Error(`The studio ended with ${code}`)));
  });
  const { origin, hash } = new URL(JSON.parse(String(line)).url);
  return {
    origin,
    token: new URLSearchParams(hash.slice(1)).get('token'),
    pid: child.pid,
    stop: async () => {
      const over = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGINT');
      await over;
    },
  };
}

/** The teacher's page: its calls, and the newest view that the stream of events has told. */
export class Teacher {
  /** @type {import('@pareidolia/studio').ClassView | undefined} */
  view;
  #origin;
  #token;
  #stream;
  /** Views that came over the stream. */
  views = 0;

  constructor({ origin, token }) {
    this.#origin = origin;
    this.#token = token;
  }

  async call(method, parameters) {
    const { status, body } = await ask(`${this.#origin}/api/call/${method}`, {
      body: encodeMessage(parameters),
      headers: { Authorization: `Bearer ${this.#token}` },
    });
    const answer = decodeMessage(body);
    if (status !== 200) throw new Refused(status, answer.error);
    return answer;
  }

  /** Listens as the page does, until it closes. */
  async listen() {
    const headers = { Authorization: `Bearer ${this.#token}` };
    const response = await new Promise((resolve, reject) => {
      this.#stream = request(`${this.#origin}/api/events`, { headers }, resolve).on('error', reject);
      this.#stream.end();
    });
    const follow = async () => {
      for await (const event of decodeMessages(response)) {
        if (event.type !== 'class') continue;
        this.view = event.view;
        this.views++;
      }
    };
    this.listening = follow().catch(() => {});
  }

  /** Opens a quiz of drawn digits alone, which are soon made, and waits until all are. */
  async open(questions) {
    const { first: model } = await this.call('about', {});
    await this.call('class.open', { quiz: 'class', model, seed: 1, questions, kinds: ['real'] });
    for (;;) {
      const { view } = await this.call('class.view', {});
      if (view.status.state === 'ready') return view;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  close() {
    this.#stream?.destroy();
  }
}

/** A phone with the pupil's page. */
export class Phone {
  #origin;
  #address;
  #agent;
  #has;
  /** The secret that it was given. */
  pupil;

  /** @param address of this machine that it asks from; the usual one when absent */
  constructor(origin, address) {
    this.#origin = origin;
    this.#address = address;
    this.#agent = this.#connections();
  }

  /** Loads the page with all that it names. @returns bytes */
  async load() {
    const html = String(await this.#get('quiz'));
    const files = [...html.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, file]) => file);
    const loaded = await Promise.all(files.map((file) => this.#get(file)));
    return loaded.reduce((sum, { length }) => sum + length, html.length);
  }

  async join(code) {
    ({ pupil: this.pupil } = await this.#post('join', { code }));
  }

  /** What is shown; the picture comes along unless the page has it. */
  async look() {
    const view = await this.#post('look', {
      pupil: this.pupil,
      ...(this.#has === undefined ? {} : { has: this.#has }),
    });
    this.#has = view.question?.place ?? this.#has;
    return view;
  }

  async answer(place, choice) {
    const view = await this.#post('answer', { pupil: this.pupil, place, choice });
    this.#has = view.question?.place;
    return view;
  }

  /** Sends an answer and is gone before it hears of it: the screen is locked, the room's network breaks. */
  async answerAndVanish(place, choice) {
    await new Promise((resolve) => {
      const options = { ...this.#options('POST'), headers: { 'Content-Type': MESSAGE } };
      const outgoing = request(`${this.#origin}/api/class/answer`, options);
      outgoing.on('error', () => {});
      outgoing.end(encodeMessage({ pupil: this.pupil, place, choice }), () => {
        this.vanish();
        resolve();
      });
    });
  }

  /** All its connections break; the tab may come back with what it had kept. */
  vanish() {
    this.#agent.destroy();
    this.#agent = this.#connections();
    this.#has = undefined;
  }

  /** Connections that are kept open, as a browser's. */
  #connections() {
    return new Agent({ keepAlive: true, maxSockets: BROWSER_CONNECTIONS });
  }

  #options(method) {
    return { method, agent: this.#agent, ...(this.#address === undefined ? {} : { localAddress: this.#address }) };
  }

  async #get(path) {
    const { status, body } = await this.#ask(path, 'GET');
    if (status !== 200) throw new Error(`${path}: ${status}`);
    return body;
  }

  async #post(path, fields) {
    const { status, body } = await this.#ask(`api/class/${path}`, 'POST', encodeMessage(fields));
    const answer = decodeMessage(body);
    if (status !== 200) throw new Refused(status, answer.error);
    return answer;
  }

  #ask(path, method, body) {
    return ask(`${this.#origin}/${path}`, { ...this.#options(method), body });
  }
}

/**
 * All phones join in the same moment, get the first image, and answer each question in the same moment. One of ten vanishes in the middle
 * of some of its answers and comes back, one of ten answers everything twice at once, and one of twenty is gone for good after the third
 * question.
 *
 * @param phones that have loaded the page
 * @param {(pupil: number, place: number) => number} choose what is answered
 * @param timed does a request of a kind; it may make it again
 * @returns what each has answered in the end; how many stayed; how often an answer that was sent twice was not counted once
 */
export async function takeQuiz(phones, { code, questions, choose, timed = (_, action) => action() }) {
  await Promise.all(phones.map((phone) => timed('join', () => phone.join(code))));
  await Promise.all(phones.map((phone) => timed('look', () => phone.look())));
  const answers = phones.map(() => []);
  const isGone = (i) => i % 20 === 3;
  let miscounted = 0;
  const answer = async (i, place) => {
    const [phone, choice] = [phones[i], choose(i, place)];
    if (isGone(i) && place >= LAST_OF_SOME) return phone.vanish();
    if (i % 10 === 1 && place % 3 === 1) {
      await phone.answerAndVanish(place, choice);
      const { answered } = await timed('look', () => phone.look());
      // Whoever comes back sees the question again where the answer has not arrived, and is refused where it comes in just now.
      if (answered === place) await timed('answer', () => phone.answer(place, choice).catch(unlessThere));
    } else if (i % 10 === 2) {
      const both = await Promise.allSettled([0, 1].map(() => phone.answer(place, choice)));
      const refused = both.filter(({ reason }) => reason instanceof Refused && reason.status === 409);
      if (refused.length !== 1) miscounted++;
    } else await timed('answer', () => phone.answer(place, choice));
    return answers[i].push(choice);
  };
  for (let place = 0; place < questions; place++) {
    await Promise.all(phones.map((_, i) => answer(i, place)));
  }
  return { answers, stayed: phones.filter((_, i) => !isGone(i)).length, miscounted };
}

function unlessThere(error) {
  if (!(error instanceof Refused) || error.status !== 409) throw error;
}

/** How many gave each answer to each question: "I see nothing" first, then the labels. */
export function countsOf(view) {
  return view.questions.map(({ counts, nothing }) => [nothing, ...counts]);
}

/** The same of what was sent. */
export function countsSent(answers, view) {
  return view.questions.map(({ counts }, place) =>
    [-1, ...counts.keys()].map((choice) => answers.filter((own) => own[place] === choice).length),
  );
}

/** A request; one over a connection that the server has closed meanwhile is made again, as browsers do. */
function ask(url, { body, headers = {}, method = 'POST', ...options }) {
  return new Promise((resolve, reject) => {
    const type = body === undefined ? {} : { 'Content-Type': MESSAGE, 'Content-Length': body.length };
    const outgoing = request(url, { ...options, method, headers: { ...type, ...headers } }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => resolve({ status: response.statusCode, body: Buffer.concat(parts) }));
      response.on('error', reject);
    });
    outgoing.on('error', (error) => {
      if (outgoing.reusedSocket && error.code === 'ECONNRESET')
        ask(url, { body, headers, method, ...options }).then(resolve, reject);
      else reject(error);
    });
    outgoing.end(body);
  });
}
