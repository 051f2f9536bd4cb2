/** @file A search as a process of its own: it can be stopped and killed like any other, and the server stays free. */

import { type ChildProcess, spawn } from 'node:child_process';

const PROGRAM = new URL('../../bin/pareidolia.js', import.meta.url).pathname;

/** How the process of a run ended. */
export interface RunEnd {
  /** As asked: the run is saved and can go on, or is complete. */
  readonly ok: boolean;
  /** What it said last, where something went wrong. */
  readonly error: string;
}

export class RunProcess {
  readonly #process: ChildProcess;
  #said = '';
  readonly ended: Promise<RunEnd>;

  /** @param options of `pareidolia fool` */
  constructor(options: readonly string[]) {
    this.#process = spawn(process.execPath, [PROGRAM, 'fool', ...options, '--checkpoint-every', '0.4'], {
      stdio: ['ignore', 'ignore', 'pipe'],
      // Ctrl-C in the server's terminal is for the server, which then stops its searches itself.
      detached: process.platform !== 'win32',
    });
    this.#process.stderr?.on('data', (text: Buffer) => {
      this.#said = `${this.#said}${text}`.slice(-2000);
    });
    this.ended = new Promise((resolve) => {
      this.#process.on('error', (error) => resolve({ ok: false, error: error.message }));
      // 130 and 143: stopped by a signal, and saved.
      this.#process.on('exit', (code, signal) => {
        const ok = code === 0 || code === 130 || code === 143 || signal !== null;
        resolve({ ok, error: ok ? '' : lastSentence(this.#said) });
      });
    });
  }

  /** Asks it to finish its generation, save and end. */
  stop(): void {
    this.#process.kill('SIGINT');
  }
}

function lastSentence(said: string): string {
  const line =
    said
      .trimEnd()
      .split(/[\r\n]+/)
      .at(-1) ?? '';
  return line.replace(/^pareidolia: /, '') || 'The search ended without a word';
}
