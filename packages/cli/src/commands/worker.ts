/** @file `pareidolia worker`: its options and help. */

import { availableParallelism } from 'node:os';
import { Command, Option } from 'commander';
import { numberBetween, wholeNumber } from './options.ts';

const EXAMPLES = `
Examples:
  pareidolia worker --queue redis://127.0.0.1:6379
  pareidolia worker --queue rediss://user:password@host:6380 --threads 8
  pareidolia worker --queue postgres://user@host/database --store /mnt/shared/objects
  PAREIDOLIA_QUEUE=redis://:password@host pareidolia worker

It works until Ctrl-C, which gives the unit under way back; a worker that is killed loses no more than that unit's time. Models and
images come by their hashes, through the queue or from --store, and nothing runs that has another hash. It opens no file and no
address that a unit names, since units name none.`;

interface WorkerOptions {
  readonly queue?: string;
  readonly store?: string;
  readonly cache?: string;
  readonly threads: number;
  readonly lockSeconds: number;
  readonly name?: string;
}

export function workerCommand(): Command {
  return new Command('worker')
    .option('--queue <address>', 'redis://, rediss:// or postgres:// (default: PAREIDOLIA_QUEUE)')
    .option('--store <place>', 'a folder or an HTTP(S) address, as the campaign has it (default: through the queue)')
    .option('--cache <folder>', 'where models and images are kept for the next time')
    .addOption(
      new Option('--threads <n>', 'threads that compute')
        .argParser(wholeNumber(1, 512))
        .default(availableParallelism(), 'as many as there are cores'),
    )
    .option(
      '--lock-seconds <s>',
      'after which a unit of a worker that says nothing goes to another',
      numberBetween(1, 3600),
      30,
    )
    .option('--name <name>', 'what it is called in results (default: host and process)')
    .addHelpText('after', EXAMPLES)
    .action(async (options: WorkerOptions) => {
      const { runWorker } = await import('./worker-action.ts');
      await runWorker(options);
    });
}
