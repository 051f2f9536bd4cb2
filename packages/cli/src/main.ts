/**
 * @file The command line. What a command needs is loaded when it runs, so that help is quick.
 *
 * Exit codes: 0 done, 1 failed, 2 wrong usage or bad input, 3 a gate of `audit` is not passed, 130 or 143 stopped by a signal (saved).
 */

import { Command, CommanderError } from 'commander';
import { addGeneralOptions, takeManners } from './commands/options.ts';
import { COMMANDS } from './commands/registry.ts';
import { findConfigFiles } from './config/find-config-files.ts';
import { manners } from './terminal/manners.ts';
import { writeError, writeOut } from './terminal/output.ts';
import { sentenceOf } from './terminal/sentence.ts';
import { suggestChoices } from './terminal/suggest-choices.ts';
import { describeEnd, describeStart } from './terminal/verbose.ts';
import { VERSION } from './version.ts';

const FAILED = 1;
const WRONG_USAGE = 2;

const program = new Command('pareidolia')
  .description('Find out what an image classifier sees where there is nothing.')
  .version(VERSION)
  .configureOutput({ writeOut, writeErr: writeError })
  .showHelpAfterError('Add --help for what there is.')
  .addHelpText('after', '\nEach command has its own --help with examples.')
  // What stands behind the name of a command is that command's: `train` and `train gan` both have --data.
  .enablePositionalOptions()
  .exitOverride();
const wanted = new Set(process.argv.slice(2));
// Its script names what all of them take.
const isAllWanted = wanted.has('completion');
for (const { name, summary, load } of COMMANDS) {
  const command = isAllWanted || wanted.has(name) ? await load() : new Command(name);
  program.addCommand(command.description(summary).exitOverride().copyInheritedSettings(program));
  for (const part of command.commands) part.copyInheritedSettings(program);
  addGeneralOptions(command);
  suggestChoices(command);
}
const begun = performance.now();
program
  .hook('preAction', async (_, command) => {
    takeManners(command);
    await configure(command);
    if (manners().verbose) writeError(describeStart(command));
  })
  .hook('postAction', () => {
    if (manners().verbose) writeError(describeEnd((performance.now() - begun) / 1000));
  });

// The reader of a pipe may close it early (`pareidolia ... | head`); the job goes on.
let toldOfOutput = false;
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', async (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    process.exitCode = FAILED;
    if (toldOfOutput || stream === process.stderr) return;
    toldOfOutput = true;
    const { systemCode } = await import('./job/disk-error.ts');
    writeError(`pareidolia: The output could not be written (${systemCode(error) ?? error.message})\n`);
  });
}

try {
  requireCurrentFolder();
  await program.parseAsync();
} catch (error) {
  process.exitCode = await tell(error);
}

/** A folder that is deleted stays the current one of a shell, but nothing can be named from it. */
function requireCurrentFolder(): void {
  try {
    process.cwd();
  } catch {
    writeError('pareidolia: The current folder is gone; change to another one\n');
    process.exit(FAILED);
  }
}

/** Options out of the configuration file. A job that is resumed has its own in its folder. */
async function configure(command: Command): Promise<void> {
  const { config, resume } = command.opts<{ readonly config?: string; readonly resume?: true }>();
  if (config === undefined && (resume === true || findConfigFiles('.').length === 0)) return;
  const [{ readConfigFile }, { applyConfig, CONFIG_SOURCE }] = await Promise.all([
    import('./config/config-file.ts'),
    import('./config/apply-config.ts'),
  ]);
  const found = readConfigFile(
    config,
    COMMANDS.map(({ name }) => name),
  );
  // The audit's models are no option, so that it applies its section itself.
  const isAudit = command.name() === 'audit';
  command.setOptionValueWithSource('config', isAudit ? found : undefined, isAudit ? CONFIG_SOURCE : 'default');
  if (found === undefined) return;
  const hasOptions = isAudit ? Object.keys(found.audit).length > 0 : applyConfig(command, found);
  if (!hasOptions || manners().quiet) return;
  writeError(`Options of ${found.file} apply where the command line gives none.\n`);
}

/** Prints an error: one sentence for bad input, a machine or a disk that fails, or a gradient that fails its check, the stack otherwise. */
async function tell(thrown: unknown): Promise<number> {
  // Commander has printed its own errors already.
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : WRONG_USAGE;
  const { InputError, MachineError } = await import('@pareidolia/core');
  const { DiskError, diskError } = await import('./job/disk-error.ts');
  const { WrongGradientError } = await import('./gradient/check.ts');
  const { path = 'a file' } = (thrown ?? {}) as NodeJS.ErrnoException;
  const error = diskError(path, thrown, 'read');
  if ([InputError, MachineError, DiskError, WrongGradientError].some((kind) => error instanceof kind)) {
    writeError(`pareidolia: ${sentenceOf(error)}\n`);
    if (manners().verbose && error instanceof Error) writeError(`${error.stack}\n`);
    return error instanceof InputError ? WRONG_USAGE : FAILED;
  }
  writeError(`pareidolia failed: ${error instanceof Error ? error.stack : String(error)}\n`);
  return FAILED;
}
