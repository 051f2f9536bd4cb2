/** @file `pareidolia campaign`: its options and help. */

import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Ask } from '../cluster/campaign/inspect-campaign.ts';
import type { Shard } from '../cluster/units/unroll.ts';
import { OPEN_REPORT, wholeNumber } from './options.ts';

const EXAMPLES = `
Examples:
  pareidolia campaign start plan.yaml --local 2          on this machine, by two processes
  pareidolia campaign start plan.yaml --queue redis://127.0.0.1:6379 --out runs/campaign
  pareidolia worker --queue redis://127.0.0.1:6379       on as many machines as there are
  pareidolia campaign status runs/campaign
  pareidolia campaign pause|resume|cancel|retry runs/campaign
  pareidolia campaign start --resume --out runs/campaign go on after Ctrl-C, a crash or a restart
  pareidolia campaign start plan.yaml --shard 3/16       a part without any queue: Slurm arrays, Kubernetes Jobs
  pareidolia campaign merge runs/campaign-*              what the parts have found, as one

The result is the same, byte for byte, with any number of workers, in any order, and whatever of it was killed.
A password need not be on the command line: PAREIDOLIA_QUEUE is read where --queue is absent.`;

interface StartOptions {
  readonly out?: string;
  readonly resume?: true;
  readonly local?: number;
  readonly queue?: string;
  readonly store?: string;
  readonly shard?: Shard;
  readonly allowMixed?: true;
  readonly window?: number;
  readonly metrics?: number;
  readonly threads?: number;
  readonly json?: true;
}

function shard(text: string): Shard {
  const [, index, of] = /^(\d+)\/(\d+)$/.exec(text.trim()) ?? [];
  const part = { index: Number(index), of: Number(of) };
  if (of === undefined || part.index < 1 || part.of > 100_000 || part.index > part.of) {
    throw new InvalidArgumentError('Write which part of how many, from 1: 3/16.');
  }
  return part;
}

export function campaignCommand(): Command {
  const command = new Command('campaign').addHelpText('after', EXAMPLES);
  command
    .command('start')
    .description('begin a campaign, or go on with one')
    .argument('[plan]', 'a YAML file: models, searches, attacks and audits')
    .option('--out <folder>', 'the folder of the campaign (default: runs/campaign-<n>)')
    .option('--resume', 'go on with the campaign in --out')
    .addOption(new Option('--local <n>', 'processes on this machine, without a queue').argParser(wholeNumber(1, 512)))
    .option('--queue <address>', 'redis://, rediss:// or postgres://, where workers are')
    .option('--store <place>', 'a folder or an HTTP(S) address that all workers reach, for what is large')
    .addOption(new Option('--shard <i/n>', 'only this part of the plan, without a queue').argParser(shard))
    .option('--allow-mixed', 'take results of different processors, and mark the campaign as mixed hardware')
    .addOption(
      new Option('--window <n>', 'units that are given away at a time (default: 64)').argParser(
        wholeNumber(1, 100_000),
      ),
    )
    .addOption(
      new Option('--metrics <port>', 'answer Prometheus on this port of 127.0.0.1').argParser(wholeNumber(1, 65_535)),
    )
    .addOption(
      new Option('--threads <n>', 'threads of each process on this machine (default: 1)').argParser(
        wholeNumber(1, 512),
      ),
    )
    .option('--json', 'print one JSON object on stdout, and all else on stderr')
    .option(...OPEN_REPORT)
    .action(async (plan: string | undefined, { json, resume, threads, ...options }: StartOptions) => {
      const { runStart } = await import('./campaign-action.ts');
      const request = {
        ...options,
        ...(plan === undefined ? {} : { plan }),
        resume: resume === true,
        threads: threads ?? 1,
      };
      await runStart(request, json === true);
    });
  command
    .command('status')
    .description('tell how far a campaign is')
    .argument('<folder>', 'of the campaign')
    .option('--json', 'print one JSON object on stdout')
    .action(async (folder: string, { json }: { readonly json?: true }) => {
      const { runStatus } = await import('./campaign-action.ts');
      await runStatus(folder, json === true);
    });
  const asks: readonly (readonly [Ask, string])[] = [
    ['pause', 'let units under way end, and begin no others'],
    ['resume', 'go on after a pause'],
    ['cancel', 'end a campaign; what is finished stays'],
    ['retry', 'try failed units again'],
  ];
  for (const [name, what] of asks) {
    command
      .command(name)
      .description(what)
      .argument('<folder>', 'of the campaign')
      .action(async (folder: string) => {
        const { runAsk } = await import('./campaign-action.ts');
        await runAsk(folder, name);
      });
  }
  command
    .command('merge')
    .description('make one result of the folders of one plan')
    .argument('<folders...>', 'of the campaign, or of its parts')
    .option('--out <folder>', 'where the whole goes (default: the folder itself, or <first>-merged)')
    .option('--allow-mixed', 'merge results of different processors, and mark them so')
    .addOption(
      new Option('--threads <n>', 'threads that compute')
        .argParser(wholeNumber(1, 512))
        .default(availableParallelism(), 'as many as there are cores'),
    )
    .option('--json', 'print one JSON object on stdout')
    .option(...OPEN_REPORT)
    .action(
      async (
        folders: readonly string[],
        {
          json,
          allowMixed,
          out,
          threads,
        }: { readonly json?: true; readonly allowMixed?: true; readonly out?: string; readonly threads: number },
      ) => {
        const { runMerge } = await import('./campaign-action.ts');
        const request = { folders, allowMixed: allowMixed === true, threads, ...(out === undefined ? {} : { out }) };
        await runMerge(request, json === true);
      },
    );
  return command;
}
