/** @file A chart as files that a reader takes along: an SVG that stands alone, and its data as CSV. */

import type { ChartData } from '../chart/chart-data.ts';
import { toBase64 } from './base64.ts';
import { type Html, html } from './html.ts';
import { STYLE } from './style.ts';

/** The page's colors by day, which an SVG by itself lacks. */
const COLORS = /:root \{[^}]*\}/.exec(STYLE)![0].replace(':root', 'svg');

type Row = Readonly<Record<string, unknown>>;

/** The rows of all layers of a chart, in their order. */
export function chartRows({ data, layer }: ChartData['spec']): readonly Row[] {
  const own = (data as { readonly values?: readonly Row[] } | undefined)?.values ?? [];
  const inner = ((layer ?? []) as readonly ChartData['spec'][]).flatMap(chartRows);
  return [...own, ...inner];
}

/** Rows with a header, as RFC 4180 has them; `undefined` where there are none. */
export function csvOf(rows: readonly Row[]): string | undefined {
  const columns = [...new Set(rows.flatMap(Object.keys))];
  if (columns.length === 0) return undefined;
  const cell = (value: unknown): string => {
    const text =
      value === undefined || value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [columns, ...rows.map((row) => columns.map((column) => row[column]))]
    .map((row) => `${row.map(cell).join(',')}\r\n`)
    .join('');
}

/** Text in UTF-8; `TextEncoder` is not part of the language. */
function utf8(text: string): Uint8Array {
  const parts = encodeURIComponent(text).match(/%..|./g) ?? [];
  return Uint8Array.from(parts, (part) => (part.length > 1 ? Number.parseInt(part.slice(1), 16) : part.charCodeAt(0)));
}

/** Links that save a chart; the files are inside the page. */
export function chartLinks({ title, spec }: ChartData, svg: string): Html {
  const name =
    title
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-|-$/g, '') || 'chart';
  const alone = svg.replace(/^<svg ([^>]*)>/, (_, attributes: string) => {
    const [, width = '480', height = '300'] = /viewBox="\S+ \S+ (\S+) (\S+)"/.exec(attributes) ?? [];
    return `<svg ${attributes} width="${width}" height="${height}"><style>${COLORS} svg { background: #fff; }</style>`;
  });
  const csv = csvOf(chartRows(spec));
  const link = (type: string, ending: string, text: string): Html =>
    html`<a href="data:${type};base64,${toBase64(utf8(text))}" download="${name}.${ending}">${ending.toUpperCase()}</a>`;
  return html`<p class="save">Save as ${link('image/svg+xml', 'svg', alone)}${csv === undefined ? '' : html` ${link('text/csv', 'csv', csv)}`}</p>`;
}
