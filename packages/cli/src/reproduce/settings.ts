/** @file What the user asks of `pareidolia reproduce`, and how much of it may change when it is resumed. */

import type { Device } from '@pareidolia/core';
import { type Budget, CLAIMS } from '@pareidolia/lab';
import { z } from 'zod';
import type { JobKind } from '../job/config.ts';

export interface ReproduceSettings {
  /** Of claims, or `all`. */
  readonly names: readonly string[];
  readonly budget: Budget;
  readonly crops: 1 | 10;
  /** Seeds of claims that repeat their searches; the budget's number when absent. */
  readonly seeds?: number;
  readonly device: Device;
  readonly threads: number;
  /** Paths of a generator and a discriminator; those of the data folder when absent. */
  readonly generator?: string;
  readonly discriminator?: string;
  readonly discriminatorRange?: [number, number];
}

export const REPRODUCE: JobKind<ReproduceSettings> = {
  name: 'reproduce',
  settings: z.strictObject({
    names: z.array(z.string()).min(1),
    budget: z.enum(['tiny', 'small', 'paper']),
    crops: z.literal([1, 10]),
    seeds: z.int().min(1).exactOptional(),
    device: z.enum(['cpu', 'webgpu', 'cuda', 'coreml', 'dml']),
    threads: z.int().min(1),
    generator: z.string().exactOptional(),
    discriminator: z.string().exactOptional(),
    discriminatorRange: z.tuple([z.number(), z.number()]).exactOptional(),
  }),
  free: ['names'],
  files: ['findings.json', 'report.html', ...CLAIMS.map(({ name, ledger }) => `${ledger ?? name}.jsonl`)],
  folders: [],
};
