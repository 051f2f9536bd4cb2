/** @file A process that stays for the next command: a start costs a second of work, most commands of tests far less. */

import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Ended } from './command.ts';

const PROGRAM = fileURLToPath(new URL('./warm-process.mjs', import.meta.url));

export interface WarmRun {
  /** The path that the command believes it was started by. */
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

let child: ChildProcess | undefined;
let isBusy = false;
let runs = 0;

/** Runs a command in the process that is kept, if no other one is running there. */
export function runWarm(run: WarmRun): Promise<Ended> | undefined {
  if (isBusy) return undefined;
  isBusy = true;
  child ??= startProcess();
  return follow(child, run).finally(() => {
    isBusy = false;
  });
}

function startProcess(): ChildProcess {
  const started = fork(PROGRAM, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], execArgv: [] });
  // Tests end without waiting for it; it ends with them.
  started.unref();
  started.channel?.unref();
  for (const stream of [started.stdout, started.stderr]) {
    stream?.setEncoding('utf8');
    (stream as unknown as { unref(): void }).unref();
  }
  return started;
}

/** What the process writes until both of its streams have come to the mark, or it has ended. */
function follow(to: ChildProcess, run: WarmRun): Promise<Ended> {
  const mark = `\u0000the end of run ${runs++}\u0000`;
  const text = { stdout: '', stderr: '' };
  return new Promise((resolve, reject) => {
    let code: number | undefined;
    const settle = (ended: Pick<Ended, 'code' | 'signal'>): void => {
      for (const name of ['stdout', 'stderr'] as const) to[name]?.off('data', readers[name]);
      to.off('message', told).off('error', reject).off('close', gone);
      resolve({ ...ended, stdout: text.stdout.replace(mark, ''), stderr: text.stderr.replace(mark, '') });
    };
    const look = (): void => {
      if (code !== undefined && text.stdout.endsWith(mark) && text.stderr.endsWith(mark))
        settle({ code, signal: null });
    };
    const reader = (name: 'stdout' | 'stderr') => (data: string) => {
      text[name] += data;
      look();
    };
    const readers = { stdout: reader('stdout'), stderr: reader('stderr') };
    const told = (message: unknown): void => {
      ({ code } = message as { readonly code: number });
      look();
    };
    const gone = (exitCode: number | null, signal: NodeJS.Signals | null): void => {
      child = undefined;
      settle({ code: exitCode, signal });
    };
    for (const name of ['stdout', 'stderr'] as const) to[name]?.on('data', readers[name]);
    to.on('message', told).on('error', reject).on('close', gone);
    to.send({ ...run, mark });
  });
}
