import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GraphBuilder } from '../builder/builder.ts';
import { differentiate } from '../differentiate.ts';
import { runModel } from '../testing/run.ts';

const POOLS = fc.record({
  channels: fc.constantFrom(3, 4, 8, 16),
  // From one element to more than are handled one by one, and to the whole image.
  kernel: fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 })),
  stride: fc.integer({ min: 1, max: 3 }),
  pads: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 4, maxLength: 4 }),
  ceil: fc.boolean(),
  rectified: fc.boolean(),
  more: fc.tuple(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 8 })),
  levels: fc.array(fc.integer({ min: -1, max: 2 }), { minLength: 7, maxLength: 61 }),
});

test('the first maximum in row-major order gets the whole cotangent, also among many equals', async () => {
  await fc.assert(
    fc.asyncProperty(POOLS, async ({ channels, kernel, stride, pads: raw, ceil, rectified, more, levels }) => {
      const pads = raw.map((pad, index) => Math.min(pad, kernel[index % 2]! - 1));
      const size = kernel.map((k, axis) => k + more[axis]!);
      const [height = 1, width = 1] = size;
      const b = new GraphBuilder();
      const input = b.input('x', 'float32', ['N', channels, ...size]);
      const x = rectified ? b.op('Relu', [input]) : input;
      const y = b.op('MaxPool', [x], {
        kernel_shape: kernel,
        strides: [stride, stride],
        pads,
        ceil_mode: Number(ceil),
      });
      const [rows = 1, columns = 1] = b.shape(y).slice(2) as number[];
      b.input('g', 'float32', ['N', channels, rows, columns]);
      const [gradient] = differentiate(b, y, 'g', [input]);
      b.output(y);
      b.output(gradient!);
      const count = 2 * channels * height * width;
      const data = Float32Array.from({ length: count }, (_, i) => levels[(i * 7) % levels.length]!);
      const g = Float32Array.from({ length: 2 * channels * rows * columns }, (_, i) => Math.sin(i + 1));
      const results = await runModel(b.build(), {
        x: { data, dims: [2, channels, height, width] },
        g: { data: g, dims: [2, channels, rows, columns] },
      });

      const expected = new Float64Array(count);
      for (let plane = 0; plane < 2 * channels; plane++) {
        for (let i = 0; i < rows * columns; i++) {
          let best = Number.NEGATIVE_INFINITY;
          let place = -1;
          for (let k = 0; k < kernel[0] * kernel[1]; k++) {
            const row = Math.floor(i / columns) * stride + Math.floor(k / kernel[1]) - pads[0]!;
            const column = (i % columns) * stride + (k % kernel[1]) - pads[1]!;
            if (row < 0 || column < 0 || row >= height || column >= width) continue;
            const at = (plane * height + row) * width + column;
            const value = rectified ? Math.max(0, data[at]!) : data[at]!;
            if (value > best) [best, place] = [value, at];
          }
          if (place >= 0 && !(rectified && best === 0)) expected[place]! += g[plane * rows * columns + i]!;
        }
      }
      const found = results[gradient!]!.data;
      expect(found.length).toBe(count);
      expect(Math.max(...found.map((value, i) => Math.abs(value - expected[i]!)))).toBeLessThan(1e-5);
    }),
    { numRuns: 80 },
  );
});
