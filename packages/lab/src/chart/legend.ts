/** @file Legends above charts, in as many columns as there is room for. */

/** Pixels across a chart, and of a character, about. */
const WIDTH = 480;
const CHARACTER = 7;

/**
 * How many columns a legend gets.
 *
 * @param symbol pixels of a symbol with its distance to the name
 * @param padding pixels between columns
 * @returns 0 where all names stand in one row, as Vega-Lite takes it
 */
export function legendColumns(names: readonly string[], symbol: number, padding: number): number {
  const widths = names.map((name) => symbol + CHARACTER * name.length);
  const row = widths.reduce((sum, width) => sum + width, 0) + padding * (names.length - 1);
  if (row <= WIDTH) return 0;
  const widest = widths.reduce((most, width) => Math.max(most, width), 1);
  return Math.max(1, Math.min(names.length - 1, Math.floor((WIDTH + padding) / (widest + padding))));
}
