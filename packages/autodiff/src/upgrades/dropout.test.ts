import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../builder/builder.ts';
import { differentiate } from '../differentiate.ts';
import type { Model } from '../model/model.ts';
import { tensor } from '../model/tensor.ts';
import { runModel } from '../testing/run.ts';
import { upgrade } from './upgrade.ts';

const SIZE = 4000;
const RATIO = 0.3;

function network(opset: number, training: boolean): Model {
  const b = new GraphBuilder('net');
  b.input('x', 'float32', ['N', SIZE]);
  const mode = b.constant(tensor('bool', [], Uint8Array.of(training ? 1 : 0)));
  b.output(b.op('Dropout', ['x', b.scalar(RATIO), mode], {}, 'y'));
  return { ...b.build(), opset };
}

describe.each([13, 18])('Dropout of opset %i', (opset) => {
  const x = { dims: [1, SIZE], data: new Float32Array(SIZE).fill(2) };

  it('passes its input on at inference', async () => {
    const { y } = await runModel(upgrade(network(opset, false)), { x });
    expect(Array.from(y!.data, Number)).toEqual([...x.data]);
  });

  it('draws in training mode: zeros, and the rest scaled up so that the mean stays; the gradient has the same mask', async () => {
    const b = GraphBuilder.from(upgrade(network(opset, true)));
    const ones = b.op('Expand', [b.scalar(1), b.op('Shape', ['y'])]);
    const [gradient] = differentiate(b, 'y', ones, ['x']);
    b.output(b.op('Identity', [gradient!], {}, 'g'));
    const { y, g } = await runModel(b.build(), { x });
    const values = Array.from(y!.data, Number);
    const kept = values.filter((value) => value !== 0);
    kept.forEach((value) => {
      expect(value).toBeCloseTo(2 / (1 - RATIO), 5);
    });
    // Seven standard deviations of a binomial count.
    expect(Math.abs(kept.length / SIZE - (1 - RATIO))).toBeLessThan(7 * Math.sqrt((RATIO * (1 - RATIO)) / SIZE));
    values.forEach((value, i) => {
      expect(Number(g!.data[i])).toBeCloseTo(value / 2, 5);
    });
  });
});
