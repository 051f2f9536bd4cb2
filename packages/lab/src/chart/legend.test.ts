import { expect, it } from 'vitest';
import { legendColumns } from './legend.ts';

it('stands in one row where there is room, else in columns, at least one', () => {
  expect(legendColumns(['all attacks', 'gradient attacks only'], 30, 22)).toBe(0);
  expect(legendColumns(['mnist-lenet5-clean', 'mnist-trades-smallcnn', 'mnist-kw-eps01'], 30, 22)).toBe(2);
  expect(legendColumns(['x'.repeat(60), 'y'.repeat(60)], 30, 22)).toBe(1);
});
