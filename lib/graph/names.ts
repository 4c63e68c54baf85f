/**
 * Names for what goes into a graph and comes out of it: those of a layer's arguments, with the keys of records after them.
 */

/** The names of a function's arguments and of its result. */
export interface Names {
  /** In the layer's order; what is not named is `input`, `input_1`, …. An empty name leaves a record's keys alone. */
  readonly inputs?: readonly string[];
  /** `output` if not given. */
  readonly output?: string;
}

/** Gives out names; one that was given already gets a number. */
export const namer = () => {
  const given = new Map<string, number>();
  return (name: string): string => {
    const count = given.get(name) ?? 0;
    given.set(name, count + 1);
    if (count === 0) return name;
    const numbered = `${name}_${count}`;
    given.set(numbered, (given.get(numbered) ?? 0) + 1);
    return numbered;
  };
};

/** The name of a part of a nest: that of the nest, then the keys and indices that lead to it. */
export const partName = (root: string, path: readonly (string | number)[]): string =>
  [root, ...path].filter((part) => part !== '').join('.');
