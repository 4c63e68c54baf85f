/** The results of all parts as a page of the docs. Parts with one title share a section and its table. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { root } from '../project.js';
import { type Cell, onlyColumn, type Result, type Results, type Row } from './results.js';

const amount = (error: number): string => (error === 0 ? '0' : error.toExponential(1));

const shown = ({ difference, problem }: Cell): string =>
  problem ?? (difference === null ? 'no number' : amount(difference));

const resultOf = ({ isPassed }: Row): string => (isPassed ? 'passed' : '**failed**');

/** Rows with one column have the number of arrays and what is allowed beside it. */
const simpleTable = (rows: readonly Row[]): readonly string[] => [
  '| what | arrays | largest difference | allowed | result |',
  '| --- | --: | --: | --: | --- |',
  ...rows.map((row) => {
    const cell = row.cells[onlyColumn];
    return `| ${row.what} | ${cell.arrays} | ${shown(cell)} | ${amount(cell.allowed)} | ${resultOf(row)} |`;
  }),
];

/** Rows with several columns: each cell that is not empty has its largest difference. */
const wideTable = (rows: readonly Row[], columns: readonly string[]): readonly string[] => [
  `| what | ${columns.join(' | ')} | result |`,
  `| --- | ${columns.map(() => '--:').join(' | ')} | --- |`,
  ...rows.map((row) => {
    const cells = columns.map((name) => (row.cells[name] ? shown(row.cells[name]) : ''));
    return `| ${row.what} | ${cells.join(' | ')} | ${resultOf(row)} |`;
  }),
];

/** The columns of rows; those that begin alike, up to a colon, stand together. */
const columnsOf = (rows: readonly Row[]): readonly string[] => {
  const names = [...new Set(rows.flatMap(({ cells }) => Object.keys(cells)))];
  const beginnings = [...new Set(names.map((name) => name.split(':')[0]))];
  return beginnings.flatMap((beginning) => names.filter((name) => name.split(':')[0] === beginning));
};

const tableOf = (rows: readonly Row[]): readonly string[] => {
  const columns = columnsOf(rows);
  return columns.length === 1 && columns[0] === onlyColumn ? simpleTable(rows) : wideTable(rows, columns);
};

/** A line for readers whose screen does not hold all columns. */
const captionOf = (rows: readonly Row[]): readonly string[] =>
  columnsOf(rows).length > 2
    ? ['On a narrow screen the table scrolls to the right, up to the column of results.', '']
    : [];

const counts = (rows: readonly Row[]): string => {
  const passed = rows.filter(({ isPassed }) => isPassed).length;
  return `${passed} passed, ${rows.length - passed} failed`;
};

type Named = readonly [name: string, result: Result];

/** The command of parts that ran on one day with the same versions, the date, and the versions. */
const ran = (parts: readonly Named[]): string => {
  const [[, { date, versions }]] = parts;
  const programs = Object.entries(versions).map(([program, version]) => `${program} ${version}`);
  const names = parts.map(([name]) => name).join(' ');
  const rows = parts.flatMap(([, result]) => result.rows);
  return `\`npm run conformance -- --only ${names}\`, ${date}: ${counts(rows)}. ${programs.join(', ')}.`;
};

/** The parts that ran on one day with the same versions. */
const runsOf = (parts: readonly Named[]): readonly (readonly Named[])[] => {
  const idOf = ([, { date, versions }]: Named): string => JSON.stringify([date, versions]);
  return [...new Set(parts.map(idOf))].map((id) => parts.filter((part) => idOf(part) === id));
};

const section = (parts: readonly Named[]): string => {
  const rows = parts.flatMap(([, result]) => result.rows);
  return [
    `## ${parts[0][1].title}`,
    '',
    // Parts of one section share paragraphs.
    ...new Set(parts.flatMap(([, { doc }]) => doc.split('\n\n')).map((paragraph) => `${paragraph.trim()}\n`)),
    ...runsOf(parts).map((run) => `${ran(run)}\n`),
    ...captionOf(rows),
    ...tableOf(rows),
    '',
  ].join('\n');
};

/** One line for the end of the command. */
export const summary = (results: readonly Result[]): string => counts(results.flatMap(({ rows }) => rows));

/**
 * Writes `docs/conformance.md`.
 * @param order  the names of all parts
 */
export const writeReport = async (results: Results, order: readonly string[]): Promise<string> => {
  const path = join(root, 'docs', 'conformance.md');
  const found = order.flatMap((name): Named[] => (results[name] ? [[name, results[name]]] : []));
  const missing = order.filter((name) => results[name] === undefined);
  const sections = [...new Set(found.map(([, { title }]) => title))].map((title) =>
    found.filter(([, result]) => result.title === title),
  );
  const text = [
    '# Conformance',
    '',
    `What each part of \`npm run conformance\` found when it last ran, ${counts(found.flatMap(([, { rows }]) => rows))} in all. The command writes this page, from \`conformance.json\` beside it.`,
    '',
    'Differences are max\\|a − b\\| as a share of the largest output; for files, of 1 + the largest value.',
    '',
    ...(missing.length > 0 ? [`Not run yet: ${missing.join(', ')}.`, ''] : []),
    ...sections.map(section),
  ].join('\n');
  writeFileSync(path, await format(text, { ...(await resolveConfig(path)), filepath: path }));
  return path;
};
