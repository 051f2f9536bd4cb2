import { expect, it } from 'vitest';
import { showTo } from './transfer-photographs.ts';

it('images count where their own network believes them; the other one gives confidence and place of the class', async () => {
  const shape = { channels: 1, height: 1, width: 1 } as const;
  const images = { ...shape, count: 4, data: Uint8Array.of(0, 1, 2, 3) };
  const rows = [
    [0.1, 0.2, 0.3, 0.4],
    [0.1, 0.6, 0.2, 0.1],
    [0.9, 0.05, 0.05, 0],
    [0, 0, 0, 1],
  ];
  const other = {
    predict: async ({ count, data }: typeof images) => ({
      count,
      numClasses: 4,
      data: Float32Array.from([...data].flatMap((value) => rows[value]!)),
    }),
  };
  const carried = await showTo({ pause: async () => {} }, other, images, [0.9, 0.5, 0.7, 0.49]);
  expect(carried.classes).toEqual([0, 1, 2]);
  expect(carried.own).toEqual([0.9, 0.5, 0.7]);
  expect(carried.other).toEqual([0.1, 0.6, 0.05].map((value) => expect.closeTo(value, 6)));
  // A tie shares the better place.
  expect(carried.places).toEqual([4, 1, 2]);
  expect(carried.shown).toEqual([1, 0, 2]);
  expect([...carried.images]).toEqual([1, 0, 2]);
});
