/** @file What the user asks of `pareidolia train`. */

import type { AdversarialTraining, ChosenDefence, Device } from '@pareidolia/core';
import { z } from 'zod';
import type { JobKind } from '../job/config.ts';
import type { FoolingClass } from './fooling-class.ts';

/** Networks that are made here. */
export const NETWORKS = ['lenet', 'cnn', 'mlp', 'softmax', 'maxout'] as const;

export type NetworkKind = (typeof NETWORKS)[number];

export interface TrainSettings {
  /** A network that is made here; absent where {@link from} names one. */
  readonly network?: NetworkKind;
  /** Path of a model that is trained on. */
  readonly from?: string;
  /** Path of its card, where the user named one. */
  readonly card?: string;
  /** Of its weights: `none`, `all-but-last`, or names by commas. */
  readonly freeze: string;
  /** Whether its last layer is replaced whatever the classes are. */
  readonly replaceLast: boolean;
  readonly data: string;
  readonly epochs: number;
  readonly batch: number;
  /** At the beginning; it falls along half a cosine. The recipe's own when absent. */
  readonly learningRate?: number;
  readonly distortion: boolean;
  /** Units of the hidden layers of an mlp or maxout network. */
  readonly hidden?: readonly number[];
  readonly adversarial?: AdversarialTraining;
  /** With all their settings. */
  readonly defences?: readonly ChosenDefence[];
  /** What outliers are drawn from, by commas. */
  readonly outliers?: string;
  /** Fooling images as a class of their own. */
  readonly foolingClass?: FoolingClass;
  readonly device: Device;
  readonly threads: number;
  /** Whether a model that lies at the place of the new one may be replaced. */
  readonly force: boolean;
}

/**
 * Threads that a network is trained and judged with. ONNX Runtime cuts the sums of a product of matrices by how much of
 * it one thread has, so the last bits of the weights depend on the number of threads. The embedded network was trained with two.
 */
export const TRAINING_THREADS = 2;

const count = z.int().min(1);

export const TRAIN: JobKind<TrainSettings> = {
  name: 'train',
  settings: z.strictObject({
    network: z.enum(NETWORKS).exactOptional(),
    from: z.string().exactOptional(),
    card: z.string().exactOptional(),
    freeze: z.string(),
    replaceLast: z.boolean(),
    data: z.string(),
    epochs: count,
    batch: count,
    learningRate: z.number().exactOptional(),
    distortion: z.boolean(),
    hidden: z.array(count).exactOptional(),
    adversarial: z
      .discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('fgsm'), epsilon: z.number() }),
        z.strictObject({ kind: z.literal('pgd'), epsilon: z.number(), steps: count, stepSize: z.number() }),
      ])
      .exactOptional(),
    defences: z.array(z.strictObject({ name: z.string(), settings: z.record(z.string(), z.number()) })).exactOptional(),
    outliers: z.string().exactOptional(),
    foolingClass: z.strictObject({ rounds: count, searches: count, generations: count, batch: count }).exactOptional(),
    device: z.enum(['cpu', 'webgpu', 'cuda', 'coreml', 'dml']),
    threads: count,
    force: z.boolean(),
  }),
  // Training computes with as many threads everywhere, whatever is given.
  free: ['force', 'threads'],
  files: ['journal.jsonl', 'epochs.jsonl', /^epochs-\d+\.jsonl$/, 'result.json'],
  folders: [],
};
