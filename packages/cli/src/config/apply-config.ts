/** @file Options out of a configuration file, where the command line gives none. */

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InputError } from '@pareidolia/core';
import { suggestion } from '@pareidolia/core/names';
import { type Command, InvalidArgumentError, type Option } from 'commander';
import { isAddress } from '../endpoint/address.ts';
import { isEmbeddedGenerator } from '../generator/embedded.ts';
import { isEmbeddedName } from '../model/embedded.ts';
import { embeddedWord } from '../model/embedded-word.ts';
import type { ConfigSection, FoundConfig } from './config-file.ts';
import { isConfigurable, isFlag, isRepeatable } from './configurable.ts';

/** What of the file is about something else once the command line has this option. */
const VOID_WITH: Readonly<Record<string, readonly string[]>> = {
  images: ['data', 'labels'],
  data: ['images', 'labels'],
  model: ['card', 'mean', 'std', 'range', 'layout', 'color', 'classNames'],
};

/** What options take that are paths, or may be. */
const PATH = /<(file|folder|model|generator|data)>/;

/** Options that may name something that is no file. */
const MAY_BE_NAMES = ['data', 'outliers'];

/** Where {@link Command.getOptionValueSource} says that a value came from. */
export const CONFIG_SOURCE = 'config';

/**
 * Sets the options of a command that the file has in its section.
 *
 * @returns whether there were any
 * @throws InputError where the section has a name or a value that the command does not take
 */
export function applyConfig(command: Command, { file, sections }: FoundConfig): boolean {
  const wrong = (what: string): never => {
    throw new InputError(`The configuration ${file} is wrong: ${what}`);
  };
  const words = wordsOf(command);
  const [root = ''] = words.split(' ');
  const parts = partsOf(rootOf(command), root);
  const stray = Object.keys(sections).find((key) => key.startsWith(`${root} `) && !parts.includes(key));
  if (stray !== undefined) {
    wrong(`there is no command ${stray}${suggestion(stray, parts)}; there are ${parts.join(', ')}`);
  }
  const section: ConfigSection = sections[words] ?? {};
  const options = command.options.filter(isConfigurable);
  const names = options.map((option) => option.attributeName());
  const isGiven = (name: string): boolean => command.getOptionValueSource(name) === 'cli';
  const isVoid = (name: string): boolean =>
    isGiven(name) || Object.entries(VOID_WITH).some(([other, about]) => isGiven(other) && about.includes(name));
  for (const [name, value] of Object.entries(section)) {
    const option = options.find((each) => each.attributeName() === name);
    if (option === undefined) {
      wrong(`there is no field ${name} in ${words}${suggestion(name, names)}; there are ${names.join(', ')}`);
    } else if (!isVoid(name)) {
      const read = readValue(option, value, dirname(file), (what) => wrong(`field ${words}.${name} ${what}`));
      command.setOptionValueWithSource(name, read, CONFIG_SOURCE);
    }
  }
  return Object.keys(section).length > 0;
}

/** @param wrong throws */
function readValue(option: Option, value: unknown, folder: string, wrong: (what: string) => never): unknown {
  const is = `is ${JSON.stringify(value)}`;
  if (isFlag(option)) {
    if (typeof value !== 'boolean') return wrong(`${is}: give true or false`);
    return value || option.negate ? value : undefined;
  }
  // On the command line a list is the option several times, where it takes that, or else by commas; fields in braces are name=value
  // several times.
  const texts =
    typeof value === 'string' || typeof value === 'number'
      ? [String(value)]
      : Array.isArray(value)
        ? isRepeatable(option)
          ? value.map(String)
          : [value.join(',')]
        : typeof value === 'object' && value !== null
          ? Object.entries(value).map(([name, each]) => `${name}=${each}`)
          : wrong(`${is}: give a text or a number`);
  let read: unknown;
  for (const text of texts) {
    const whole = placed(option, text, folder);
    try {
      read = option.parseArg === undefined ? whole : option.parseArg(whole, read as never);
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error;
      wrong(`${is}: ${error.message.replace(/^./, (first) => first.toLowerCase()).replace(/\.$/, '')}`);
    }
  }
  return read;
}

/** A path of the file, which is relative to its folder, as one that is relative to the current folder. */
function placed(option: Option, text: string, folder: string): string {
  if (folder === '.' || !PATH.test(option.flags) || isAddress(text)) return text;
  const path = join(folder, text);
  const isEmbedded =
    (option.flags.includes('<model>') && isEmbeddedName(text)) ||
    (option.flags.includes('<generator>') && isEmbeddedGenerator(text));
  if (isEmbedded) return embeddedWord(text, folder);
  return MAY_BE_NAMES.includes(option.attributeName()) && !existsSync(path) ? text : path;
}

/** `train gan`. */
export function wordsOf(command: Command): string {
  const parent = command.parent === null || command.parent.parent === null ? '' : `${wordsOf(command.parent)} `;
  return `${parent}${command.name()}`;
}

function rootOf(command: Command): Command {
  return command.parent === null || command.parent.parent === null ? command : rootOf(command.parent);
}

function partsOf(command: Command, words: string): readonly string[] {
  return [words, ...command.commands.flatMap((part) => partsOf(part, `${words} ${part.name()}`))];
}
