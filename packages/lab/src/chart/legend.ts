/** @file Legends above charts, in as many columns as there is room for. */

/** Pixels across a chart. */
const WIDTH = 480;

/** Pixels of a character, about. */
const CHARACTER = 7;

/**
 * How many columns a legend gets. All columns are as wide as the widest name.
 *
 * @param symbol pixels of a symbol with its distance to the name
 * @param padding pixels between columns
 * @param width pixels that there are
 * @returns 0 where all names stand in one row, as Vega-Lite takes it
 */
export function legendColumns(names: readonly string[], symbol: number, padding: number, width = WIDTH): number {
  const widest = names.reduce((most, name) => Math.max(most, symbol + CHARACTER * name.length), 1);
  const columns = Math.max(1, Math.floor((width + padding) / (widest + padding)));
  return columns >= names.length ? 0 : columns;
}
