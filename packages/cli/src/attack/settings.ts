/** @file What the user asks of `pareidolia attack`. */

import type { Device, Norm } from '@pareidolia/core';
import { z } from 'zod';
import type { JobKind } from '../job/config.ts';

export interface AttackSettings {
  readonly model?: string;
  readonly card?: string;
  readonly images?: string;
  readonly data?: string;
  readonly labels?: string;
  readonly limit?: number;
  /** Whether a picture that cannot be read ends the run. */
  readonly strict?: boolean;
  /** Names by commas. */
  readonly attack: string;
  readonly norm?: Norm;
  /** As written: numbers and fractions by commas, or `min`. */
  readonly epsilon: string;
  /** Whether each epsilon is attacked as if it were the only one. */
  readonly eachEpsilon?: boolean;
  readonly targeted?: string;
  readonly set: Readonly<Record<string, number>>;
  readonly budget?: number;
  readonly batch?: number;
  readonly quantize: boolean;
  /** Whether images have to survive random transformations. */
  readonly transformations: boolean;
  /** Whether a guarded model's network is attacked as if it had no detector. */
  readonly networkAlone?: boolean;
  /** Images written as files, at most, for each attack and epsilon. */
  readonly pictures: number;
  readonly device: Device;
  readonly threads: number;
}

const count = z.int().min(1);
const text = z.string().exactOptional();

export const ATTACK: JobKind<AttackSettings> = {
  name: 'attack',
  settings: z.strictObject({
    model: text,
    card: text,
    images: text,
    data: text,
    labels: text,
    limit: count.exactOptional(),
    strict: z.boolean().exactOptional(),
    attack: z.string(),
    norm: z.enum(['linf', 'l2', 'l1', 'l0']).exactOptional(),
    epsilon: z.string(),
    eachEpsilon: z.boolean().exactOptional(),
    targeted: text,
    set: z.record(z.string(), z.number()),
    budget: count.exactOptional(),
    batch: count.exactOptional(),
    quantize: z.boolean(),
    transformations: z.boolean(),
    networkAlone: z.boolean().exactOptional(),
    pictures: z.int().min(0),
    device: z.enum(['cpu', 'webgpu', 'cuda', 'coreml', 'dml']),
    threads: count,
  }),
  // Paths may change; contents are compared by their hashes.
  free: ['model', 'card', 'images', 'data', 'labels'],
  files: ['journal.jsonl', 'queries.jsonl', 'results.jsonl', 'summary.json', 'report.html'],
  folders: ['images'],
};

/** Images of a dataset that are attacked by default. */
const FEW = 100;

/** The user's settings, then those of the resumed job, then the defaults. */
export function attackSettings(
  given: Partial<AttackSettings>,
  before: AttackSettings | undefined,
  threads: number,
): AttackSettings {
  if (before !== undefined) return { ...before, ...given };
  const few = given.images === undefined ? { limit: FEW } : {};
  return {
    attack: 'pgd',
    epsilon: 'min',
    set: {},
    quantize: true,
    transformations: false,
    pictures: 100,
    device: 'cpu',
    threads,
    ...few,
    ...given,
  };
}
