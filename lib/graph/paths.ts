/** Paths of modules as the tree that they are. */

/** Items by a key of theirs, in the order in which keys first come. */
export const groupBy = <A>(items: readonly A[], keyOf: (item: A) => string): Map<string, A[]> => {
  const groups = new Map<string, A[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
};

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
