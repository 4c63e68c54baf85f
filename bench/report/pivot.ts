/**
 * Rows of results side by side: a line for each work, a column for each engine with each number of threads.
 */
import type { Group, Row } from '../work.js';

export interface Column {
  readonly engine: string;
  readonly threads: number;
}

const isOf =
  ({ engine, threads }: Column) =>
  (row: Row): boolean =>
    row.engine === engine && row.threads === threads;

/** In the order in which they first took part. */
export const columnsOf = (rows: readonly Row[]): readonly Column[] =>
  rows.reduce<readonly Column[]>(
    (columns, { engine, threads }) =>
      columns.some((column) => column.engine === engine && column.threads === threads)
        ? columns
        : [...columns, { engine, threads }],
    [],
  );

export interface Line {
  readonly work: string;
  /** One for each column; undefined where the engine could not. */
  readonly cells: readonly (Row | undefined)[];
}

export const linesOf = (rows: readonly Row[], columns: readonly Column[]): readonly Line[] =>
  [...new Set(rows.map(({ work }) => work))].map((work) => {
    const ours = rows.filter((row) => row.work === work);
    return { work, cells: columns.map((column) => ours.find(isOf(column))) };
  });

export const ofGroup = (rows: readonly Row[], group: Group): readonly Row[] =>
  rows.filter((row) => row.group === group);
