import type { ChartData } from '../chart/chart-data.ts';
import { drawChart } from '../chart/draw-chart.ts';
import { chartLinks } from './chart-files.ts';
import { type Html, html, trusted } from './html.ts';

/** Charts side by side, each with title and caption; nothing where there is none. */
export async function chartFigures(charts: readonly ChartData[]): Promise<Html> {
  if (charts.length === 0) return html``;
  const figures: Html[] = [];
  for (const chart of charts) {
    const svg = await drawChart(chart);
    figures.push(
      html`<figure><figcaption><b>${chart.title}</b>${chart.caption}</figcaption>${trusted(svg)}${chartLinks(chart, svg)}</figure>`,
    );
  }
  return html`<div class="charts">${figures}</div>`;
}
