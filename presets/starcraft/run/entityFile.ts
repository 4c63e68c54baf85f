/** Entities in text: JSON, a list or the field `units` of an object; or CSV, a column for each field. */
import * as E from 'fp-ts/lib/Either.js';
import { type InputError, inputError, showInputErrors } from '../../../lib/data/inputError.js';
import { parseTable } from '../../../lib/train/readers/table.js';
import type { Entities } from './features.js';

/** A list of units, of which the model checks each. */
const ofJson = (where: string, json: unknown): E.Either<InputError, Entities> => {
  const list = Array.isArray(json) ? json : (json as { units?: unknown } | null)?.units;
  return Array.isArray(list)
    ? E.right(list as Entities)
    : inputError(where, 'JSON of another kind', 'a list of units, or an object with a list `units`');
};

/** Fields that are lists: in CSV numbers with spaces or semicolons between them. */
const lists = new Set(['attributes', 'buffs']);

/** The value of a cell, as JSON would have it; undefined where the cell is empty. */
const valueOf = (column: string, cell: string): unknown => {
  const text = cell.trim();
  if (text === '') return undefined;
  if (lists.has(column)) return text.split(/[\s;]+/).map(Number);
  if (text === 'true' || text === 'false') return text === 'true';
  return Number.isNaN(Number(text)) ? text : Number(text);
};

const ofCsv = (where: string, text: string): E.Either<InputError, Entities> => {
  const parsed = parseTable(where, text, ',', ['unitType', 'alliance', 'x', 'y']);
  if (E.isLeft(parsed)) {
    const [first, ...others] = parsed.left;
    if (others.length === 0) return E.left(first);
    return inputError(
      where,
      `${parsed.left.length} problems (${showInputErrors(parsed.left, '; ')})`,
      'none',
    );
  }
  return E.right(
    parsed.right.rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).flatMap(([column, cell]) => {
          const value = valueOf(column, cell);
          return value === undefined ? [] : [[column, value]];
        }),
      ),
    ) as unknown as Entities,
  );
};

/**
 * The entities of a text, JSON or CSV by its first character; the model checks each field.
 * @param where  the file's name in errors
 * @example parseEntities('units.csv', 'unitType,alliance,x,y\n48,1,30,71.5\n')
 */
export const parseEntities = (where: string, text: string): E.Either<InputError, Entities> => {
  if (!/^\s*[[{]/.test(text.replace(/^\uFEFF/, ''))) return ofCsv(where, text);
  const parsed = E.tryCatch(() => JSON.parse(text) as unknown, E.toError);
  return E.isLeft(parsed)
    ? inputError(where, parsed.left.message.replace(/\s+/g, ' '), 'a file of JSON, or CSV')
    : ofJson(where, parsed.right);
};
