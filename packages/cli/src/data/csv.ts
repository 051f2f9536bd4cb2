/** @file Tables as text (RFC 4180): cells by commas, semicolons or tabs, in quotes where they hold one of these. */

/** What may divide cells. */
export const SEPARATORS = ['\t', ',', ';'] as const;

export type Separator = (typeof SEPARATORS)[number];

/** A row, and the line of the file that it begins in, from 1. */
export interface CsvRow {
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * Reads a table with any line ends. Blank lines are left out, and space around a cell without quotes.
 *
 * @param separator what divides cells; when absent tabs, where the first row has one, else commas, else semicolons
 */
export function parseCsv(table: string, separator?: Separator): CsvRow[] {
  const text = table.replaceAll(/\r\n?/g, '\n');
  const between = separator ?? separatorOf(text);
  const rows: CsvRow[] = [];
  let cells: string[] = [];
  let cell = '';
  let [line, begun] = [1, 1];
  let state: 'plain' | 'quoted' | 'after quotes' = 'plain';
  const endCell = (): void => {
    cells.push(state === 'after quotes' ? cell : cell.trim());
    cell = '';
    state = 'plain';
  };
  const endRow = (): void => {
    endCell();
    if (cells.some((own) => own !== '')) rows.push({ line: begun, cells });
    cells = [];
    begun = line;
  };
  for (let i = 0; i < text.length; i++) {
    const sign = text[i]!;
    if (sign === '\n') line++;
    if (state === 'quoted') {
      if (sign !== '"') cell += sign;
      else if (text[i + 1] === '"') {
        cell += '"';
        i++;
      } else state = 'after quotes';
    } else if (sign === between) endCell();
    else if (sign === '\n') endRow();
    else if (sign === '"' && cell.trim() === '' && state === 'plain') {
      cell = '';
      state = 'quoted';
    } else if (state === 'plain') cell += sign;
  }
  endRow();
  return rows;
}

/** The one that stands in the first row that is not blank, outside quotes. */
function separatorOf(text: string): Separator {
  const first = text
    .trimStart()
    .replaceAll(/"(?:[^"]|"")*"/g, '')
    .split('\n', 1)[0]!;
  return SEPARATORS.find((sign) => first.includes(sign)) ?? ',';
}
