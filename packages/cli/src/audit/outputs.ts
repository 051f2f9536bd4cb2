/** @file What is printed at the end of an audit. */

import { type AuditResult, auditLines } from '@pareidolia/lab';

/** Without a line break behind it. */
export function summaryOf(result: AuditResult): string {
  return auditLines(result).join('\n');
}
