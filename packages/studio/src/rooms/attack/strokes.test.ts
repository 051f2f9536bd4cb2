import { describe, expect, it } from 'vitest';
import { fromStrokes } from './strokes.ts';

const SIDE = 252;
const SHAPE = { channels: 1, height: 28, width: 28 } as const;

/** Full ink in some boxes `[left, top, right, bottom)`. */
function drawn(...boxes: readonly (readonly [number, number, number, number])[]): ImageData {
  const data = new Uint8ClampedArray(4 * SIDE * SIDE);
  for (const [left, top, right, bottom] of boxes) {
    for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) data[4 * (y * SIDE + x) + 3] = 255;
  }
  return { data, width: SIDE, height: SIDE, colorSpace: 'srgb' } as ImageData;
}

/** The box of what is inked by half or more, and its centre of mass, both in pixels of the image. */
function measured(planes: Uint8Array) {
  const inked = [...planes.entries()].filter(([, value]) => value >= 128);
  const [xs, ys] = [inked.map(([at]) => at % 28), inked.map(([at]) => Math.floor(at / 28))];
  const mass = inked.reduce((sum, [, value]) => sum + value, 0);
  const mean = (of: readonly number[]): number =>
    inked.reduce((sum, [, value], i) => sum + value * (of[i]! + 0.5), 0) / mass;
  return {
    width: Math.max(...xs) - Math.min(...xs) + 1,
    height: Math.max(...ys) - Math.min(...ys) + 1,
    centre: [mean(xs), mean(ys)],
    ink: planes.reduce((sum, value) => sum + value, 0),
  };
}

describe('a drawing as an image of MNIST', () => {
  it.each([
    ['a small one in a corner', [4, 4, 24, 44]],
    ['one that touches the edge', [200, 52, 252, 252]],
    ['one as large as the pad', [0, 0, 252, 252]],
  ] as const)('%s is 20 pixels long, with its centre of mass in the middle', (_, box) => {
    const { width, height, centre } = measured(fromStrokes(drawn(box), SHAPE)!);
    expect(Math.max(width, height)).toBe(20);
    expect(centre[0]).toBeCloseTo(14, 0);
    expect(centre[1]).toBeCloseTo(14, 0);
  });

  it('keeps all of its ink where its mass lies far to one side', () => {
    // A heavy head and a tail as long as the pad: by the mass alone the tail would leave the image.
    const { ink } = measured(fromStrokes(drawn([0, 0, 200, 20], [98, 20, 102, 252]), SHAPE)!);
    // Ink of the drawing, at 252 pixels of it for 20 of the image.
    expect(ink / (255 * (200 * 20 + 4 * 232) * (20 / 252) ** 2)).toBeCloseTo(1, 1);
  });

  it('is none where nothing is drawn', () => {
    expect(fromStrokes(drawn(), SHAPE)).toBeUndefined();
  });
});
