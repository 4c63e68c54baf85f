/**
 * Random keys of examples: each example of a batch has a sequence of its own, as in a program that is mapped over them.
 */
import { type Key, keySequence, type LazyKey } from '../../random/index.js';
import { passesOf } from '../program.js';
import type { Scope } from '../scope.js';

/** The first keys of a sequence that begins with a key, which is asked for when one of them is. */
const sequenceOf = (root: LazyKey, count: number): readonly LazyKey[] => {
  let made: readonly Key[] | undefined;
  const all = (): readonly Key[] => {
    const next = keySequence(root());
    return Array.from({ length: count }, () => next()).map((key) => key());
  };
  return Array.from({ length: count }, (_, i) => () => (made ??= all())[i]);
};

/**
 * Draws random keys for each example of a batch: the first ones of sequences that are split off at once. In `init` all
 * examples share keys of the program's own sequence.
 * @param each  number of keys of one example
 * @returns by example, `each` keys
 * @example const order = exampleKeys(s, B).map(([key]) => permutation(key(), N));
 * Source: dm-haiku `hk.vmap(…, split_rng=not hk.running_init())`.
 */
export const exampleKeys = (s: Scope, examples: number, each = 1): readonly (readonly LazyKey[])[] => {
  const { nextKeys } = passesOf(s).readBy(
    (reading) => reading,
    (reading) => reading,
  );
  if (nextKeys) return nextKeys(examples, s.path).map((root) => sequenceOf(root, each));
  const shared = Array.from({ length: each }, () => s.key());
  return Array.from({ length: examples }, () => shared);
};
