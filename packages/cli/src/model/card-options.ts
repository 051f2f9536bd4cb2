/** @file Fields of the card that the user gives as options of a command. */

import { basename } from 'node:path';
import { InputError, type ModelCardInput, namesOfLines, namesOfTable } from '@pareidolia/core';
import { z } from 'zod';
import { readInput } from '../data/read.ts';
import { quote } from '../job/command-line.ts';
import type { JobConfig } from '../job/config.ts';

const perChannel = z.union([z.number(), z.array(z.number())]);

const schema = z.object({
  mean: perChannel.exactOptional(),
  std: perChannel.exactOptional(),
  range: z.tuple([z.number(), z.number()]).exactOptional(),
  layout: z.enum(['NCHW', 'NHWC']).exactOptional(),
  color: z.enum(['grey', 'rgb', 'bgr']).exactOptional(),
  /** Path of a file with the names of the classes. */
  classNames: z.string().exactOptional(),
});

/** As the options `--mean`, `--std`, `--range`, `--layout`, `--color` and `--class-names` say. */
export type CardOptions = z.infer<typeof schema>;

/** Their names, in the order in which commands are written. */
const NAMES = ['mean', 'std', 'range', 'layout', 'color', 'classNames'] as const;

/**
 * What a job that is resumed was given, by its configuration.
 *
 * @param what the model is to the job
 */
export function earlierCardOptions(
  before: Pick<JobConfig<unknown>, 'inputs'> | undefined,
  what = 'model',
): CardOptions {
  return schema.safeParse(before?.inputs[`${what} card`]?.options).data ?? {};
}

/** The options as arguments of a command. */
export function cardOptionArguments(options: CardOptions): string[] {
  return NAMES.flatMap((name) => {
    const value = options[name];
    const option = name === 'classNames' ? '--class-names' : `--${name}`;
    return value === undefined ? [] : [option, [value].flat().join(',')];
  });
}

/** The options as words of a command for a shell. */
export function cardOptionWords(options: CardOptions): string[] {
  return cardOptionArguments(options).map(quote);
}

/**
 * The fields of the card.
 *
 * @throws InputError where the file of names cannot be read or holds none
 */
export function cardFieldsOf({ mean, std, range, layout, color, classNames: path }: CardOptions): ModelCardInput {
  return {
    ...(mean === undefined ? {} : { mean }),
    ...(std === undefined ? {} : { deviation: std }),
    ...(range === undefined ? {} : { range }),
    ...(layout === undefined ? {} : { layout }),
    ...(color === undefined ? {} : { color }),
    ...(path === undefined ? {} : { classNames: namesIn(path) }),
  };
}

function namesIn(path: string): string[] {
  const text = new TextDecoder().decode(readInput(path, 'file of class names'));
  const names = /\.json$/i.test(path) ? namesOfTable(parsed(text)) : namesOfLines(text);
  if (names !== undefined) return names;
  const wanted = /\.json$/i.test(path)
    ? 'a list of names, or a table of names and numbers from 0'
    : 'a name in each line';
  throw new InputError(`${basename(path)} holds no names of classes; expected ${wanted}, of at least two classes`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
