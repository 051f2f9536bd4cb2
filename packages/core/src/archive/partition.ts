/** @file How the space of measures is divided into cells. */

/** What is drawn of a cell. */
export interface CellOutline {
  /** Its middle, one coordinate for each measure. */
  readonly center: readonly number[];
  /** Of a box: where it begins and ends along each measure. Absent where cells are no boxes. */
  readonly lower?: readonly number[];
  readonly upper?: readonly number[];
}

/** Cells over measures. */
export interface Partition {
  /** Cells in all. */
  readonly size: number;
  /**
   * The cell of a candidate. What lies beyond a range belongs to a cell at its border.
   *
   * @param measures `N x measures`
   * @param row of the candidate
   */
  cellOf(measures: Float64Array, row?: number): number;
  /**
   * Where a cell lies.
   *
   * @param cell 0 to {@link size}, exclusive
   */
  outline(cell: number): CellOutline;
}
