import { expect, it } from 'vitest';
import { InputError } from '../errors.ts';
import { imageAt, planeThrough } from './plane.ts';

const [A, B, C] = [Uint8Array.of(0, 0, 255), Uint8Array.of(255, 0, 255), Uint8Array.of(51, 102, 255)] as const;

it('the three images lie in their plane, at the places that are said', () => {
  const basis = planeThrough(A, B, C);
  const image = new Float32Array(3);
  for (const [bytes, u, v] of [
    [A, 0, 0],
    [B, 1, 0],
    [C, basis.along, 1],
  ] as const) {
    imageAt(basis, u, v, image);
    image.forEach((pixel, i) => {
      expect(pixel).toBeCloseTo(bytes[i]! / 255, 6);
    });
  }
  // (51, 102) / 255 = (0.2, 0.4): a fifth along the first axis, 0.4 up the second.
  expect(basis.along).toBeCloseTo(0.2, 12);
  expect(basis.up[1]).toBeCloseTo(0.4, 12);
});

it('three images on one line have no plane', () => {
  expect(() => planeThrough(A, A, C)).toThrow(InputError);
  expect(() => planeThrough(A, B, Uint8Array.of(128, 0, 255))).toThrow(/one line/);
});
