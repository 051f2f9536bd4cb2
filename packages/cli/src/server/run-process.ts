/** @file A search as a process of its own: it can be stopped and killed like any other, and the server stays free. */

import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { isRunMessage, STOP_WITH_PARENT } from '../parent/run-messages.ts';
import { lastSentence } from './last-sentence.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/pareidolia.js', import.meta.url));

/**
 * Milliseconds that a step may still take when its search is to stop. A step of a large network takes minutes, so then the
 * process is killed: its last checkpoint is good, and a run that goes on from it ends with the same bytes.
 */
const GRACE = 500;

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
  #stopping = false;
  #killing: NodeJS.Timeout | undefined;
  /** Share of the search that is done, within a step, too; as it was told last. */
  share = 0;
  readonly ended: Promise<RunEnd>;

  /**
   * @param options of `pareidolia fool`
   * @param program that is run; this one when absent
   */
  constructor(options: readonly string[], program = PROGRAM) {
    this.#process = spawn(process.execPath, [program, 'fool', ...options, '--checkpoint-every', '0.4'], {
      // The channel closes when the server ends for any reason; the process then stops.
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, [STOP_WITH_PARENT]: '1' },
      // Ctrl-C in the server's terminal is for the server, which then stops its searches itself.
      detached: process.platform !== 'win32',
    });
    this.#process.stderr?.on('data', (text: Buffer) => {
      this.#said = `${this.#said}${text}`.slice(-8000);
    });
    this.#process.on('message', (message) => {
      if (!isRunMessage(message)) return;
      if (message === 'saving') clearTimeout(this.#killing);
      else this.share = message.share;
    });
    this.ended = new Promise((resolve) => {
      this.#process.on('error', (error) => resolve({ ok: false, error: error.message }));
      this.#process.on('close', (code, signal) => {
        clearTimeout(this.#killing);
        // 130 and 143: stopped by a signal, and saved.
        const ok = code === 0 || code === 130 || code === 143 || (signal !== null && this.#stopping);
        resolve({
          ok,
          error: ok ? '' : (lastSentence(this.#said) ?? `The search was ended by ${signal ?? `code ${code}`}`),
        });
      });
    });
  }

  /** Asks it to finish its generation, save and end, and ends it where that takes long. A second request would end it at once, so only one is sent. */
  stop(): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#process.kill('SIGINT');
    this.#killing = setTimeout(() => this.#process.kill('SIGKILL'), GRACE);
  }
}
