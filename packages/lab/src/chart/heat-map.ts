/** @file A map of cells over one or two measures, colored by steps: boxes, or polygons of any shape. */

import type { ChartData } from './chart-data.ts';

/** One cell. */
export interface HeatCell {
  /** Its corners in order, each a place along the two axes. A box has those of its lower and its upper end. */
  readonly corners: readonly (readonly [x: number, y: number])[];
  /** Name of the step that colors it. */
  readonly step: string;
  /** What it holds, a sentence without a full stop: read out, and shown when the cell is chosen. */
  readonly description: string;
  /** What a click opens; absent where there is nothing to open. */
  readonly href?: string;
  /** What the file of the data says of it beside its corners. */
  readonly row: Readonly<Record<string, string | number>>;
}

/** An axis of the map. */
export interface HeatAxis {
  readonly title: string;
  readonly lower: number;
  readonly upper: number;
}

/** What is drawn. */
export interface HeatMap {
  readonly cells: readonly HeatCell[];
  /** Whether all cells are boxes. */
  readonly areBoxes: boolean;
  readonly across: HeatAxis;
  /** Absent where there is one measure. */
  readonly upright?: HeatAxis;
  /** Names of all steps from low to high, each with the color that it has. */
  readonly steps: readonly { readonly name: string; readonly color: string }[];
  /** What the colors say. */
  readonly title: string;
}

/** Pixels of a side. */
const SIDE = 300;

/** A map as a chart: cells that are not given stay empty. */
export function heatMap({ cells, areBoxes, across, upright, steps, title }: HeatMap): ChartData['spec'] {
  const values = cells.map(({ corners, step, description: told, href, row }) => {
    const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
    return {
      ...row,
      ...(areBoxes
        ? { x: Math.min(...xs), x2: Math.max(...xs), y: Math.min(...ys), y2: Math.max(...ys) }
        : { corners: corners.map(([x, y], place) => ({ x, y, place })) }),
      step,
      told,
      ...(href === undefined ? {} : { href }),
    };
  });
  const axis = ({ title: name, lower, upper }: HeatAxis) => ({
    type: 'quantitative',
    title: name,
    scale: { domain: [lower, upper], nice: false, zero: false },
    axis: { tickCount: 5, format: '~g', grid: false, domain: true, ticks: true },
  });
  const x = axis(across);
  const y =
    upright === undefined
      ? { type: 'quantitative', title: null, scale: { domain: [0, 1], nice: false }, axis: null }
      : axis(upright);
  const scale = { domain: steps.map(({ name }) => name), range: steps.map(({ color }) => color) };
  const legend = { title, orient: 'bottom', columns: 2, symbolType: 'square', symbolStrokeWidth: 0, symbolSize: 160 };
  const fill = { field: 'step', type: 'nominal', scale, legend };
  const common = {
    fill,
    description: { field: 'told', type: 'nominal' },
    ...(cells.some(({ href }) => href !== undefined) ? { href: { field: 'href', type: 'nominal' } } : {}),
  };
  const box = { width: SIDE, height: upright === undefined ? SIDE / 5 : SIDE, data: { values } };
  if (areBoxes) {
    return {
      ...box,
      mark: { type: 'rect', stroke: 'var(--card)', strokeWidth: 0.6 },
      encoding: {
        x: { field: 'x', ...x },
        x2: { field: 'x2' },
        y: { field: 'y', ...y },
        y2: { field: 'y2' },
        ...common,
      },
    };
  }
  return {
    ...box,
    transform: [
      { window: [{ op: 'row_number', as: 'cell' }] },
      { flatten: ['corners'], as: ['corner'] },
      { calculate: 'datum.corner.x', as: 'x' },
      { calculate: 'datum.corner.y', as: 'y' },
      { calculate: 'datum.corner.place', as: 'place' },
    ],
    mark: { type: 'line', interpolate: 'linear-closed', stroke: 'var(--card)', strokeWidth: 0.8 },
    encoding: {
      x: { field: 'x', ...x },
      y: { field: 'y', ...y },
      order: { field: 'place', type: 'quantitative' },
      detail: [{ field: 'cell' }],
      ...common,
    },
  };
}
