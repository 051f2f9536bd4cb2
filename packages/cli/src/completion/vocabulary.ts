/** @file The words that a command line may have, out of the definitions of the commands. */

import type { Argument, Command, Option } from 'commander';
import { suggestedValues } from './suggested-values.ts';

/** What may stand behind an option, or as an argument. */
export type Value =
  | { readonly kind: 'names'; readonly names: readonly string[]; readonly several: boolean }
  | { readonly kind: 'folder' }
  /** A file, or something that is not known. */
  | { readonly kind: 'file' };

export interface OptionWords {
  /** `--encoding`; `-q` and `--quiet`. */
  readonly flags: readonly string[];
  readonly description: string;
  /** `undefined` where it takes none. */
  readonly value: Value | undefined;
}

/** A command, or a part of one. */
export interface CommandWords {
  /** `train gan`; empty for the program itself. */
  readonly path: string;
  readonly parts: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly OptionWords[];
  /** Of its first argument. */
  readonly argument: Value | undefined;
}

/** The program, its commands and all their parts, those that hold others before them. */
export function vocabularyOf(program: Command, path = ''): readonly CommandWords[] {
  const { visibleOptions, visibleCommands } = visibleOf(program);
  const [argument] = program.registeredArguments;
  const own: CommandWords = {
    path,
    parts: visibleCommands.map((part) => ({ name: part.name(), description: oneLine(part.description()) })),
    options: visibleOptions.map((option) => ({
      flags: [option.short, option.long].filter((flag) => flag !== undefined && flag !== null),
      description: oneLine(option.description),
      value: option.required || option.optional ? valueOfTaker(option, option.flags) : undefined,
    })),
    argument: argument === undefined ? undefined : valueOfTaker(argument, `<${argument.name()}>`),
  };
  return [
    own,
    ...visibleCommands.flatMap((part) => vocabularyOf(part, path === '' ? part.name() : `${path} ${part.name()}`)),
  ];
}

function visibleOf(program: Command) {
  const help = program.createHelp();
  const visibleCommands = help.visibleCommands(program).filter((part) => part.name() !== 'help');
  return { visibleOptions: help.visibleOptions(program), visibleCommands };
}

/** @param text in which what is taken is named, such as `--out <folder>` */
function valueOfTaker(taker: Option | Argument, text: string): Value {
  const suggested = suggestedValues(taker);
  if (suggested !== undefined) return { kind: 'names', names: suggested.values, several: suggested.several };
  return { kind: /[<[]folder/.test(text) ? 'folder' : 'file' };
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
