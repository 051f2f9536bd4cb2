/** @file The files of an audit besides its pictures: all of them follow from the one result. */

import type { Audited } from '../../audit/audit.ts';
import { auditCsv } from '../../audit/outputs/csv.ts';
import { auditJunit } from '../../audit/outputs/junit.ts';
import { auditMarkdown } from '../../audit/outputs/markdown.ts';
import { auditSarif } from '../../audit/outputs/sarif.ts';
import { renderAuditReport } from './audit-report.ts';

/** The names of the files in the folder of an audit. */
export type AuditFileName = 'report.html' | 'figures.csv' | 'summary.md' | 'junit.xml' | 'audit.sarif' | 'audit.json';

/** A file that an audit is written as. */
export interface AuditFile {
  /** Its name in the folder of an audit. */
  readonly file: AuditFileName;
  /** For people: `Report`. */
  readonly title: string;
  /** Media type, without a character set; all are UTF-8. */
  readonly type: string;
  /** What it holds. */
  text(audited: Audited): string | Promise<string>;
}

/** In the order in which they are written. A new one is a line here, and its name above. */
export const AUDIT_FILES: readonly AuditFile[] = [
  { file: 'report.html', title: 'Report', type: 'text/html', text: (audited) => renderAuditReport(audited) },
  { file: 'figures.csv', title: 'Figures', type: 'text/csv', text: ({ result }) => auditCsv(result) },
  { file: 'summary.md', title: 'Summary', type: 'text/markdown', text: ({ result }) => auditMarkdown(result) },
  { file: 'junit.xml', title: 'JUnit', type: 'application/xml', text: ({ result }) => auditJunit(result) },
  { file: 'audit.sarif', title: 'SARIF', type: 'application/json', text: ({ result }) => auditSarif([result]) },
  {
    file: 'audit.json',
    title: 'Result',
    type: 'application/json',
    text: ({ result }) => `${JSON.stringify(result, null, 2)}\n`,
  },
];
