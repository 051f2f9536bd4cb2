import { expect, it } from 'vitest';
import { askMany } from './batched-queries.ts';

it('asks about many images in portions that fit into memory, makes them when their turn comes, and reads in order', () => {
  const size = 2 ** 18;
  const log: string[] = [];
  const steps = askMany(
    5,
    size,
    (index) => {
      log.push(`make ${index}`);
      return Float32Array.of(index);
    },
    (logits, index, image) => log.push(`read ${index} ${logits[0]} ${image[0]}`),
  );
  let result = steps.next([]);
  const portions: number[] = [];
  while (result.done !== true) {
    portions.push(result.value.length);
    result = steps.next(
      result.value.map(({ image }) => ({
        logits: Float32Array.of(10 * image[0]!),
        value: 0,
        gradient: new Float32Array(0),
      })),
    );
  }
  expect(portions).toEqual([2, 2, 1]);
  expect(log).toEqual(
    [
      ['make 0', 'make 1', 'read 0 0 0', 'read 1 10 1'],
      ['make 2', 'make 3', 'read 2 20 2', 'read 3 30 3'],
      ['make 4', 'read 4 40 4'],
    ].flat(),
  );
});
