/** @file The result of an earlier audit, that a new one is compared with. */

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '@pareidolia/core';
import { AUDIT_RESULT, AUDIT_VERSION, type AuditResult } from '@pareidolia/lab';
import { readInput } from '../data/read.ts';

/** A result and where it lies. */
export interface Baseline {
  readonly name: string;
  readonly result: AuditResult;
}

/**
 * Reads `audit.json`.
 *
 * @param path of the file, or of the folder of an audit
 * @throws InputError where there is none, or it is no result of an audit
 */
export function readBaseline(path: string): Baseline {
  const file = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? join(path, 'audit.json') : path;
  const bytes = readInput(file, 'baseline');
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new InputError(`${file} is no JSON; give the audit.json of an earlier audit as --baseline`, { cause });
  }
  const version = (value as { version?: unknown } | null)?.version;
  if (typeof version === 'number' && version !== AUDIT_VERSION) {
    throw new InputError(
      `${file} is the result of an audit in version ${version}, this one reads ${AUDIT_VERSION}; make it anew`,
    );
  }
  const read = AUDIT_RESULT.safeParse(value);
  if (read.success) return { name: path, result: read.data };
  const [issue] = read.error.issues;
  throw new InputError(
    `${file} is not the result of an audit (${issue!.path.join('.') || 'at its top'}: ${issue!.message}); give the audit.json of an earlier audit as --baseline`,
  );
}
