/** @file All figures of an audit as a table for spreadsheets. */

import type { AuditResult } from '../result/result.ts';
import { csvLines, csvNumber, csvText } from './csv-cells.ts';

const HEAD = ['id', 'title', 'unit', 'value', 'low', 'high', 'hits', 'of', 'better', 'state', 'why'];

/** RFC 4180: a line for each figure, in their order; shares and probabilities in [0, 1], all digits. */
export function auditCsv({ figures }: Pick<AuditResult, 'figures'>): string {
  const lines = figures.map(({ id, title, unit, value, interval, counted, better, state, why }) => [
    csvText(id),
    csvText(title),
    unit,
    csvNumber(value),
    csvNumber(interval?.[0]),
    csvNumber(interval?.[1]),
    csvNumber(counted?.hits),
    csvNumber(counted?.of),
    better ?? '',
    state,
    csvText(why ?? ''),
  ]);
  return csvLines([HEAD, ...lines]);
}
