/** @file Computes units in another process. */

import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { InputError } from '@pareidolia/core';
import type { UnitResult } from '../units/run-unit.ts';
import type { FromExecutor, ToExecutor } from './executor-protocol.ts';

/** A unit, with all that it is made of by hashes. */
export interface UnitOrder {
  readonly plan: string;
  readonly key: string;
  readonly previous?: string | undefined;
  readonly elites?: string | undefined;
}

/** Where a unit is computed. */
export interface Executor {
  /**
   * One at a time.
   *
   * @param fetch gives bytes that have the hash
   * @throws InputError where it would be refused anywhere; UnitTroubleError where it may be done elsewhere; whatever `fetch` does
   */
  run(
    order: UnitOrder,
    fetch: (hash: string) => Promise<Uint8Array>,
    progress?: (share: number) => void,
  ): Promise<UnitResult>;
  dispose(): void;
}

/** What was wrong with the process, not with the unit, as far as is known. */
export class UnitTroubleError extends Error {
  override name = 'UnitTroubleError';
}

// A process runs compiled code, also when a test runs sources.
const PROCESS = fileURLToPath(new URL('../../../dist/cluster/worker/executor-process.js', import.meta.url));

/** A process that is started when it is first needed, and again after it has ended. */
export class ProcessExecutor implements Executor {
  readonly #threads: number;
  #child: ChildProcess | undefined;

  constructor(threads: number) {
    this.#threads = threads;
  }

  async run(
    order: UnitOrder,
    fetch: (hash: string) => Promise<Uint8Array>,
    progress: (share: number) => void = () => {},
  ): Promise<UnitResult> {
    const child = this.#child ?? this.#start();
    return new Promise<UnitResult>((resolve, reject) => {
      const end = (settle: () => void): void => {
        child.off('message', heard).off('exit', ended).off('error', ended);
        settle();
      };
      const send = (message: ToExecutor): void => {
        child.send(message, (error) => {
          if (error !== null) ended();
        });
      };
      const heard = (message: FromExecutor): void => {
        if (message.kind === 'progress') progress(message.share);
        else if (message.kind === 'done') end(() => resolve(message));
        else if (message.kind === 'failed') {
          const { isInput, message: text } = message;
          end(() => reject(isInput ? new InputError(text) : new UnitTroubleError(text)));
        } else if (message.kind === 'need') {
          const { hash } = message;
          fetch(hash).then(
            (bytes) => send({ kind: 'bytes', hash, bytes }),
            (error: unknown) => {
              send({ kind: 'missing', hash });
              // What the process says of it next is heard by nobody: it is started anew.
              end(() => reject(error));
              this.dispose();
            },
          );
        }
      };
      const ended = (): void => {
        if (this.#child === child) this.#child = undefined;
        const how = child.signalCode ?? (child.exitCode === null ? 'no answer' : `exit code ${child.exitCode}`);
        end(() => reject(new UnitTroubleError(`The process that computed it has ended (${how})`)));
      };
      child.on('message', heard).on('exit', ended).on('error', ended);
      if (!child.connected) return ended();
      send({ kind: 'unit', ...order });
    });
  }

  dispose(): void {
    this.#child?.removeAllListeners();
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }

  #start(): ChildProcess {
    const child = fork(PROCESS, [String(this.#threads)], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: [],
    });
    this.#child = child;
    return child;
  }
}
