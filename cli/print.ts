/**
 * Printing: tables for people, JSON for programs.
 */
import { Console } from 'node:console';
import Table from 'cli-table3';
import { reasonOf } from '../lib/files/error.js';
import { printable } from '../lib/files/printable.js';
import { isStandardOutput } from '../lib/files/write.js';
import { grouped } from '../lib/data/quantities.js';

const plain = {
  chars: {
    top: '',
    'top-mid': '',
    'top-left': '',
    'top-right': '',
    bottom: '',
    'bottom-mid': '',
    'bottom-left': '',
    'bottom-right': '',
    left: '',
    'left-mid': '',
    mid: '',
    'mid-mid': '',
    right: '',
    'right-mid': '',
    middle: '  ',
  },
  style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
};

/** A table without lines. */
export const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string => {
  const numeric = head.map(
    (_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number'),
  );
  const made = new Table({
    ...plain,
    head: [...head],
    colAligns: numeric.map((is) => (is ? 'right' : 'left')),
  });
  rows.forEach((row) => made.push(row.map((cell) => (typeof cell === 'number' ? grouped(cell) : cell))));
  return made
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
};

/**
 * Prints a value as JSON if that was asked for, or else as text. Control characters of names from files are escaped.
 */
export const print = (isJson: boolean | undefined, value: unknown, text: () => string): void => {
  const said = printable(isJson ? JSON.stringify(value, null, 2) : text());
  if (isStandardOutputTaken) return console.error(said);
  console.log(said);
};

let isStandardOutputTaken = false;

/** The path that a person means: `-` is the standard output, which then holds the file alone; reports go elsewhere. */
export const outputPath = (path: string): string => {
  const meant = path === '-' ? '/dev/stdout' : path;
  isStandardOutputTaken ||= isStandardOutput(meant);
  return meant;
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
