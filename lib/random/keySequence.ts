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

/** Draws the next key; `where` names the layer in the error for a missing root. */
export interface KeySequence {
  (where?: string): LazyKey;
  /** Draws several keys that are split off at once, as `hk.next_rng_keys` and `hk.reserve_rng_keys` do. */
  readonly many: (count: number, where?: string) => readonly LazyKey[];
}

/**
 * Draws lazy keys one after another: draw i is the second key of `split` of the i-th link, and the first key is
 * the next link. Drawing hashes nothing; using a key makes the links up to it, once each.
 * @param root  the sequence's start, or a lazy one; without it keys can be drawn but not used
 * @example
 * const next = keySequence(key(42));
 * const dropoutKey = next('mlp/dropout'); // nothing is hashed
 * uniform(dropoutKey(), [2]); // now it is
 * Source: haiku/_src/base.py `PRNGSequence`, with one key reserved at a time.
 */
export const keySequence = (root?: Key | LazyKey): KeySequence => {
  const counts: number[] = [];
  const drawn: (readonly Key[])[] = [];
  let link: Key | undefined;
  const many: KeySequence['many'] = (count, where) => {
    const index = counts.push(count) - 1;
    const keys = (): readonly Key[] => {
      link ??= typeof root === 'function' ? root() : root;
      if (link === undefined) throw new MissingKeyError(where);
      while (drawn.length <= index) {
        const [next, ...subs] = split(link, counts[drawn.length] + 1);
        drawn.push(subs);
        link = next;
      }
      return drawn[index];
    };
    return Array.from({ length: count }, (_, i) => () => keys()[i]);
  };
  return Object.assign((where?: string) => many(1, where)[0], { many });
};
