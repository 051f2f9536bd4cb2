/** @file The result of an earlier audit, or of an earlier comparison, that a new one is compared with. */

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError, wrongField } from '@pareidolia/core';
import {
  AUDIT_COMPARISON,
  AUDIT_RESULT,
  AUDIT_VERSION,
  type AuditComparison,
  type AuditResult,
  COMPARISON_VERSION,
  type Measured,
  measuredOf,
} from '@pareidolia/lab';
import type { z } from 'zod';
import { readInput } from '../data/read.ts';

/** What was measured, and where it lies. */
export interface Baseline {
  readonly name: string;
  readonly result: Measured;
}

/** What can be a baseline. */
interface Kind<T> {
  readonly schema: z.ZodType<T>;
  readonly version: number;
  /** In a folder. */
  readonly file: string;
  /** In words. */
  readonly what: string;
  /** What to give instead. */
  readonly wanted: string;
}

const AUDIT: Kind<z.output<typeof AUDIT_RESULT>> = {
  schema: AUDIT_RESULT,
  version: AUDIT_VERSION,
  file: 'audit.json',
  what: 'the result of an audit',
  wanted: 'give the audit.json of an earlier audit as --baseline',
};

const COMPARISON: Kind<AuditComparison> = {
  schema: AUDIT_COMPARISON,
  version: COMPARISON_VERSION,
  file: 'comparison.json',
  what: 'the comparison of several models',
  wanted: 'give the comparison.json of earlier audits of the same models as --baseline, or audit the models one by one',
};

/**
 * Reads `audit.json`.
 *
 * @param path of the file, or of the folder of an audit
 * @throws InputError where there is none, or it is no result of an audit
 */
export function readBaseline(path: string): Baseline {
  return { name: path, result: readAudit(path) };
}

/**
 * The whole result in `audit.json`.
 *
 * @param path of the file, or of the folder of an audit
 * @throws InputError where there is none, or it is no result of an audit
 */
export function readAudit(path: string): AuditResult {
  return read(path, AUDIT);
}

/** The baseline of a model of several, by its label; `undefined` where there was no such model. */
export type BaselineOf = (label: string) => Baseline | undefined;

/**
 * Reads `comparison.json`: models are found in it by their names.
 *
 * @param path of the file, or of the folder of a comparison
 * @throws InputError where there is none, or it is no comparison
 */
export function readBaselines(path: string): BaselineOf {
  const comparison = read(path, COMPARISON);
  return (label) => {
    const place = comparison.models.findIndex((model) => model.label === label);
    return place < 0 ? undefined : { name: path, result: measuredOf(comparison, place) };
  };
}

function read<T>(path: string, { schema, version, file: name, what, wanted }: Kind<T>): T {
  const file = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? join(path, name) : path;
  const bytes = readInput(file, 'baseline');
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new InputError(`${file} is no JSON; ${wanted}`, { cause });
  }
  const known = (value as { version?: unknown } | null)?.version;
  if (typeof known === 'number' && known !== version) {
    throw new InputError(`${file} is ${what} in version ${known}, this one reads ${version}; make it anew`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new InputError(`${file} is not ${what} (${wrongField(parsed.error, value, schema)}); ${wanted}`);
}
