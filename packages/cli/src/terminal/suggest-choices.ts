/** @file What was probably meant where an option was given a value that it does not take. */

import { suggestion } from '@pareidolia/core/names';
import { type Argument, type Command, InvalidArgumentError, type Option } from 'commander';

/** Lets all options and arguments of a command that have choices, and those of its parts, say which was probably meant. */
export function suggestChoices(command: Command): void {
  for (const taker of [...command.options, ...command.registeredArguments]) suggestFor(taker);
  for (const part of command.commands) suggestChoices(part);
}

function suggestFor(taker: Option | Argument): void {
  const { argChoices: choices, parseArg } = taker;
  if (choices === undefined || parseArg === undefined) return;
  // Help reads the choices from elsewhere, so that they stay there.
  taker.parseArg = <T>(value: string, previous: T): T => {
    if (!choices.includes(value)) {
      throw new InvalidArgumentError(`Allowed choices are ${choices.join(', ')}${suggestion(value, choices)}.`);
    }
    return parseArg.call(taker, value, previous) as T;
  };
}
