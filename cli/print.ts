/**
 * Printing: tables for people, JSON for programs.
 */
import { Console } from 'node:console';
import { reasonOf } from '../lib/files/error.js';
import { printable } from '../lib/data/printable.js';
import { grouped } from '../lib/data/quantities.js';
import { endWork } from './interrupt.js';
import { eraseProgress } from './progress.js';
import { isStandardOutputTaken } from './paths.js';

/** The width of the terminal that is printed to, or of the variable COLUMNS; no bound where neither is known. */
export const terminalWidth = (): number => process.stdout.columns || Number(process.env.COLUMNS) || Infinity;

/** The narrowest column of a table that does not fit, and the narrowest first column, which has names. */
const narrowest = 12;
const narrowestFirst = 16;

const totalOf = (widths: readonly number[]): number => widths.reduce((sum, column) => sum + column + 2, -2);

/** Widths of columns, two spaces apart, within a width: the widest gives way. */
const fitted = (natural: readonly number[], width: number): readonly number[] => {
  const least = natural.map((column, i) => Math.min(column, i === 0 ? narrowestFirst : narrowest));
  const widths = [...natural];
  while (totalOf(widths) > width) {
    const giving = [...widths.keys()].filter((i) => widths[i] > least[i]);
    if (giving.length === 0) break;
    widths[giving.reduce((a, b) => (widths[b] > widths[a] ? b : a))]--;
  }
  return widths;
};

/** Pieces of a word that is wider than a line: they end at slashes, hyphens, commas and dots, or where the line is full. */
const piecesOf = (word: string, width: number): readonly string[] => {
  if ([...word].length <= width) return [word];
  const full = new RegExp(`.{1,${width}}`, 'gu');
  return (word.match(/[^/,.-]*[/,.-]+|[^/,.-]+/g) ?? []).flatMap((piece) => piece.match(full) ?? []);
};

/** Lines of a text of at most a width, broken at spaces, and inside of words that are wider. */
export const wrapped = (text: string, width: number): readonly string[] =>
  text.split('\n').flatMap((line) => {
    if ([...line].length <= width) return [line];
    const lines = [''];
    for (const piece of line.split(/(?<= )/).flatMap((word) => piecesOf(word, width))) {
      const last = lines[lines.length - 1];
      if (last === '' || [...(last + piece).trimEnd()].length <= width) lines[lines.length - 1] += piece;
      else lines.push(piece);
    }
    return lines.map((part) => part.trimEnd());
  });

/** Lines of one row of a table, its cells broken where they are too wide. */
const linesOf = (
  row: readonly string[],
  widths: readonly number[],
  isNumeric: readonly boolean[],
): string[] => {
  const cells = row.map((text, column) => wrapped(text, widths[column]));
  const padded = (text: string, column: number): string => {
    const space = ' '.repeat(widths[column] - [...text].length);
    return isNumeric[column] ? space + text : text + space;
  };
  return Array.from({ length: Math.max(...cells.map(({ length }) => length)) }, (_, line) =>
    cells
      .map((cell, column) => padded(cell[line] ?? '', column))
      .join('  ')
      .trimEnd(),
  );
};

/**
 * A table without lines: columns as wide as their widest cell or as the terminal allows, numbers to the right. Where they
 * do not fit, names, in the first column, have lines of their own.
 */
export const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string => {
  const texts = [head, ...rows].map((row) =>
    row.map((cell) => (typeof cell === 'number' ? grouped(cell) : cell)),
  );
  const widest = (texts: readonly string[]) => Math.max(...texts.map((text) => [...text].length));
  const natural = head.map((_, column) =>
    texts.reduce((most, row) => Math.max(most, widest(row[column].split('\n'))), 0),
  );
  const isNumeric = head.map(
    (_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number'),
  );
  const width = terminalWidth();
  const widths = fitted(natural, width);
  if (totalOf(widths) <= width || head.length < 3)
    return texts.flatMap((row) => linesOf(row, widths, isNumeric)).join('\n');
  const rest = fitted(natural.slice(1), width - 2);
  const figures = (row: readonly string[]) => linesOf(row.slice(1), rest, isNumeric.slice(1));
  return texts
    .flatMap((row) => [...wrapped(row[0], width), ...figures(row).map((line) => `  ${line}`)])
    .join('\n');
};

/**
 * Prints a value as JSON if that was asked for, over several lines or as one, or else as text. Control characters of
 * names from files are escaped.
 */
export const print = (isJson: boolean | 'line' | undefined, value: unknown, text: () => string): void => {
  eraseProgress();
  const said = printable(isJson ? JSON.stringify(value, null, isJson === 'line' ? 0 : 2) : text());
  if (isStandardOutputTaken()) return console.error(said);
  console.log(said);
};

/** A console whose output must be written: others pass over a full disk in silence. */
export const reliableConsole = (): Console => {
  const { stdout, stderr } = process;
  let isFailed = false;
  stdout.on('error', (error) => {
    if (!isFailed) endOnFailedOutput(error);
    isFailed = true;
  });
  // Nobody could be told of an error stream that fails.
  stderr.on('error', () => undefined);
  return new Console({ stdout, stderr, ignoreErrors: false });
};

/** The status of programs whose reader is gone: 128 and the number of SIGPIPE. */
const brokenPipe = 141;

/**
 * Ends the program where its output cannot be written: quietly where nobody reads it any more. Work that has something to
 * save does so first, and its status is not that of work that is done.
 */
const endOnFailedOutput = (error: NodeJS.ErrnoException): void => {
  // A terminal that is closed gives EIO.
  const isUnread = error.code === 'EPIPE' || (error.code === 'EIO' && process.stdout.isTTY);
  if (!isUnread)
    process.stderr.write(`renga: the standard output: found ${reasonOf(error) ?? error.message}\n`);
  if (!endWork(isUnread ? brokenPipe : 1)) process.exit(isUnread ? 0 : 1);
};
