/** @file The options that replace fields of the model card, and `--card` itself, for every command that takes a model. */

import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CardOptions } from '../model/card-options.ts';

/**
 * `--card`, `--mean`, `--std`, `--range`, `--layout`, `--color` and `--class-names`.
 *
 * @param labels whether `--labels` is another name of `--class-names`: not where it means the right classes of images
 */
export function addCardOptions(command: Command, { labels = true }: { readonly labels?: boolean } = {}): Command {
  command
    .option('--card <file>', 'its model card (default: <model>.card.json, or what else is known of the network)')
    .option(
      '--mean <numbers>',
      'instead of the mean of the card: one number, or one for each channel by commas',
      perChannel,
    )
    .option('--std <numbers>', 'instead of the deviation of the card, likewise', deviations)
    .option('--range <low,high>', 'instead of the range of the card: what black and white are, such as 0,255', range)
    .addOption(
      new Option('--layout <order>', "instead of the card's layout")
        .choices(['NCHW', 'NHWC'])
        .argParser(oneOf(['NCHW', 'NHWC'], (text) => text.toUpperCase())),
    )
    .addOption(
      new Option('--color <channels>', "instead of the card's color")
        .choices(['grey', 'rgb', 'bgr'])
        .argParser(oneOf(['grey', 'rgb', 'bgr'], (text) => text.toLowerCase().replace('gray', 'grey'))),
    )
    .option('--class-names <file>', 'names of the classes instead of those of the card: a line each, or JSON');
  if (labels) command.option('--labels <file>', 'the same as --class-names');
  return command;
}

/**
 * The options that {@link addCardOptions} adds, and the rest of what a command was given.
 *
 * @param labels as there
 */
export function splitCardOptions<Given extends object>(
  given: Given & CardOptions & { readonly labels?: string | undefined },
  { labels = true }: { readonly labels?: boolean } = {},
): { readonly cardOptions: CardOptions; readonly rest: Omit<Given, keyof CardOptions> } {
  const { mean, std, range, layout, color, classNames, ...rest } = given;
  const { labels: alias, ...others } = rest;
  const options = { mean, std, range, layout, color, classNames: classNames ?? (labels ? alias : undefined) };
  const cardOptions = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  return { cardOptions, rest: (labels ? others : rest) as unknown as Omit<Given, keyof CardOptions> };
}

function numbers(text: string): number[] {
  const values = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (!values.every(Number.isFinite)) throw new InvalidArgumentError('Give numbers, with commas between them.');
  return values;
}

function perChannel(text: string): number | number[] {
  const values = numbers(text);
  if (values.length !== 1 && values.length !== 3)
    throw new InvalidArgumentError('Give one number, or three by commas.');
  return values.length === 1 ? values[0]! : values;
}

function deviations(text: string): number | number[] {
  const values = perChannel(text);
  if ([values].flat().some((value) => value <= 0)) throw new InvalidArgumentError('Give numbers above 0.');
  return values;
}

/** Reads two different numbers. */
export function range(text: string): [number, number] {
  const [low, high, ...others] = numbers(text);
  if (low === undefined || high === undefined || others.length > 0 || low === high) {
    throw new InvalidArgumentError('Give two different numbers, such as 0,255 or -1,1.');
  }
  return [low, high];
}

function oneOf(choices: readonly string[], normal: (text: string) => string): (text: string) => string {
  return (text) => {
    const value = normal(text);
    if (choices.includes(value)) return value;
    throw new InvalidArgumentError(`Allowed choices are ${choices.join(', ')}.`);
  };
}
