/** @file The files of an audit besides its pictures. */

import type { Audited, AuditResult } from '@pareidolia/lab';

/** One file of text. */
export interface OutputFile {
  readonly file: string;
  readonly text: string;
}

export async function outputsOf({ result }: Audited): Promise<readonly OutputFile[]> {
  return [{ file: 'audit.json', text: `${JSON.stringify(result, null, 2)}\n` }];
}

export function sarifOf(_results: readonly AuditResult[]): string {
  return '';
}

export function junitOf(_results: readonly AuditResult[]): string {
  return '';
}

export async function comparisonFiles(_results: readonly AuditResult[]): Promise<readonly OutputFile[]> {
  return [];
}

export function summaryOf({ headline }: AuditResult): string {
  return headline;
}
