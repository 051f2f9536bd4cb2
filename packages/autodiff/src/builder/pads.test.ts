import { describe, expect, it } from 'vitest';
import { runModel } from '../testing/run.ts';
import { sample } from '../testing/samples.ts';
import { upgrade } from '../upgrades/upgrade.ts';
import { GraphBuilder } from './builder.ts';
import { padAxes, wholePads } from './pads.ts';

/** `2 x 3 x 4`, whose second axis is padded between transpositions, by one row before and two after. */
const x = sample(1, [2, 3, 4]);

/** The expected output, by hand: `2 x 6 x 4`. */
const expected = Array.from({ length: 48 }, (_, place) => {
  const [n, row, column] = [Math.floor(place / 24), Math.floor(place / 4) % 6, place % 4];
  return row < 1 || row > 3 ? 0 : x.data[n * 12 + (row - 1) * 4 + column];
});

/** The padding between transpositions, which the runtime moves across it. */
function between(pad: (b: GraphBuilder, value: string) => string) {
  const b = new GraphBuilder();
  b.input('x', 'float32', ['N', 3, 4]);
  b.initializer('widths', { type: 'int64', dims: [2], data: BigInt64Array.of(1n, 2n) });
  const turned = b.op('Relu', [b.op('Transpose', [b.op('Add', ['x', b.scalar(1)])], { perm: [1, 2, 0] })]);
  const padded = pad(b, b.op('Sub', [turned, b.scalar(1)]));
  b.output(b.op('Transpose', [padded], { perm: [2, 0, 1] }, 'y'));
  return b.build();
}

describe('padding along some axes', () => {
  it.each([
    ['numbers', (b: GraphBuilder, value: string) => padAxes(b, value, [1, 2], [0])],
    ['a value', (b: GraphBuilder, value: string) => padAxes(b, value, b.op('Neg', [b.op('Neg', ['widths'])]), [0])],
  ])('by %s is right between transpositions', async (_, pad) => {
    const { y } = await runModel(between(pad), { x });
    expect(y!.dims).toEqual([2, 6, 4]);
    y!.data.forEach((value, place) => {
      expect(value).toBeCloseTo(expected[place]!, 6);
    });
  });

  it('as a model says it is rewritten, since the runtime mistakes the axes', async () => {
    const model = between((b, value) => b.op('Pad', [value, 'widths', '', b.ints([-3])]));
    await expect(runModel(model, { x })).rejects.toThrow();
    const { y } = await runModel(upgrade(model), { x });
    y!.data.forEach((value, place) => {
      expect(value).toBeCloseTo(expected[place]!, 6);
    });
  });

  it('says nothing of the others', () => {
    expect(wholePads([1, 2, 3, 4], [3, -3], 4)).toEqual([0, 2, 0, 1, 0, 4, 0, 3]);
  });
});
