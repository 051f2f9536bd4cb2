import type { ChartData } from '@pareidolia/lab';
import * as vega from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';

const MUTED = 'var(--muted)';

const CONFIG = {
  font: 'system-ui, sans-serif',
  view: { stroke: null },
  range: {
    category: [1, 2, 3, 4, 5, 6].map((index) => `var(--curve-${index})`),
  },
  mark: { color: 'var(--curve-1)' },
  text: { color: 'var(--ink)' },
  rule: { color: MUTED },
  line: { strokeWidth: 2.2, strokeJoin: 'round' },
  axis: {
    labelColor: MUTED,
    titleColor: MUTED,
    titleFontWeight: 'normal',
    labelFontSize: 12.5,
    titleFontSize: 12.5,
    gridColor: 'var(--line)',
    domainColor: 'var(--line)',
    tickColor: 'var(--line)',
    labelPadding: 6,
  },
  axisY: { domain: false, ticks: false },
  axisX: { grid: false },
  legend: {
    labelColor: 'var(--ink)',
    titleColor: MUTED,
    labelFontSize: 13,
    orient: 'top',
    labelLimit: 360,
    columns: 2,
  },
} as const;

/** A box of 480 x 300 that fills the column it stands in; a specification may set another size. */
export async function drawChart({ spec }: ChartData): Promise<string> {
  const whole = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    width: 480,
    height: 300,
    padding: { left: 2, right: 12, top: 2, bottom: 2 },
    background: 'transparent',
    ...spec,
    config: CONFIG,
  } as unknown as TopLevelSpec;
  const view = new vega.View(vega.parse(compile(whole, { logger: vega.logger(vega.Error) }).spec), {
    renderer: 'none',
  });
  const svg = await view.toSVG();
  view.finalize();
  return svg.replace(/^<svg ([^>]*?)width="[^"]*" height="[^"]*"/, '<svg $1');
}
