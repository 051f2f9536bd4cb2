/** @file A campaign that goes on in a process of its own: `campaign start --resume`, begun by the studio. */

import { type ChildProcess, spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { STOP_WITH_PARENT } from '../parent/run-messages.ts';
import { lastSentence } from './last-sentence.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/pareidolia.js', import.meta.url));

/** Milliseconds that a campaign has to stop in good order; what is finished is saved in any case. */
const GRACE = 6000;

export class CampaignProcess {
  readonly #process: ChildProcess;
  readonly #ended: Promise<void>;
  #said = '';
  #stopping = false;
  isOver = false;
  /** Why it has ended, where something went wrong. */
  error: string | undefined;
  /** Resolves once it has said something, or has ended. */
  readonly begun: Promise<void>;

  /**
   * @param folder of the campaign
   * @param queue with its password; on this machine when absent
   */
  constructor(folder: string, queue: string | undefined) {
    const { PAREIDOLIA_QUEUE: _, ...environment } = process.env;
    const local = ['--local', String(Math.max(1, Math.floor(availableParallelism() / 2)))];
    const options = ['campaign', 'start', '--resume', '--out', folder, ...(queue === undefined ? local : [])];
    this.#process = spawn(process.execPath, [PROGRAM, ...options], {
      // The channel closes when the server ends for any reason; the process then stops.
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      // A password is in no command line, which others can see.
      env: { ...environment, ...(queue === undefined ? {} : { PAREIDOLIA_QUEUE: queue }), [STOP_WITH_PARENT]: '1' },
      detached: process.platform !== 'win32',
    });
    this.begun = new Promise((resolve) => {
      this.#process.stderr!.on('data', (text: Buffer) => {
        this.#said = `${this.#said}${text}`.slice(-8000);
        resolve();
      });
      this.#process.on('close', () => resolve());
      this.#process.on('error', () => resolve());
    });
    this.#ended = new Promise((resolve) => {
      const end = (error?: string): void => {
        this.isOver = true;
        if (!this.#stopping) this.error = error;
        resolve();
      };
      this.#process.on('error', ({ message }) => end(message));
      this.#process.on('close', (code) => end(code === 0 ? undefined : lastSentence(this.#said)));
    });
  }

  /** Asks it to save and end, and resolves when it has. */
  async stop(): Promise<void> {
    if (this.isOver) return;
    this.#stopping = true;
    this.#process.kill('SIGINT');
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), GRACE);
    await this.#ended;
    clearTimeout(timer);
  }
}
