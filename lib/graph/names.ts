/**
 * Names for what goes into a graph and comes out of it: those of a layer's arguments, with the keys of records after them.
 */

/** The names of a function's arguments and of its result. */
export interface Names {
  /**
   * In the layer's order; what is not named is `input`, `input_1`, …, in pages what the layer calls it. An empty name leaves
   * a record's keys alone.
   */
  readonly inputs?: readonly string[];
  /** `output` if not given. */
  readonly output?: string;
}

const ordinals = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth'];

/** Names by place, for inputs whose layer has no names for them. */
const placeNames = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => (count === 1 ? 'input' : `${ordinals[i] ?? `${i + 1}.`} input`));

/** A word of two letters or more: shorter names are those of minified code, or say nothing. */
const isWord = (name: string): boolean => /^[A-Za-z_$][\w$]+$/.test(name);

/**
 * Names of a layer's inputs: those of its own parameters after the scope, or else by their place.
 * @param count  the number of inputs
 * @example inputNames((s: Scope, times: Tensor, values: Tensor) => …, 2) // ['times', 'values']
 */
export const inputNames = (layer: (...args: never[]) => unknown, count: number): readonly string[] => {
  const [, parameters = ''] = /^(?:function\b[^(]*)?\(([^()]*)\)/.exec(String(layer)) ?? [];
  const [, ...names] = parameters.split(',').map((name) => name.trim());
  const given = names.slice(0, count);
  return given.length === count && given.every(isWord) ? given : placeNames(count);
};

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
