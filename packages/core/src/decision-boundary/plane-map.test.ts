import { expect, it } from 'vitest';
import { InputError } from '../errors.ts';
import type { Images } from '../image/images.ts';
import { mapPlane } from './plane-map.ts';

/** Two pixels; class 1 where the first is brighter than the second, with a probability that says by how much. */
const network = {
  where: 'two pixels',
  shape: { channels: 1, height: 1, width: 2 },
  predict: async ({ count, data }: Images) => ({
    count,
    numClasses: 2,
    data: Float32Array.from({ length: 2 * count }, (_, i) => {
      const difference = (data[i - (i % 2)]! - data[i - (i % 2) + 1]!) / 255;
      return i % 2 === 1 ? (1 + difference) / 2 : (1 - difference) / 2;
    }),
  }),
} as const;

/** Across goes along the first pixel, up along the second: the place (x, y) is the image (x, y). */
const images = [Uint8Array.of(0, 0), Uint8Array.of(255, 0), Uint8Array.of(0, 255)] as const;

it('each cell is the decision of the 8-bit image in its middle', async () => {
  const { field, places } = await mapPlane(network, [...images], { grid: 4, margin: 0 });
  const { decisions, confidences } = field;
  expect(places).toEqual([
    { x: 0, y: 0 },
    { x: 1, y: 0 },
    { x: 0, y: 1 },
  ]);
  for (let cell = 0; cell < 16; cell++) {
    const [x, y] = [((cell % 4) + 0.5) / 4, (Math.floor(cell / 4) + 0.5) / 4];
    const difference = (Math.round(255 * x) - Math.round(255 * y)) / 255;
    if (x !== y) expect(decisions[cell]).toBe(x > y ? 1 : 0);
    expect(confidences[cell]).toBeCloseTo((1 + Math.abs(difference)) / 2, 6);
  }
});

it('beyond the box the images are clipped', async () => {
  const { field } = await mapPlane(network, [...images], { grid: 3, margin: 1 });
  // The cell right and below of the box: (1.5, -0.5) is clipped to white beside black.
  expect(field.ends).toEqual([-1, 2]);
  expect(field.confidences[2]).toBe(1);
});

it('images of another size are refused', async () => {
  const other = [images[0], images[1], Uint8Array.of(1, 2, 3)] as const;
  await expect(mapPlane(network, [...other], { grid: 2, margin: 0 })).rejects.toThrow(InputError);
});
