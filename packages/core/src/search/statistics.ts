/** @file How far a search has come, over the classes that are searched. An empty cell counts as confidence 0. */

import type { Archive } from '../archive/archive.ts';
import { bestOfClasses } from '../archive/best-of-classes.ts';

/** Confidences over the classes, in [0, 1]. */
export interface ArchiveStatistics {
  readonly mean: number;
  readonly median: number;
  readonly worst: number;
  /** Share of the classes whose elite reaches 0.9, 0.99 and 0.9999. */
  readonly shareAbove90: number;
  readonly shareAbove99: number;
  readonly shareAbove9999: number;
  /** How many different images hold the cells. */
  readonly distinctImages: number;
  /** Where classes have several cells: how many of them hold an image. */
  readonly filledCells?: number;
  /** How many of those hold one of a confidence of 0.99 and more. */
  readonly fooledCells?: number;
}

/** Statistics of the current elites; of the best one of each class where it has several. */
export function archiveStatistics(archive: Pick<Archive, 'classIndices' | 'elites'>): ArchiveStatistics {
  const { elites } = bestOfClasses(archive);
  const ids = new Set<number>();
  for (const elite of elites) if (elite !== undefined) ids.add(elite.id);
  return {
    ...confidenceStatistics(elites.map((elite) => elite?.confidence ?? 0)),
    distinctImages: ids.size,
    ...(elites.length === archive.elites.length ? {} : cellStatistics(archive)),
  };
}

function cellStatistics({ elites }: Pick<Archive, 'elites'>): { filledCells: number; fooledCells: number } {
  let [filledCells, fooledCells] = [0, 0];
  for (const elite of elites) {
    if (elite === undefined) continue;
    filledCells++;
    if (elite.confidence >= FOOLED) fooledCells++;
  }
  return { filledCells, fooledCells };
}

/** From this confidence on a cell counts as fooled. */
const FOOLED = 0.99;

/** The same figures for any list of confidences; zeros where it is empty. */
export function confidenceStatistics(
  confidences: readonly number[],
): Omit<ArchiveStatistics, 'distinctImages' | 'filledCells' | 'fooledCells'> {
  const sorted = Float64Array.from(confidences).sort();
  const n = sorted.length;
  if (n === 0) return { mean: 0, median: 0, worst: 0, shareAbove90: 0, shareAbove99: 0, shareAbove9999: 0 };
  const share = (bound: number): number => sorted.reduce((count, value) => count + (value >= bound ? 1 : 0), 0) / n;
  return {
    mean: sorted.reduce((sum, value) => sum + value, 0) / n,
    median: (sorted[(n - 1) >> 1]! + sorted[n >> 1]!) / 2,
    worst: sorted[0]!,
    shareAbove90: share(0.9),
    shareAbove99: share(0.99),
    shareAbove9999: share(0.9999),
  };
}
