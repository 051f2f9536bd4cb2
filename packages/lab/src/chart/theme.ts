/** @file How every chart looks. Colors are variables of the page, so that charts follow light and dark. */

const MUTED = 'var(--muted)';

/** Colors that the page has for curves, `--curve-1` and so on. */
export const CURVE_COLORS: readonly string[] = [1, 2, 3, 4, 5, 6].map((index) => `var(--curve-${index})`);

/** Dashes that tell curves apart where colors do not. */
export const CURVE_DASHES: readonly (readonly number[])[] = [
  [1, 0],
  [7, 4],
  [2, 3],
  [9, 3, 2, 3],
  [12, 4],
  [4, 2],
];

/** Shapes that tell series of marks apart where colors do not. */
export const MARK_SHAPES: readonly string[] = ['circle', 'square', 'triangle-up', 'diamond', 'triangle-down', 'cross'];

/** The `config` of every Vega-Lite specification. */
export const THEME = {
  font: 'system-ui, sans-serif',
  // Percentages as in the text around the charts: `50 %`.
  locale: {
    number: { decimal: '.', thousands: ',', grouping: [3], currency: ['$', ''], percent: '\u00a0%', minus: '\u2212' },
  },
  view: { stroke: null },
  range: { category: CURVE_COLORS },
  mark: { color: CURVE_COLORS[0] },
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
    symbolStrokeWidth: 2.2,
    orient: 'top',
    labelLimit: 360,
    columns: 2,
  },
} as const;
