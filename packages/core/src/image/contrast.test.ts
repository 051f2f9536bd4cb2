import { expect, it } from 'vitest';
import { amplifyContrast } from './contrast.ts';

it('differences of a few levels are multiplied until they fill the range, each channel around its own mean', () => {
  const red = [100, 102, 98, 100];
  const green = [10, 10, 10, 10];
  const blue = [250, 251, 249, 250];
  const { planes, factor } = amplifyContrast(Uint8Array.from([...red, ...green, ...blue]), {
    channels: 3,
    height: 2,
    width: 2,
  });
  // The largest difference is 2: 63 times that is 126.
  expect(factor).toBe(63);
  expect([...planes]).toEqual([128, 254, 2, 128, 128, 128, 128, 128, 128, 191, 65, 128]);
});

it('an image that has all levels stays as it is', () => {
  const planes = Uint8Array.from({ length: 256 }, (_, i) => i);
  expect(amplifyContrast(planes, { channels: 1, height: 16, width: 16 }).factor).toBe(1);
});
