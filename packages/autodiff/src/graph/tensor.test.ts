import { expect, test } from 'vitest';
import { tensorOfBytes } from './tensor.ts';

test('numbers at an odd offset are read, also from a Buffer, whose slice is a view', () => {
  const bytes = Buffer.alloc(9);
  bytes.writeFloatLE(1.5, 1);
  bytes.writeFloatLE(-2, 5);
  expect(tensorOfBytes('float32', [2], bytes.subarray(1), 'w').data).toEqual(Float32Array.of(1.5, -2));
});
