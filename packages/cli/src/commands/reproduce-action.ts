/** @file Runs `pareidolia reproduce` at the terminal. */

import { InputError } from '@pareidolia/core';
import { EXPERIMENTS } from '@pareidolia/lab';
import { type ReproduceRequest, reproduce } from '../reproduce/reproduce.ts';
import { quote } from '../run/command.ts';
import { duration } from '../terminal/figures.ts';
import { catchInterrupt } from '../terminal/interrupt.ts';
import { Progress } from '../terminal/progress.ts';

/** @param json whether stdout is for a machine */
export async function runReproduce(request: ReproduceRequest, json: boolean): Promise<void> {
  if (request.names.length === 0) {
    throw new InputError('Name experiments, or all; pareidolia reproduce --list says what there is');
  }
  const progress = new Progress(process.stderr, () => performance.now());
  const interrupt = catchInterrupt(() => progress.say('Stopping; Ctrl-C again stops at once.'));
  const begin = performance.now();
  try {
    const outcome = await reproduce(request, interrupt.signal, {
      begin: (out, experiments) =>
        progress.say(
          `${experiments} ${experiments === 1 ? 'experiment' : 'experiments'}, budget ${request.budget}, in ${out}`,
        ),
      progress: (name, place, of, share, doing) =>
        progress.update(() => {
          const done = (place + share) / of;
          const seconds = (performance.now() - begin) / 1000;
          const left = done > 0.02 ? `  ${duration((seconds * (1 - done)) / done)} left` : '';
          return `${name} (${place + 1}/${of})  ${Math.floor(100 * share)} %  ${doing}${left}`;
        }),
      found: ({ name }, result) =>
        progress.say(`${name}: ${'skipped' in result ? `skipped, ${result.skipped}` : result.verdict}`),
    });
    progress.clear();
    const told = json ? process.stderr : process.stdout;
    for (const { name, verdict, published, ours } of outcome.findings) {
      told.write(`\n${name}: ${verdict}\n  published  ${published}\n  ours       ${ours}\n`);
    }
    if (outcome.findings.length > 0) told.write(`\nReport: ${outcome.out}/report.html\n`);
    if (json) process.stdout.write(`${JSON.stringify(outcome)}\n`);
    if (outcome.complete) return;
    const words = [
      'npx pareidolia reproduce',
      ...request.names,
      `--budget ${request.budget}`,
      ...(request.crops === 1 ? [] : ['--crops 10']),
      `--out ${quote(outcome.out)}`,
    ];
    progress.say(`Stopped; what is done is written. To go on:\n  ${[...words, '--resume'].join(' ')}`);
    process.exitCode = interrupt.code ?? 1;
  } finally {
    progress.clear();
    interrupt.release();
  }
}

/** Each experiment with its claim and the published figure. */
export function listExperiments(json: boolean): void {
  const list = EXPERIMENTS.map(({ name, title, claim, published, source }) => ({
    name,
    title,
    claim,
    published,
    source,
  }));
  if (json) process.stdout.write(`${JSON.stringify(list)}\n`);
  else
    for (const { name, claim, published } of list)
      process.stdout.write(`${name}\n  ${claim}\n  Published: ${published}.\n`);
}
