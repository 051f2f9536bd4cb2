/** @file The folder of a comparison: what was asked for, a folder for each model, and what the comparison came to. */

import { basename } from 'node:path';
import { InputError } from '@pareidolia/core';
import { z } from 'zod';
import { type JobKind, readConfig } from '../../job/config.ts';
import { AUDIT_SETTINGS, type AuditSettings } from '../settings.ts';

/** What the user asks of several audits: the same of each model. */
export interface ComparisonSettings extends Omit<AuditSettings, 'model'> {
  /** Files or addresses, in their order; of an address only what is no secret. */
  readonly models: readonly string[];
}

export const COMPARISON: JobKind<ComparisonSettings> = {
  name: 'audit of several models',
  settings: AUDIT_SETTINGS.omit({ model: true }).extend({ models: z.array(z.string()).min(2) }),
  free: ['threads'],
  files: ['comparison.json', 'comparison.csv', 'comparison.md', 'comparison.html'],
  folders: [],
};

/** Whether a folder holds a comparison that could go on. */
export function isComparison(folder: string): boolean {
  try {
    return readConfig(folder, COMPARISON) !== undefined;
  } catch (error) {
    // What else is in it is told by whoever wants to use it.
    if (error instanceof InputError) return false;
    throw error;
  }
}

/** A folder for each model, by its place and its name, inside that of the comparison. */
export function modelFolder(model: string, place: number): string {
  const name = basename(model)
    .replace(/\.onnx$/i, '')
    .replaceAll(/[^\w.-]+/g, '-');
  return `${place + 1}-${name}`.slice(0, 100);
}
