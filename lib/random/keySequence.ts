/**
 * A sequence of keys in the order of Haiku's PRNGSequence, each made only when it is used: a layer may draw a
 * key and not use it, and then the sequence needs no root.
 */
import { type Key, split } from './key.js';

/** A key that is made when it is called for, once. @throws MissingKeyError when the sequence has no root */
export type LazyKey = () => Key;

/** The error of a random number that is needed when no key was given. */
export class MissingKeyError extends Error {
  override readonly name = 'MissingKeyError';
  constructor(readonly where?: string) {
    super(
      `${where === undefined ? '' : `${where}: `}a random number was needed, but init or apply got no key`,
    );
  }
}

/**
 * Draws lazy keys one after another: draw i is the second key of `split` of the i-th link, and the first key is
 * the next link. Drawing hashes nothing; using a key makes the links up to it, once each.
 * @param root where the sequence starts; without it keys can be drawn but not used
 * @returns draws the next key; `where` names the layer in the error for a missing root
 * @example
 * const next = keySequence(key(42));
 * const dropoutKey = next('mlp/dropout'); // nothing is hashed
 * uniform(dropoutKey(), [2]); // now it is
 * Source: haiku/_src/base.py `PRNGSequence`, with one key reserved at a time.
 */
export const keySequence = (root?: Key): ((where?: string) => LazyKey) => {
  const keys: Key[] = [];
  let link = root;
  let drawn = 0;
  return (where) => {
    const index = drawn++;
    return () => {
      if (link === undefined) throw new MissingKeyError(where);
      while (keys.length <= index) {
        const [next, sub] = split(link);
        keys.push(sub);
        link = next;
      }
      return keys[index];
    };
  };
};
