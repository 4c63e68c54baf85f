/** Paths of modules as the tree that they are. */
import { groupBy } from '../data/lists.js';

/** The nearest path that another one is inside of. */
export const parentOf = (path: string, paths: ReadonlySet<string>): string | undefined => {
  const parts = path.split('/');
  while (parts.length > 1) {
    parts.pop();
    if (paths.has(parts.join('/'))) return parts.join('/');
  }
  return undefined;
};

/** Paths with those in them after each one. */
export const outerFirst = (paths: ReadonlySet<string>): string[] => {
  const inside = groupBy([...paths], (path) => parentOf(path, paths) ?? '');
  const withInner = (path: string): string[] => [path, ...(inside.get(path) ?? []).flatMap(withInner)];
  return (inside.get('') ?? []).flatMap(withInner);
};

/** The last name of a path. */
export const lastName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** The module that a weight's path `module/leaf` is of. */
export const moduleOf = (weightPath: string): string => weightPath.slice(0, weightPath.lastIndexOf('/'));

/** A name without the number that tells it from others alike. */
export const withoutNumber = (name: string): string => name.replace(/_\d+$/, '');
