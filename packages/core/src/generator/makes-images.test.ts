import { GraphBuilder, type Model } from '@pareidolia/autodiff';
import { expect, it } from 'vitest';
import { makesImages } from './makes-images.ts';

/** A graph that multiplies rows by a matrix and gives the products a form; the values do not matter. */
function graph(input: readonly (number | string)[], row: number, form: readonly number[]): Model {
  const b = new GraphBuilder('graph');
  b.input('z', 'float32', input);
  const values = form.reduce((all, length) => all * length, 1);
  const weight = { type: 'float32', dims: [row, values], data: new Float32Array(row * values) } as const;
  const product = b.op('MatMul', [b.op('Reshape', ['z', b.ints([-1, row])]), b.constant(weight)]);
  b.output(b.op('Reshape', [product, b.ints([-1, ...form])]));
  return b.build();
}

it.each([
  ['grey', ['N', 6], [1, 8, 8]],
  ['color', ['N', 6], [3, 16, 8]],
  ['channels last', ['N', 6], [8, 8, 3]],
  ['axes of one behind the row', ['N', 6, 1, 1], [1, 8, 8]],
] as const)('a row of numbers in and images out is a generator: %s', (_, input, form) => {
  expect(makesImages(graph(input, 6, form))).toMatch(
    /^its input is a row of 6 numbers, and its output has the shape \[/,
  );
});

it.each([
  ['scores', ['N', 6], 6, [10]],
  ['images in, scores out', ['N', 1, 8, 8], 64, [10]],
  ['images in and out', ['N', 1, 8, 8], 64, [1, 8, 8]],
  ['rows of values, which may be scores', ['N', 6], 6, [784]],
  ['feature maps of many channels', ['N', 6], 6, [16, 8, 8]],
  ['one place of three scores', ['N', 6], 6, [3, 1, 1]],
] as const)('anything else is not shown to be one: %s', (_, input, row, form) => {
  expect(makesImages(graph(input, row, form))).toBeUndefined();
});
