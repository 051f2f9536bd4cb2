import { describe, expect, it } from 'vitest';
import { evaluate } from '../network/evaluation.ts';
import { mlp } from '../network/mlp.ts';
import { train } from '../network/trainer.ts';
import { Random } from '../random/random.ts';
import { nodeRuntime } from '../runtime/node.ts';
import { type Dataset, selectExamples, shuffledBatches, sliceDataset } from './dataset.ts';
import { idxDataset } from './labelled-idx.ts';

/** An IDX file of bytes. */
function idx(name: string, dims: readonly number[], data: readonly number[]) {
  const header = dims.flatMap((dim) => [0, 0, dim >> 8, dim & 255]);
  return { name, bytes: Uint8Array.from([0, 0, 8, dims.length, ...header, ...data]) };
}

const runtime = nodeRuntime();
const session = { device: 'cpu', threads: 1 } as const;

const classNames = Array.from({ length: 300 }, (_, index) => `class ${index}`);

/** One image of each of the classes 250 to 299, in which nothing can be seen. */
const dataset: Dataset = {
  name: 'many',
  classNames,
  images: { channels: 1, height: 1, width: 2, count: 50, data: new Uint8Array(100).fill(255) },
  labels: Int32Array.from({ length: 50 }, (_, row) => 250 + row),
};

describe('class 256', () => {
  it('stays itself in parts of a dataset', () => {
    expect(sliceDataset(dataset, 6, 7).labels).toEqual(Int32Array.of(256));
    expect(selectExamples(dataset, [49, 6]).labels).toEqual(Int32Array.of(299, 256));
    const walked = [...shuffledBatches(dataset, 7, Random.stream(1))].flatMap(({ labels }) => [...labels]);
    expect(walked.sort((a, b) => a - b)).toEqual([...dataset.labels]);
  });

  it('is the one that a training moves to, and an evaluation counts', async () => {
    const only = selectExamples(dataset, [6, 6, 6, 6]);
    const { model } = await train({
      model: mlp({ channels: 1, height: 1, width: 2 }, [], 300, 1),
      dataset: only,
      runtime,
      session,
      epochs: 20,
      batch: 4,
      seed: 1,
      optimizer: { kind: 'sgd', momentum: 0, weightDecay: 0 },
      learningRate: { kind: 'cosine', base: 0.2 },
    });
    const { correct, confusion } = await evaluate(model, only, runtime, session);
    expect(correct).toBe(4);
    expect(confusion[256]![256]).toBe(4);
    const bias = model.graph.initializers.get('logits.bias')!.data as Float32Array;
    expect(bias.indexOf(Math.max(...bias))).toBe(256);
  });
});

it('a label file of bytes may name the classes 0 to 255', async () => {
  const images = idx('images', [2, 1, 1], [7, 8]);
  const { labels } = await idxDataset('d', images, idx('labels', [2], [0, 255]), classNames);
  expect(labels).toEqual(Int32Array.of(0, 255));
});
