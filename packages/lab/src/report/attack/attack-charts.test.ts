import { expect, it } from 'vitest';
import { chartRows } from '../chart-files.ts';
import { attackCharts } from './attack-charts.ts';
import type { SampleLine } from './attack-summary.ts';

function line(attack: string, epsilon: number | null, index: number, distance: number | null): SampleLine {
  return {
    attack,
    norm: 'linf',
    epsilon,
    index,
    name: String(index),
    label: 0,
    target: null,
    success: distance !== null,
    initiallyWrong: false,
    predicted: 0,
    decision: distance === null ? null : 1,
    confidence: null,
    distances: distance === null ? null : { l0: 0, l1: 0, l2: 0, linf: distance },
    queries: { forward: 4, backward: 2 },
    misread: null,
    survives8Bit: true,
    stop: 'finished',
    cut: null,
    by: null,
    file: null,
  };
}

const lines = [
  line('pgd', 0.1, 0, 0.1),
  line('pgd', 0.1, 1, null),
  line('pgd', 0.3, 0, 0.1),
  line('pgd', 0.3, 1, 0.25),
  line('deepfool', null, 0, 0.05),
  line('deepfool', null, 1, 0.2),
];

it('draws an attack within an epsilon where it was measured, and one for the smallest distance as stairs', () => {
  const [chart] = attackCharts(lines);
  const layers = chart!.spec.layer as readonly { readonly mark: { readonly type: string } }[];
  const drawn = layers.map((layer) => [layer.mark.type, chartRows(layer)]);
  expect(drawn).toEqual([
    [
      'line',
      [
        { x: 0, series: 'deepfool', value: 1 },
        { x: 0.05, series: 'deepfool', value: 0.5 },
        { x: 0.2, series: 'deepfool', value: 0 },
      ],
    ],
    [
      'point',
      [
        { x: 0.1, series: 'pgd', value: 0.5 },
        { x: 0.3, series: 'pgd', value: 0 },
      ],
    ],
  ]);
});

it('gives an attack the same color in every chart', () => {
  const l2 = lines.slice(4).map((each): SampleLine => ({ ...each, norm: 'l2' }));
  interface Colored {
    readonly encoding: { readonly color: { readonly scale: { readonly domain: string[]; readonly range: string[] } } };
  }
  const all = new Map<string, Set<string>>();
  for (const { spec } of attackCharts([...lines.slice(0, 4), ...l2])) {
    for (const { encoding } of (spec.layer ?? [spec]) as readonly Colored[]) {
      const { domain, range } = encoding.color.scale;
      domain.forEach((name, at) => {
        all.set(name, (all.get(name) ?? new Set()).add(range[at]!));
      });
    }
  }
  expect([...all].map(([name, colors]) => [name, colors.size])).toEqual([
    ['pgd', 1],
    ['deepfool', 1],
  ]);
});
