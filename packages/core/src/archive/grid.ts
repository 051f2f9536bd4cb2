/** @file A grid over measures: which cell a candidate belongs to, by what is measured of it. */

import { InputError } from '../errors.ts';
import type { CellOutline, Partition } from './partition.ts';

/** The range of one measure, and in how many cells it is cut. */
export interface GridAxis {
  readonly lower: number;
  readonly upper: number;
  /** At least 1. */
  readonly cells: number;
}

/** Boxes of equal size. What lies beyond a range belongs to the cell at its border. */
export class Grid implements Partition {
  readonly axes: readonly GridAxis[];
  /** Cells in all. */
  readonly size: number;

  /** @throws InputError where there is no axis, or one is no range */
  constructor(axes: readonly GridAxis[]) {
    if (axes.length === 0) throw new InputError('A grid needs at least one measure');
    for (const { lower, upper, cells } of axes) {
      if (
        Number.isFinite(lower) &&
        Number.isFinite(upper) &&
        lower < upper &&
        Number.isSafeInteger(cells) &&
        cells > 0
      ) {
        continue;
      }
      throw new InputError(
        `A measure from ${lower} to ${upper} cannot be cut into ${cells} cells; give a range, and a whole number of cells from 1`,
      );
    }
    this.axes = axes;
    this.size = axes.reduce((product, { cells }) => product * cells, 1);
  }

  /**
   * The cell of a candidate, the last measure running fastest.
   *
   * @param measures `N x axes`
   * @param row of the candidate
   */
  cellOf(measures: Float64Array, row = 0): number {
    let cell = 0;
    for (let axis = 0, at = row * this.axes.length; axis < this.axes.length; axis++, at++) {
      const { lower, upper, cells } = this.axes[axis]!;
      const place = Math.floor(((measures[at]! - lower) / (upper - lower)) * cells);
      // NaN goes to the first cell, as what lies below.
      cell = cell * cells + (place > 0 ? Math.min(cells - 1, place) : 0);
    }
    return cell;
  }

  /** Where a cell lies; see {@link Partition.outline}. */
  outline(cell: number): CellOutline {
    const [lower, upper, center]: [number[], number[], number[]] = [[], [], []];
    let rest = cell;
    for (let axis = this.axes.length - 1; axis >= 0; axis--) {
      const { lower: begin, upper: end, cells } = this.axes[axis]!;
      const place = rest % cells;
      rest = Math.floor(rest / cells);
      const at = (index: number): number => begin + ((end - begin) * index) / cells;
      lower.unshift(at(place));
      upper.unshift(at(place + 1));
      center.unshift(at(place + 0.5));
    }
    return { center, lower, upper };
  }
}
