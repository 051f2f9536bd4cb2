import { expect, it } from 'vitest';
import { GraphBuilder } from '../builder/builder.ts';
import { runModel } from '../testing/run.ts';
import { sample } from '../testing/samples.ts';
import { upgrade } from './upgrade.ts';

it.each([
  ['a matrix', [3, 4], [1, 0]],
  ['matrices', [2, 3, 4], [0, 2, 1]],
] as const)('%s, transposed and multiplied by a vector, is what it says', async (_, dims, perm) => {
  const [x, vector] = [sample(1, dims), sample(2, [3])];
  const b = new GraphBuilder();
  b.input('x', 'float32', dims);
  const turned = b.op('Transpose', ['x'], { perm });
  b.output(b.op('MatMul', [turned, b.initializer('v', { type: 'float32', ...vector })], {}, 'y'));
  const { y } = await runModel(upgrade(b.build()), { x });
  expect(y!.dims).toEqual([...dims.slice(0, -2), 4]);
  y!.data.forEach((value, place) => {
    const [matrix, column] = [Math.floor(place / 4), place % 4];
    const expected = [0, 1, 2].reduce(
      (sum, row) => sum + vector.data[row]! * x.data[matrix * 12 + row * 4 + column]!,
      0,
    );
    expect(value).toBeCloseTo(expected, 5);
  });
});
