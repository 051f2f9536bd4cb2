import { describe, expect, it } from 'vitest';
import { drawDigits } from '../dataset/index.ts';
import { SecondLook } from './second-look.ts';

const SIDE = 28;

/** A bright bar of 4 x 16 pixels, from a corner on. */
function bar(top: number, left: number): Uint8Array {
  const image = new Uint8Array(SIDE * SIDE);
  for (let y = top; y < top + 16; y++) image.fill(255, y * SIDE + left, y * SIDE + left + 4);
  return image;
}

/** Two classes: the upright bar, and the same lying. */
function bars() {
  const upright = bar(6, 12);
  const lying = Uint8Array.from(upright, (_, at) => upright[(at % SIDE) * SIDE + Math.floor(at / SIDE)]!);
  const data = new Uint8Array(2 * SIDE * SIDE);
  data.set(upright);
  data.set(lying, SIDE * SIDE);
  const images = { channels: 1 as const, height: SIDE, width: SIDE, count: 2, data };
  return { name: 'bars', classNames: ['upright', 'lying'], images, labels: Int32Array.of(0, 1) };
}

describe('a second look', () => {
  const look = new SecondLook(bars(), bars());

  it('correlates a picture with itself by 1, moved or as a negative, too', () => {
    expect(look.resemblance(bar(6, 12), 0)).toBeCloseTo(1, 12);
    expect(look.resemblance(bar(4, 16), 0)).toBeCloseTo(1, 12);
    expect(
      look.resemblance(
        bar(6, 12).map((value) => 255 - value),
        0,
      ),
    ).toBeCloseTo(1, 12);
  });

  it('sees less of it in another picture, and nothing in a plain one', () => {
    expect(look.resemblance(bar(6, 12), 1)).toBeLessThan(0.7);
    expect(look.resemblance(new Uint8Array(SIDE * SIDE).fill(90), 0)).toBe(0);
  });
});

it('misses one drawn digit in twenty at most, and sees none in noise', () => {
  const others = drawDigits(200, 2);
  const digits = new SecondLook(drawDigits(200, 1), others);
  const missed = [...others.labels].filter(
    (label, at) => !digits.resembles(others.images.data.subarray(at * SIDE * SIDE, (at + 1) * SIDE * SIDE), label),
  );
  expect(missed.length).toBeLessThanOrEqual(10);
  const noise = Uint8Array.from({ length: SIDE * SIDE }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 24);
  for (let digit = 0; digit < 10; digit++) expect(digits.resembles(noise, digit)).toBe(false);
});
