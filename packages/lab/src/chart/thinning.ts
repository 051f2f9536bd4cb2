/** @file Long histories made short enough to draw. */

/**
 * At most `limit` of the rows, evenly spread; the first and the last are always among them.
 *
 * @param limit at least 2
 */
export function thin<T>(rows: readonly T[], limit: number): readonly T[] {
  if (rows.length <= limit) return rows;
  return Array.from({ length: limit }, (_, i) => rows[Math.round((i * (rows.length - 1)) / (limit - 1))]!);
}
