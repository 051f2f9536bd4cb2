/** @file `pareidolia.config.json` or `.yaml`: options of commands, kept beside the code; those on the command line come first. */

import { dirname, extname } from 'node:path';
import { InputError, wrongField } from '@pareidolia/core';
import { parse } from 'yaml';
import { z } from 'zod';
import { readInput } from '../data/read.ts';
import { AUDIT_SECTION, type AuditConfig, auditRelativeTo } from './audit-section.ts';
import { findConfigFiles } from './find-config-files.ts';

/** Options by their names on the command line in camel case: `queryBudget` is `--query-budget`. */
export type ConfigSection = Readonly<Record<string, unknown>>;

const SECTION = z.record(z.string(), z.unknown());

/** A command with parts has a section for each, such as `train gan`, named by all its words. */
function schemaOf(commands: readonly string[], value: unknown) {
  const given = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  const parts = given.filter((key) => commands.some((name) => key.startsWith(`${name} `)));
  return z.strictObject({
    $schema: z.string().optional(),
    ...Object.fromEntries([...commands, ...parts].map((name) => [name, SECTION.optional()])),
    audit: AUDIT_SECTION.optional(),
  });
}

/** A configuration and where it lies. */
export interface FoundConfig {
  readonly file: string;
  /** Its paths are relative to the current folder, as those of options are. */
  readonly audit: AuditConfig;
  /** Of all other commands, by their words; paths in them are relative to the folder of the file. */
  readonly sections: Readonly<Record<string, ConfigSection>>;
}

/**
 * Reads the configuration file that the user names, or the one in the current folder.
 *
 * @param commands the names of all commands
 * @returns `undefined` where there is none
 * @throws InputError where it cannot be read, there are two, or a field is unknown or wrong
 */
export function readConfigFile(
  given: string | undefined,
  commands: readonly string[],
  folder = '.',
): FoundConfig | undefined {
  const found = given === undefined ? findConfigFiles(folder) : [given];
  const [file, other] = found;
  if (file === undefined) return undefined;
  if (other !== undefined)
    throw new InputError(`There are ${file} and ${other}; keep one of them, or name one with --config`);
  const text = new TextDecoder().decode(readInput(file, 'configuration'));
  let value: unknown;
  try {
    value = extname(file) === '.json' ? JSON.parse(text) : parse(text, { maxAliasCount: 0 });
  } catch (cause) {
    const [reason] = (cause as Error).message.split('\n');
    throw new InputError(`The configuration ${file} cannot be read: ${reason}`, { cause });
  }
  const schema = schemaOf(commands, value);
  const config = schema.safeParse(value);
  if (!config.success) {
    throw new InputError(`The configuration ${file} is wrong: ${wrongField(config.error, value, schema)}`);
  }
  const { $schema: _, audit = {}, ...sections } = config.data;
  return {
    file,
    audit: auditRelativeTo(dirname(file), audit),
    sections: sections as Record<string, ConfigSection>,
  };
}
