/** A table of formatted figures. */
export interface Table {
  readonly title: string;
  /** What the figures are, and over what they spread. */
  readonly caption: string;
  /** One heading for each column. */
  readonly head: readonly string[];
  /** As many cells in each row as there are headings; the first cell names the row. */
  readonly rows: readonly (readonly string[])[];
}
