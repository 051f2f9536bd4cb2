import { expect, it } from 'vitest';
import { GraphBuilder } from '../builder/builder.ts';
import { differentiate } from '../differentiate.ts';
import { runModel } from '../testing/run.ts';

/** Bounds, their neighbors among the normal floats, and numbers far away. */
function around(low: number, high: number): number[] {
  const neighbors = [low, high].flatMap((bound) => {
    const word = new Float32Array([bound, bound]);
    const bits = new Int32Array(word.buffer);
    bits[0]! += 1;
    bits[1]! -= 1;
    return bound === 0 ? [0, 2 ** -126, -(2 ** -126)] : [bound, ...word];
  });
  return [...neighbors, (low + high) / 2, 1e-30, -1e-30, 3e38, -3e38, 1e20, -1e20, Infinity, -Infinity];
}

it.each([
  [0, 6],
  [-1, 1],
  [0.1, 0.7],
  [-3, 0],
  [-0.5, 1000],
  [-1e-30, 1e-36],
])('Clip to [%d, %d] passes on what lies within or on a bound, also behind a convolution', async (low, high) => {
  const numbers = around(low, high).map(Math.fround);
  const data = Float32Array.from({ length: 8 * numbers.length }, (_, i) => numbers[i % numbers.length]!);
  const dims = [1, 8, 1, numbers.length];
  const ones = new Float32Array(8).fill(1);
  for (const convolved of [false, true]) {
    const b = new GraphBuilder();
    b.input('x', 'float32', dims);
    const same = b.constant({ type: 'float32', dims: [8, 1, 1, 1], data: ones });
    const image = convolved ? b.op('Conv', ['x', same], { group: 8 }) : 'x';
    const y = b.op('Clip', [image, b.scalar(low), b.scalar(high)]);
    b.input('g', 'float32', dims);
    b.output(differentiate(b, y, 'g', ['x'])[0]!);
    const [result] = Object.values(
      await runModel(b.build(), { x: { data, dims }, g: { data: data.map(() => 1), dims } }),
    );
    const [least, most] = [Math.fround(low), Math.fround(high)];
    const wrong = numbers.filter((x, i) => result!.data[i] !== Number(x >= least && x <= most));
    expect(wrong, convolved ? 'behind a convolution' : 'by itself').toEqual([]);
  }
});
