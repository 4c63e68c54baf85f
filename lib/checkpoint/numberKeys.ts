/**
 * Numbers as keys of mappings. A map of JavaScript finds numbers by a hash that anyone can compute, so that a file can
 * choose keys that all meet in one place, where each is compared with every other: 30,000 of them take seconds. Strings
 * are safe, their hash is secret.
 */

/** More than honest files have, and few enough to be compared with each other. */
const mostChosen = 4096;

/** Counts the number keys of a file that could have been chosen with care. */
export class NumberKeys {
  #count = 0;

  constructor(readonly fileLength: number) {}

  /** Counts a key and says whether that are too many by now. */
  isOneTooMany(key: unknown): boolean {
    return this.#isChosen(key) && ++this.#count > mostChosen;
  }

  /** Small counts, which positions and ids are, are too near to each other for many to meet. */
  #isChosen(key: unknown): boolean {
    if (typeof key === 'bigint') return true;
    return typeof key === 'number' && !(Number.isInteger(key) && key >= 0 && key < this.fileLength);
  }
}

/** The error of such a file. */
export const tooManyNumberKeys = `more than ${mostChosen} numbers for keys that are no small counts`;
