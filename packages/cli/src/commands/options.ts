/** @file Options that several commands have, and how their values are read. */

import { availableParallelism } from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { suggestValues } from '../completion/suggested-values.ts';
import { DATASET_NAMES } from '../data/dataset-names.ts';
import { setManners } from '../terminal/manners.ts';

/** Reads a whole number in a range. */
export function wholeNumber(least: number, most: number = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least && value <= most) return value;
    const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`Give a whole number ${range}.`);
  };
}

/** Reads a number in a range. */
export function numberBetween(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value >= least && value <= most) return value;
    throw new InvalidArgumentError(
      most === Number.POSITIVE_INFINITY ? `Give a number from ${least}.` : `Give a number from ${least} to ${most}.`,
    );
  };
}

/** Reads `name=number` and adds it to those before. */
export function setting(text: string, before: Readonly<Record<string, number>> = {}): Record<string, number> {
  const [, name, value] = /^\s*(\w+)\s*=\s*(\S+)\s*$/.exec(text) ?? [];
  const number = Number(value);
  if (name === undefined || !Number.isFinite(number)) throw new InvalidArgumentError('Write name=number.');
  return { ...before, [name]: number };
}

/** `--config`, `-q` and `-v`, of every command. They are no settings of what it does, and are gone when its action begins. */
export function addGeneralOptions(command: Command): void {
  for (const part of command.commands) addGeneralOptions(part);
  // One that only has parts does nothing itself.
  if (command.commands.length > 0 && command.registeredArguments.length === 0) return;
  if (!command.options.some(({ long }) => long === '--config')) {
    command.option(
      '--config <file>',
      'options in a file (default: pareidolia.config.json or .yaml in the current folder)',
    );
  }
  command
    .option('-q, --quiet', 'print results, warnings and errors only')
    .option('-v, --verbose', 'say versions, options and where they come from, time and memory');
}

/** `--open`, of commands that write a report. */
export function addReportOption(command: Command): Command {
  return command.option(...OPEN_REPORT);
}

/** The flag of it, and what it does. */
export const OPEN_REPORT = ['--open', 'open the report in the browser when it is written'] as const;

/** Takes `-q`, `-v` and `--open` out of the options that were read, and minds them from now on. */
export function takeManners(command: Command): void {
  const names = ['quiet', 'verbose', ...(command.options.some(({ long }) => long === OPEN_REPORT[0]) ? ['open'] : [])];
  const given = names.filter((name) => command.getOptionValue(name) === true);
  for (const name of given) command.setOptionValueWithSource(name, undefined, 'default');
  setManners(Object.fromEntries(given.map((name) => [name, true])));
}

/**
 * The options that the user gave, without defaults: when a job is resumed, omitted options keep their previous values.
 *
 * @typeParam Options what the command's options are once they are read
 */
export function givenOptions<Options extends object>(command: Command): Partial<Options> {
  const given = Object.entries(command.opts()).filter(([name]) => command.getOptionValueSource(name) !== 'default');
  // The parsers of the options give values of these types.
  return Object.fromEntries(given) as Partial<Options>;
}

/** `--images`, `--data`, `--labels`, `--strict` and `--limit`: which images, and what their right classes are. */
export function addImageOptions(command: Command, limit: string): Command {
  return command
    .option('--images <folder>', 'pictures of any size, in a folder with its subfolders, or one file')
    .addOption(
      dataOption('digits, things, mnist, fashion-mnist, cifar10, or a folder (default: digits, where no --images)'),
    )
    .option('--labels <file>', 'the right class of each picture, lines of file,class')
    .option(
      '--strict',
      'end at a picture that cannot be read, or whose folder names no class, instead of leaving it out',
    )
    .option('--limit <n>', limit, wholeNumber(1));
}

/** `--data`, which offers the data sets that have a name. */
export function dataOption(description: string): Option {
  return suggestValues(new Option('--data <data>', description), DATASET_NAMES);
}

export const DEVICES = ['cpu', 'webgpu', 'cuda', 'coreml', 'dml'] as const;

/** `--threads`, `--device` and `--json`. */
export function addCommonOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--threads <n>', 'threads that compute')
        .argParser(wholeNumber(1, 512))
        .default(availableParallelism(), 'as many as there are cores'),
    )
    .addOption(new Option('--device <name>', 'where the network runs (default: cpu)').choices(DEVICES))
    .option('--json', 'print one JSON object on stdout, and all else on stderr');
}
