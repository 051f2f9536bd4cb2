/** @file Lines as static SVG. Colors are the page's own, so they follow light and dark. */

import * as vega from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';

/** One point of one curve. */
export interface Point {
  readonly x: number;
  readonly series: string;
  readonly value: number;
}

/** The upright axis; as the data has it where nothing is said. */
export interface Axis {
  readonly domain?: [number, number];
  /** Places of the ticks. */
  readonly values?: number[];
  /** Vega expression for the name of a tick. */
  readonly labelExpr?: string;
  /** Number format of the ticks. */
  readonly format?: string;
}

/** The axis along the bottom. */
export interface Across {
  readonly title: string;
  /** Number format of the ticks. */
  readonly format: string;
  readonly log?: boolean;
  /** Whether values hold until the next point. */
  readonly steps?: boolean;
}

export const PERCENT_AXIS: Axis = { domain: [0, 1], labelExpr: "round(100 * datum.value) + ' %'" };

/** Colors that the page has for curves. */
const CURVES = 6;

const DASHES = [
  [1, 0],
  [7, 4],
  [2, 3],
  [9, 3, 2, 3],
  [12, 4],
  [4, 2],
];

const FONT = 'system-ui, sans-serif';

/** Lines over a common axis, as an SVG that fills its box; colors and dashes tell up to six of them apart. */
export async function drawLines(points: readonly Point[], across: Across, { domain, ...axis }: Axis): Promise<string> {
  const series = [...new Set(points.map((point) => point.series))];
  const style = {
    domain: series,
    range: series.map((_, index) => `var(--curve-${(index % CURVES) + 1})`),
  };
  const dashes = {
    domain: series,
    range: series.map((_, index) => DASHES[index % DASHES.length]!),
  };
  const legend =
    series.length === 1
      ? null
      : { orient: 'top' as const, title: null, symbolType: 'stroke', symbolSize: 500, columnPadding: 22, offset: 10 };
  const spec: TopLevelSpec = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    width: 480,
    height: 300,
    autosize: { type: 'fit', contains: 'padding' },
    padding: { left: 2, right: 12, top: 2, bottom: 2 },
    background: 'transparent',
    data: { values: [...points] },
    mark: {
      type: 'line',
      strokeWidth: 2.2,
      strokeJoin: 'round',
      point: false,
      interpolate: across.steps === true ? 'step-after' : 'linear',
    },
    encoding: {
      x: {
        field: 'x',
        type: 'quantitative',
        title: across.title,
        scale: across.log === true ? { type: 'log', nice: false } : { nice: false },
        axis: { format: across.format, tickCount: 5, grid: false },
      },
      y: {
        field: 'value',
        type: 'quantitative',
        title: null,
        scale: domain === undefined ? {} : { domain, nice: false },
        axis: { labelOverlap: false, ...(axis.values === undefined ? { tickCount: 5 } : {}), ...axis },
      },
      color: { field: 'series', type: 'nominal', scale: style, legend },
      strokeDash: { field: 'series', type: 'nominal', scale: dashes, legend },
    },
    config: {
      font: FONT,
      view: { stroke: null },
      axis: {
        labelColor: 'var(--muted)',
        titleColor: 'var(--muted)',
        titleFontWeight: 'normal',
        labelFontSize: 12.5,
        titleFontSize: 12.5,
        gridColor: 'var(--line)',
        domainColor: 'var(--line)',
        tickColor: 'var(--line)',
        labelPadding: 6,
      },
      axisY: { domain: false, ticks: false },
      legend: { labelColor: 'var(--ink)', labelFontSize: 13, symbolStrokeWidth: 2.2 },
    },
  };
  const view = new vega.View(vega.parse(compile(spec).spec), { renderer: 'none' });
  const svg = await view.toSVG();
  view.finalize();
  // The page sets the size; the box keeps the proportions.
  return svg.replace(/^<svg ([^>]*?)width="[^"]*" height="[^"]*"/, '<svg $1');
}
