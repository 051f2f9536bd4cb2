/**
 * @file The command line. What a command needs is loaded when it runs, so that help is quick.
 *
 * Exit codes: 0 done, 1 failed, 2 wrong usage or bad input, 130 or 143 stopped by a signal (saved).
 */

import { Command, CommanderError } from 'commander';
import { COMMANDS } from './commands/registry.ts';
import { VERSION } from './version.ts';

// Otherwise ONNX Runtime marks the user's home with an identifier and gathers events about the models for its makers.
// It looks at this when it is loaded, which only the commands do; a user who has decided otherwise is heard.
process.env.ORT_DISABLE_TELEMETRY ??= '1';

const FAILED = 1;
const WRONG_USAGE = 2;

const program = new Command('pareidolia')
  .description('Find out what an image classifier sees where there is nothing.')
  .version(VERSION)
  .showHelpAfterError('Add --help for what there is.')
  .addHelpText('after', '\nEach command has its own --help with examples.')
  .exitOverride();
const wanted = new Set(process.argv.slice(2));
for (const { name, summary, load } of COMMANDS) {
  const command = wanted.has(name) ? await load() : new Command(name);
  program.addCommand(command.description(summary).exitOverride().copyInheritedSettings(program));
}

// Whoever reads our words may stop listening (`pareidolia ... | head`); that is no reason to end a run.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = await tell(error);
}

/** Says what went wrong: one sentence where it is the user's or the disk's doing, all there is otherwise. */
async function tell(error: unknown): Promise<number> {
  // Commander has told its own already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USAGE;
  const { InputError } = await import('@pareidolia/core');
  const { DiskFullError } = await import('./job/files.ts');
  if (error instanceof InputError || error instanceof DiskFullError) {
    process.stderr.write(`pareidolia: ${error.message.replaceAll(/\s+/g, ' ')}\n`);
    return error instanceof InputError ? WRONG_USAGE : FAILED;
  }
  process.stderr.write(`pareidolia failed: ${error instanceof Error ? error.stack : String(error)}\n`);
  return FAILED;
}
