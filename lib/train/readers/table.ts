/**
 * Tables in text: CSV as RFC 4180 has it, with quoted fields, and TSV. The first line names the columns. Every line that
 * does not fit is named.
 */
import * as E from 'fp-ts/lib/Either.js';
import { type InputError } from '../../data/inputError.js';
import { counted } from '../../data/quantities.js';

/** Rows by the names of their columns. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, string>>[];
}

/** A row of fields and the line that it begins on, from 1. */
interface Row {
  readonly line: number;
  readonly fields: readonly string[];
}

const error = (where: string, found: string, expected: string): InputError => ({
  kind: 'input',
  where,
  found,
  expected,
});

/** The rows of a text; a quoted field may hold separators, doubled quotes and line ends, and may
 * have blanks before it. Empty lines are left out. */
const rowsOf = (where: string, text: string, separator: string): E.Either<InputError, readonly Row[]> => {
  const rows: Row[] = [];
  let [fields, field, isQuoted, line, start]: [string[], string, boolean, number, number] = [
    [],
    '',
    false,
    1,
    1,
  ];
  const endRow = (): void => {
    fields.push(field);
    if (fields.length > 1 || fields[0] !== '') rows.push({ line: start, fields });
    [fields, field] = [[], ''];
  };
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '\n') line += 1;
    if (isQuoted) {
      if (c !== '"') field += c;
      else if (text[i + 1] === '"') field += text[++i];
      else isQuoted = false;
    } else if (c === '"' && field.trim() === '') [field, isQuoted] = ['', true];
    else if (c === separator) [fields, field] = [[...fields, field], ''];
    else if (c === '\n') {
      endRow();
      start = line;
    } else if (c !== '\r' || text[i + 1] !== '\n') field += c;
  }
  if (isQuoted)
    return E.left(error(`${where}, line ${start}`, 'a quote that is never closed', 'a closing quote'));
  endRow();
  return E.right(rows);
};

/**
 * The table in a text.
 * @param where      the file's name in errors
 * @param separator  `,` for CSV, a tab for TSV
 * @param needed     columns that there must be, once each
 * @returns a left with every problem: a column that is missing or there twice, a line with another number of fields
 */
export const parseTable = (
  where: string,
  text: string,
  separator: ',' | '\t',
  needed: readonly string[],
): E.Either<readonly InputError[], Table> => {
  const parsed = rowsOf(where, text.replace(/^\uFEFF/, ''), separator);
  if (E.isLeft(parsed)) return E.left([parsed.left]);
  const [head, ...rest] = parsed.right;
  const columns = head?.fields.map((name) => name.trim()) ?? [];
  const missing = needed.filter((name) => !columns.includes(name));
  const found = columns.length === 0 ? 'no line' : `the columns ${columns.join(', ')}`;
  const problems = missing.map((name) => error(where, found, `a column '${name}' named in the first line`));
  for (const name of needed) {
    const times = columns.filter((each) => each === name).length;
    if (times > 1) problems.push(error(where, `${times} columns '${name}'`, 'one'));
  }
  for (const { line, fields } of rest) {
    if (fields.length !== columns.length)
      problems.push(error(`${where}, line ${line}`, counted(fields.length, 'field'), `${columns.length}`));
  }
  if (problems.length > 0) return E.left(problems);
  const rows = rest.map(({ fields }) => Object.fromEntries(columns.map((name, i) => [name, fields[i]])));
  return E.right({ columns, rows });
};
