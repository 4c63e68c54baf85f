/**
 * Printing: tables for people, JSON for programs.
 */
import { Console } from 'node:console';
import { reasonOf } from '../lib/files/error.js';
import { printable } from '../lib/files/printable.js';
import { grouped } from '../lib/data/quantities.js';
import { eraseProgress } from './progress.js';
import { isStandardOutputTaken } from './paths.js';

/** A table without lines: columns as wide as their widest cell, numbers to the right. */
export const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string => {
  const lines = [head, ...rows].map((row) =>
    row.map((cell) => (typeof cell === 'number' ? grouped(cell) : cell).split('\n')),
  );
  const widths = head.map((_, column) =>
    lines.reduce((widest, row) => Math.max(widest, ...row[column].map((text) => [...text].length)), 0),
  );
  const isNumeric = head.map(
    (_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number'),
  );
  const padded = (text: string, column: number): string => {
    const space = ' '.repeat(widths[column] - [...text].length);
    return isNumeric[column] ? space + text : text + space;
  };
  return lines
    .flatMap((row) =>
      Array.from({ length: Math.max(...row.map(({ length }) => length)) }, (_, line) =>
        row
          .map((cell, column) => padded(cell[line] ?? '', column))
          .join('  ')
          .trimEnd(),
      ),
    )
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
  stdout.on('error', endOnFailedOutput);
  return new Console({ stdout, stderr, ignoreErrors: false });
};

/** Ends the program where its output cannot be written: quietly where nobody reads it any more. */
const endOnFailedOutput = (error: NodeJS.ErrnoException): never => {
  if (error.code === 'EPIPE') process.exit(0);
  process.stderr.write(`renga: the standard output: ${reasonOf(error) ?? error.message}\n`);
  process.exit(1);
};
