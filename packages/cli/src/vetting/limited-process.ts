/** @file A process of its own for work on input from strangers: it may crash, hang or grow, and is ended when it does. */

import { type ChildProcess, fork } from 'node:child_process';
import { memoryOf, processorSeconds, resetPeak } from './process-memory.ts';

/** What a job may take. */
export interface Limits {
  /**
   * Most seconds of processor time from when the job is sent until it answers, so that a machine that is busy with other things
   * changes nothing. Where the system does not tell (other than Linux), they are seconds of a clock.
   */
  readonly seconds: number;
  /** Most seconds of a clock, for a job that waits instead of computing; ten times as many as above when absent. */
  readonly wait?: number;
  /** Most bytes of resident memory, those of Node itself (about 60 MB) included. */
  readonly bytes: number;
}

/** How a job ended. */
export type Outcome =
  | {
      readonly kind: 'answer';
      /** What the process sent back. */
      readonly value: unknown;
      readonly seconds: number;
      /** The most resident memory during the job, in bytes; 0 where the system does not tell. */
      readonly peak: number;
    }
  /** The process ended by itself: by a signal (SIGSEGV, SIGFPE), or with a code other than an answer. */
  | {
      readonly kind: 'crash';
      readonly signal: NodeJS.Signals | null;
      readonly code: number | null;
      /** The last of what it wrote to stderr. */
      readonly said: string;
    }
  | { readonly kind: 'too slow'; readonly seconds: number }
  | { readonly kind: 'too large'; readonly bytes: number };

/** Seconds of a clock for each of processor time: other work may take most of the processor. */
const PATIENCE = 10;
/** How often memory and time are looked at, in milliseconds. */
const POLL = 20;
/** How much of stderr is kept, in characters. */
const MOST_SAID = 4000;
/** How long a process may take to start, in milliseconds. */
const START = 30_000;

/**
 * A process that does one job after the other, and is started anew after one that did not end well. Its module says `ready` once
 * it can take jobs, and answers each message with one message.
 *
 * ```ts
 * process.on('message', (job) => process.send(answer(job)));
 * process.send('ready');
 * ```
 */
export class LimitedProcess {
  readonly #module: string;
  #child: ChildProcess | undefined;
  #said = '';

  /** @param module path of the JavaScript module that the process runs */
  constructor(module: string) {
    this.#module = module;
  }

  /**
   * Does a job. Only one at a time.
   *
   * @param job anything that can be cloned between processes (typed arrays are)
   */
  async run(job: unknown, { seconds, bytes, wait = PATIENCE * seconds }: Limits): Promise<Outcome> {
    const child = this.#child ?? (await this.#start());
    if (!child.connected) return this.#crashed(child);
    this.#said = '';
    resetPeak(child.pid);
    const start = performance.now();
    const elapsed = (): number => (performance.now() - start) / 1000;
    const before = processorSeconds(child.pid);
    const taken = (): number => {
      const now = before === undefined ? undefined : processorSeconds(child.pid);
      return now === undefined ? elapsed() : now - before!;
    };
    const outcome = await new Promise<Outcome | undefined>((resolve) => {
      const done = (how: Outcome | undefined): void => {
        clearInterval(watch);
        child.off('message', answered).off('exit', ended);
        resolve(how);
      };
      const answered = (value: unknown): void => {
        const { peak } = memoryOf(child.pid);
        done(peak > bytes ? { kind: 'too large', bytes: peak } : { kind: 'answer', value, seconds: elapsed(), peak });
      };
      const ended = (): void => done(undefined);
      const watch = setInterval(() => {
        const { peak } = memoryOf(child.pid);
        if (peak > bytes) done({ kind: 'too large', bytes: peak });
        else if (taken() > seconds || elapsed() > wait) done({ kind: 'too slow', seconds: elapsed() });
      }, POLL);
      child.on('message', answered).on('exit', ended);
      child.send(job as never, (error) => {
        if (error !== null) done(undefined);
      });
    });
    if (outcome === undefined) return this.#crashed(child);
    if (outcome.kind !== 'answer') this.#stop();
    return outcome;
  }

  /** Ends the process. */
  dispose(): void {
    this.#stop();
  }

  async #start(): Promise<ChildProcess> {
    const child = fork(this.#module, {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      // Not those of this process: a debugger, or the conditions of a test runner.
      execArgv: [],
    });
    this.#child = child;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-MOST_SAID);
    });
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(wait);
        child.off('message', done).off('exit', done).off('error', done);
        resolve();
      };
      const wait = setTimeout(done, START);
      child.once('message', done).once('exit', done).once('error', done);
    });
    return child;
  }

  async #crashed(child: ChildProcess): Promise<Outcome> {
    this.#child = undefined;
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await new Promise<void>((resolve) => {
        child.once('exit', () => resolve()).once('error', () => resolve());
      });
    }
    return { kind: 'crash', signal: child.signalCode, code: child.exitCode, said: this.#said };
  }

  #stop(): void {
    this.#child?.removeAllListeners('message');
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }
}
