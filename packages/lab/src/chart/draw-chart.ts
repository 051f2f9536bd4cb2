import type { TopLevelSpec } from 'vega-lite';
import type { ChartData } from './chart-data.ts';
import { THEME } from './theme.ts';

/**
 * Draws a chart in the theme of the pages.
 *
 * @returns an SVG element without width and height: it fills the box it stands in and keeps its proportions
 */
export async function drawChart({ spec }: Pick<ChartData, 'spec'>): Promise<string> {
  // Loaded here: Vega takes long to load, and only pages with charts need it.
  const [vega, { compile }] = await Promise.all([import('vega'), import('vega-lite')]);
  const whole = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    width: 480,
    height: 300,
    padding: { left: 2, right: 12, top: 2, bottom: 2 },
    background: 'transparent',
    ...spec,
    config: THEME,
  };
  // Plain data, which Vega-Lite checks itself; a copy, for Vega writes into it.
  const copy: TopLevelSpec = JSON.parse(JSON.stringify(whole));
  const compiled = compile(copy, { logger: vega.logger(vega.Error) });
  const view = new vega.View(vega.parse(compiled.spec), { renderer: 'none' });
  const svg = await view.toSVG();
  view.finalize();
  return svg.replace(/^<svg ([^>]*?)width="[^"]*" height="[^"]*"/, '<svg $1');
}
