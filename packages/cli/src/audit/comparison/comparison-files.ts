/** @file The files of a comparison. */

import { join } from 'node:path';
import {
  type AuditComparison,
  type Audited,
  comparisonCsv,
  comparisonLines,
  comparisonMarkdown,
  renderComparisonReport,
} from '@pareidolia/lab';
import { writeAtomically } from '../../job/files.ts';

/**
 * Writes what a comparison came to into its folder, over what is there.
 *
 * @throws DiskError
 */
export async function writeComparison(
  out: string,
  comparison: AuditComparison,
  audited: readonly Audited[],
): Promise<void> {
  const files = {
    'comparison.html': await renderComparisonReport(comparison, audited),
    'comparison.csv': comparisonCsv(comparison),
    'comparison.md': comparisonMarkdown(comparison),
    'comparison.json': `${JSON.stringify(comparison, null, 2)}\n`,
  };
  for (const [file, text] of Object.entries(files)) writeAtomically(join(out, file), text);
}

/** What is printed at the end, without a line break behind it. */
export function comparisonSummary(comparison: AuditComparison): string {
  return comparisonLines(comparison).join('\n');
}
