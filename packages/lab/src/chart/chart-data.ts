/** A chart as data. */
export interface ChartData {
  readonly title: string;
  /** How to read it. */
  readonly caption: string;
  /**
   * Mark, encoding and data of a Vega-Lite 6 specification, without `config`: colors and fonts are the page's. A box of
   * 480 x 300 unless `width` and `height` are given.
   */
  readonly spec: Readonly<Record<string, unknown>>;
}
