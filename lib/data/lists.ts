/** Lists: grouping and sums. */

/** Items grouped by a key, in the order in which keys first come. */
export const groupBy = <A>(items: readonly A[], keyOf: (item: A) => string): Map<string, A[]> => {
  const groups = new Map<string, A[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
};

/** The sum of a number of each item. */
export const sum = <A>(items: readonly A[], of: (item: A) => number): number =>
  items.reduce((total, item) => total + of(item), 0);
