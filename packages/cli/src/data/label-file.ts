/** @file The classes of pictures from a table: rows of file and class. */

import { basename, extname } from 'node:path';
import { InputError } from '@pareidolia/core';
import { type CsvRow, parseCsv, SEPARATORS } from './csv.ts';
import { isPictureName } from './picture-files.ts';

/** What the column of classes is called, in lower case. */
const CLASS_WORDS = new Set(['class', 'class_id', 'classid', 'label', 'labels', 'category', 'target', 'y']);

/** The class of one picture, and the line that says so. */
interface Entry {
  readonly label: number;
  readonly line: number;
}

/** What the table is read against. */
export interface LabelContext {
  /** Of the table, for errors. */
  readonly path: string;
  /** The pictures, relative to their folder, with `/` between folders. */
  readonly files: readonly string[];
  /** The class of a name or number; `undefined` where the model has none. */
  readonly classNamed: (text: string) => number | undefined;
  /** What classes there are, for errors: `numbers from 0 to 9 or its names`. */
  readonly choices: string;
}

/**
 * Reads a table, and gives what tells the class of each picture, which throws where there is none. Cells are divided by what makes most rows name a picture; files may be named by their path, by their
 * name alone, or from a folder further up. The file is in the column that names
 * most pictures, the class in the one that the heading calls so, or else in the next. The first row is a heading where it names
 * neither a class nor a picture.
 *
 * @throws InputError naming the line where a class is not known, where lines contradict each other, or where a name fits several
 * pictures; and where a picture has no line
 */
export function labelsOfTable(text: string, context: LabelContext): (file: string) => number {
  const { path, files, classNamed, choices } = context;
  const rows = readRows(text, files);
  const entries = new Map<string, Entry>();
  const columns = columnsOf(rows, context);
  for (const { line, cells } of columns.isHeading ? rows.slice(1) : rows) {
    const [file, name] = [normalized(cells[columns.file] ?? ''), cells[columns.label] ?? ''];
    const label = classNamed(name);
    if (label === undefined) {
      throw new InputError(
        name === ''
          ? `${path}, line ${line}: there is no class beside "${file}"; write it as ${file === '' ? 'file' : file},<class>`
          : `${path}, line ${line}: the model has no class "${name}"; give ${choices}`,
      );
    }
    const before = entries.get(file);
    if (before !== undefined && before.label !== label) throw contradiction(path, file, before, { label, line });
    if (before === undefined) entries.set(file, { label, line });
  }
  requireUnambiguous(entries, context);
  return (file) => {
    const found = entriesOf(entries, file);
    const [first, ...others] = found;
    if (first === undefined) throw new InputError(`${path} has no class for ${file}; add a line "${file},<class>"`);
    const other = others.find(({ label }) => label !== first.label);
    if (other !== undefined) throw contradiction(path, file, first, other);
    return first.label;
  };
}

function contradiction(path: string, file: string, first: Entry, second: Entry): InputError {
  return new InputError(
    `${path} gives ${file} two classes, in line ${first.line} and in line ${second.line}; leave one of them`,
  );
}

/** The rows, by the separator with which most of them name a picture. */
function readRows(text: string, files: readonly string[]): readonly CsvRow[] {
  const names = namesOf(files);
  const hitsOf = (rows: readonly CsvRow[]): number =>
    rows.filter(({ cells }) => cells.length > 1 && cells.some((cell) => isName(cell, names))).length;
  let rows: readonly CsvRow[] = parseCsv(text);
  for (const separator of SEPARATORS) {
    const others = parseCsv(text, separator);
    if (hitsOf(others) > hitsOf(rows)) rows = others;
  }
  return rows;
}

/** Paths and names of pictures, with their endings and without. */
function namesOf(files: readonly string[]): ReadonlySet<string> {
  return new Set(files.flatMap((file) => [file, basename(file), withoutEnding(file), withoutEnding(basename(file))]));
}

function isName(cell: string, names: ReadonlySet<string>): boolean {
  const name = normalized(cell);
  return names.has(name) || names.has(basename(name));
}

function withoutEnding(file: string): string {
  return file.slice(0, file.length - extname(file).length);
}

interface Columns {
  readonly isHeading: boolean;
  readonly file: number;
  readonly label: number;
}

function columnsOf(rows: readonly CsvRow[], { files, classNamed }: LabelContext): Columns {
  const [first] = rows;
  if (first === undefined) return { isHeading: false, file: 0, label: 1 };
  const names = namesOf(files);
  const hits = first.cells.map((_, column) => rows.filter(({ cells }) => isName(cells[column] ?? '', names)).length);
  const file = hits.indexOf(Math.max(...hits));
  const called = first.cells.findIndex((cell, column) => column !== file && CLASS_WORDS.has(cell.toLowerCase()));
  const label = called >= 0 ? called : file === 0 ? 1 : 0;
  const own = first.cells[file]!;
  const isHeading =
    !isPictureName(own) &&
    !isName(own, names) &&
    (called >= 0 || (first.cells.length > 1 && classNamed(first.cells[label]!) === undefined));
  return { isHeading, file, label };
}

/** A name alone must not stand for several pictures of different folders. */
function requireUnambiguous(entries: ReadonlyMap<string, Entry>, { path, files }: LabelContext): void {
  const byName = new Map<string, string[]>();
  for (const file of files) {
    if (entries.has(file)) continue;
    const name = basename(file);
    byName.set(name, [...(byName.get(name) ?? []), file]);
  }
  for (const [name, own] of byName) {
    const entry = entries.get(name);
    if (entry !== undefined && own.length > 1) {
      throw new InputError(
        `${path}, line ${entry.line}: ${name} is the name of ${own.length} pictures (${own.slice(0, 3).join(', ')}); write their paths`,
      );
    }
  }
}

/** Tables name pictures by path, by name, or from a folder further up: `images/a.png` for `a.png`. */
function entriesOf(entries: ReadonlyMap<string, Entry>, file: string): readonly Entry[] {
  const exact = entries.get(file) ?? entries.get(basename(file));
  if (exact !== undefined) return [exact];
  const longer = [...entries].filter(([name]) => name.endsWith(`/${file}`)).map(([, entry]) => entry);
  if (longer.length > 0) return longer;
  // Tables of some data sets leave the ending out.
  const bare = entries.get(withoutEnding(file));
  return bare === undefined ? [] : [bare];
}

function normalized(file: string): string {
  return file.replaceAll('\\', '/').replace(/^(\.\/)+/, '');
}
