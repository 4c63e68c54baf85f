/**
 * The results of conformance: for each part the rows of its last run, its date and the versions that it ran with, in
 * `docs/conformance.json`. The page is made of this file alone.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import type { Check } from '../golden/compare.js';
import { manifest, root } from '../project.js';
import { type Group, isPassed, worst } from './finding.js';

/** The largest difference of a cell's arrays. */
export interface Cell {
  readonly arrays: number;
  /** Null where arrays could not be compared. */
  readonly difference: number | null;
  readonly allowed: number;
  readonly problem?: string;
}

export interface Row {
  readonly what: string;
  readonly isPassed: boolean;
  /** By the names of columns. */
  readonly cells: Readonly<Record<string, Cell>>;
}

/** The last run of a part. */
export interface Result {
  readonly title: string;
  readonly doc: string;
  /** Year, month and day. */
  readonly date: string;
  /** Programs and their versions. */
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: readonly Row[];
}

export type Results = Readonly<Record<string, Result>>;

const path = join(root, 'docs', 'conformance.json');

/** The name of the only column of a table whose findings have no cells. */
export const onlyColumn = 'largest difference';

const cellOf = (checks: readonly Check[]): Cell => {
  const { error, tolerance: allowed, problem } = worst(checks);
  const difference = Number.isFinite(error) ? Number(error.toPrecision(3)) : null;
  return { arrays: checks.length, difference, allowed, ...(problem !== undefined && { problem }) };
};

/** A part's findings as they are stored. */
export const resultOf = (
  { title, doc, findings }: Group,
  versions: Readonly<Record<string, string>>,
): Result => ({
  title,
  doc,
  date: new Date().toISOString().slice(0, 10),
  versions: { renga: manifest.version, Node: process.versions.node, ...versions },
  rows: findings.map((finding) => ({
    what: finding.what,
    isPassed: isPassed(finding),
    cells: Object.fromEntries(
      Object.entries(finding.cells ?? { [onlyColumn]: finding.checks }).map(([name, checks]) => [
        name,
        cellOf(checks),
      ]),
    ),
  })),
});

export const readResults = (): Results =>
  existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Results) : {};

/** Puts a part's result in the place of its last one. */
export const storeResult = async (name: string, result: Result): Promise<Results> => {
  const results = { ...readResults(), [name]: result };
  const text = JSON.stringify(results);
  writeFileSync(path, await format(text, { ...(await resolveConfig(path)), filepath: path }));
  return results;
};
