/** @file The files of an audit besides its pictures. */

import {
  type Audited,
  type AuditResult,
  auditCsv,
  auditJunit,
  auditLines,
  auditMarkdown,
  auditSarif,
  renderAuditReport,
} from '@pareidolia/lab';

/** One file of text. */
export interface OutputFile {
  readonly file: string;
  readonly text: string;
}

export async function outputsOf(audited: Audited): Promise<readonly OutputFile[]> {
  const { result } = audited;
  return [
    { file: 'report.html', text: await renderAuditReport(audited) },
    { file: 'figures.csv', text: auditCsv(result) },
    { file: 'summary.md', text: auditMarkdown(result) },
    { file: 'junit.xml', text: auditJunit(result) },
    { file: 'audit.sarif', text: auditSarif([result]) },
    { file: 'audit.json', text: `${JSON.stringify(result, null, 2)}\n` },
  ];
}

/** What is printed at the end, without a line break behind it. */
export function summaryOf(result: AuditResult): string {
  return auditLines(result).join('\n');
}
