import { expect, test } from 'vitest';
import { int64s, tensorOfBytes } from './tensor.ts';

test('numbers at an odd offset are read, also from a Buffer, whose slice is a view', () => {
  const bytes = Buffer.alloc(9);
  bytes.writeFloatLE(1.5, 1);
  bytes.writeFloatLE(-2, 5);
  expect(tensorOfBytes('float32', [2], bytes.subarray(1), 'w').data).toEqual(Float32Array.of(1.5, -2));
});

test('whole numbers out of reach are the furthest ones, not those of the other sign', () => {
  // 2^63 - 1 in a file is read as the nearest double, 2^63.
  const { data } = int64s([Number(2n ** 63n - 1n), -1, Number(-(2n ** 63n))]);
  expect(data).toEqual(BigInt64Array.of(2n ** 63n - 1n, -1n, -(2n ** 63n)));
});
