/**
 * Selections of leaves, checked: one that selects nothing is a slip in a path, which would go unnoticed.
 */
import { nearest } from '../data/nearest.js';
import { selects, type Selection } from '../data/tree.js';
import { settingsOf, withSettings } from './settings.js';

/** The selections that functions of `allBut` leave out. */
const complements = new WeakMap<object, Selection>();

/**
 * The leaves that a selection leaves out.
 * @example trainStep(loss, adam(1e-3), { freeze: allBut(/^decoder\//) }) // the decoder alone trains
 */
export const allBut = (selection: Selection): ((path: string) => boolean) => {
  const isSelected = selects(selection);
  const others = (path: string): boolean => !isSelected(path);
  complements.set(others, selection);
  return withSettings(others, { allBut: settingsOf(selection) });
};

/** Advice about a listed path that is no leaf's. */
const adviceOf = (path: string, paths: readonly string[]): string => {
  if (paths.some((each) => each.startsWith(`${path}/`)))
    return `'${path}' is a module: /^${path}\\// selects its leaves`;
  const likely = nearest(path, paths);
  return likely === undefined ? `'${path}' is no leaf` : `'${path}' is no leaf: did you mean '${likely}'?`;
};

const nameOf = (selection: Selection): string =>
  typeof selection === 'function' ? 'the function' : String(selection);

/**
 * Refuses a selection of nothing. An empty list is nothing on purpose, and passes; so does `allBut` of everything.
 * @param options  `each`: every path of a list has to be there, too
 * @throws RangeError
 */
export const expectSelected = (
  where: string,
  selection: Selection,
  paths: readonly string[],
  { each = false }: { readonly each?: boolean } = {},
): void => {
  const inner = typeof selection === 'function' ? complements.get(selection) : undefined;
  if (inner !== undefined) return expectSelected(where, inner, paths, { each });
  const listed = Array.isArray(selection) ? (selection as readonly string[]) : [];
  const unknown = listed.filter((path) => !paths.includes(path));
  const isNone = Array.isArray(selection)
    ? listed.length > 0 && unknown.length === listed.length
    : !paths.some(selects(selection));
  if (unknown.length > 0 && (each || isNone))
    throw new RangeError(`${where}: ${unknown.map((path) => adviceOf(path, paths)).join('; ')}`);
  if (!isNone) return;
  const some = paths.slice(0, 3).join(', ');
  throw new RangeError(`${where}: ${nameOf(selection)} selects none of the leaves, such as ${some}`);
};
