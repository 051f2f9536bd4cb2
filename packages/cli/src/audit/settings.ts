/** @file What the user asks of `pareidolia audit`. */

import type { Device } from '@pareidolia/core';
import type { AuditBudget } from '@pareidolia/lab';
import { z } from 'zod';
import type { JobKind } from '../job/config.ts';

export interface AuditSettings {
  /** A file, or an address; the embedded network when absent. */
  readonly model?: string;
  readonly card?: string;
  readonly images?: string;
  readonly data?: string;
  readonly labels?: string;
  readonly limit?: number;
  /** Whether a picture that cannot be read ends the audit. */
  readonly strict?: boolean;
  /** A folder of pictures of other things, or a dataset. */
  readonly outliers?: string;
  /** A network that says how real an image is. */
  readonly discriminator?: string;
  readonly discriminatorRange?: [number, number];
  readonly threshold: number;
  readonly budget: AuditBudget;
  /** Gates, by commas. */
  readonly failOn?: string;
  readonly device: Device;
  readonly threads: number;
}

const text = z.string().exactOptional();

/** The schema of {@link AuditSettings}. */
export const AUDIT_SETTINGS = z.strictObject({
  model: text,
  card: text,
  images: text,
  data: text,
  labels: text,
  limit: z.int().min(1).exactOptional(),
  strict: z.boolean().exactOptional(),
  outliers: text,
  discriminator: text,
  discriminatorRange: z.tuple([z.number(), z.number()]).exactOptional(),
  threshold: z.number().gt(0).max(1),
  budget: z.enum(['quick', 'standard', 'thorough']),
  failOn: text,
  device: z.enum(['cpu', 'webgpu', 'cuda', 'coreml', 'dml']),
  threads: z.int().min(1),
});

export const AUDIT: JobKind<AuditSettings> = {
  name: 'audit',
  settings: AUDIT_SETTINGS,
  free: ['threads'],
  files: [
    'audit.json',
    'figures.csv',
    'report.html',
    'summary.md',
    'junit.xml',
    'audit.sarif',
    'journal.jsonl',
    'queries.jsonl',
  ],
  folders: ['pictures'],
};

/** The settings, out of what the user gave, what the job that is resumed was asked for, and the defaults. */
export function auditSettings(
  given: Partial<AuditSettings>,
  before: AuditSettings | undefined,
  threads: number,
): AuditSettings {
  const usual = { threshold: 0.9, budget: 'quick', device: 'cpu', threads } as const;
  const { images, data } = given;
  // A folder in place of a dataset, or the other way round.
  const earlier = { ...before };
  if (images !== undefined) delete (earlier as { data?: string }).data;
  if (data !== undefined) delete (earlier as { images?: string }).images;
  return { ...usual, ...earlier, ...given };
}
