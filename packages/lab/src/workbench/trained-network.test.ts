import { mlp } from '@pareidolia/core';
import { expect, it } from 'vitest';
import { tinyWorkbench } from '../testing/workbench.ts';
import { trainedNetwork } from './trained-network.ts';

it('a training that is stopped ends within two steps and is not written down; one that is done is read', async () => {
  const bench = await tinyWorkbench();
  try {
    const { train, test } = (await bench.data('digits'))!;
    const model = mlp({ channels: 1, height: 28, width: 28 }, [20], 10, 1);
    const recipe = { model, dataset: train, test, steps: 24, seed: 1 };
    let steps = 0;
    const stopped = new Error('stopped');
    const impatient = {
      ...bench,
      pause: async () => {
        if (steps >= 5) throw stopped;
      },
    };
    const count = (): void => {
      steps++;
    };
    await expect(trainedNetwork(impatient, 'perceptron', { ...recipe, say: count })).rejects.toBe(stopped);
    expect(steps).toBeLessThan(8);
    expect(bench.units.size).toBe(0);
    const { network, accuracy, confusion } = await trainedNetwork(bench, 'perceptron', recipe);
    await network.dispose();
    expect(confusion.reduce((sum, row, label) => sum + row[label]!, 0) / test.images.count).toBe(accuracy);
    steps = 0;
    const again = await trainedNetwork(bench, 'perceptron', { ...recipe, say: count });
    expect(again.accuracy).toBe(accuracy);
    expect(steps).toBe(0);
    const scores = await again.network.predict(test.images);
    const right = test.labels.filter((label, row) => {
      const own = scores.data.subarray(10 * row, 10 * row + 10);
      return own.indexOf(Math.max(...own)) === label;
    });
    expect(right.length / test.images.count).toBe(accuracy);
    await again.network.dispose();
  } finally {
    await bench.dispose();
  }
});
