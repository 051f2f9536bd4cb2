import { expect, it } from 'vitest';
import { GraphBuilder } from '../builder/builder.ts';
import { upgrade } from './upgrade.ts';

const LEAST = 2 ** -126;

it('subnormal weights become 0, all other numbers stay, and so does a model without any', () => {
  const b = new GraphBuilder();
  b.input('x', 'float32', ['N', 6]);
  const numbers = Float32Array.of(LEAST, -LEAST, LEAST / 2, -(2 ** -149), Number.POSITIVE_INFINITY, Number.NaN);
  b.output(b.op('Mul', ['x', b.initializer('w', { type: 'float32', dims: [6], data: numbers })]));
  const once = upgrade(b.build());
  expect([...once.graph.initializers.get('w')!.data]).toEqual([LEAST, -LEAST, 0, 0, Infinity, Number.NaN]);
  expect(numbers[2]).toBe(LEAST / 2);
  expect(upgrade(once)).toBe(once);
});
