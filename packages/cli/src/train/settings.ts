/** @file What the user asks of `pareidolia train`. */

import type { AdversarialTraining, Device } from '@pareidolia/core';
import { z } from 'zod';
import type { JobKind } from '../job/config.ts';

export interface TrainSettings {
  readonly network: 'lenet' | 'mlp' | 'softmax' | 'maxout';
  readonly data: string;
  readonly epochs: number;
  readonly batch: number;
  /** At the beginning; it falls along half a cosine. The recipe's own when absent. */
  readonly learningRate?: number;
  readonly distortion: boolean;
  /** Units of the hidden layers of an mlp or maxout network. */
  readonly hidden?: readonly number[];
  readonly adversarial?: AdversarialTraining;
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
    network: z.enum(['lenet', 'mlp', 'softmax', 'maxout']),
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
    device: z.enum(['cpu', 'webgpu', 'cuda', 'coreml', 'dml']),
    threads: count,
    force: z.boolean(),
  }),
  // Training computes with as many threads everywhere, whatever is given.
  free: ['force', 'threads'],
  files: ['journal.jsonl', 'epochs.jsonl', 'result.json'],
  folders: [],
};
