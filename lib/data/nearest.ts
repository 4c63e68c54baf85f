/** The name that somebody probably meant: the nearest by edit distance. */

/** The length of the common end of two names, after their common start. */
const commonEnd = (a: string, b: string, start: number): number => {
  const most = Math.min(a.length, b.length) - start;
  let n = 0;
  while (n < most && a[a.length - 1 - n] === b[b.length - 1 - n]) n++;
  return n;
};

const commonStart = (a: string, b: string): number => {
  let n = 0;
  while (n < a.length && a[n] === b[n]) n++;
  return n;
};

/** The distance outside of the band of computed cells. */
const far = 0x7fff;

/**
 * The edit distance of two names: the smallest number of characters to insert, delete or replace.
 * @param limit  larger distances are given as Infinity, which is faster
 * Source: Wagner and Fischer 1974, doi:10.1145/321796.321811; only cells within `limit` of the diagonal are computed.
 */
export const editDistance = (a: string, b: string, limit = Math.max(a.length, b.length)): number => {
  if (Math.abs(a.length - b.length) > limit) return Infinity;
  const start = commonStart(a, b);
  const end = commonEnd(a, b, start);
  const [rows, columns] = [a.length - end - start, b.length - end - start];
  let row = Uint16Array.from({ length: columns + 1 }, (_, j) => j);
  let next = new Uint16Array(columns + 1);
  for (let i = 1; i <= rows; i++) {
    const first = Math.max(1, i - limit);
    const last = Math.min(columns, i + limit);
    next[first - 1] = first === 1 ? i : far;
    let least = next[first - 1];
    for (let j = first; j <= last; j++) {
      const replaced = row[j - 1] + Number(a.charCodeAt(start + i - 1) !== b.charCodeAt(start + j - 1));
      const beside = Math.min(j < i + limit ? row[j] : far, next[j - 1]) + 1;
      next[j] = Math.min(replaced, beside);
      if (next[j] < least) least = next[j];
    }
    if (least > limit) return Infinity;
    [row, next] = [next, row];
  }
  return row[columns] > limit ? Infinity : row[columns];
};

/** The number of times that each character comes in a name. */
const lettersOf = (name: string): ReadonlyMap<string, number> => {
  const letters = new Map<string, number>();
  for (const letter of name.split('')) letters.set(letter, (letters.get(letter) ?? 0) + 1);
  return letters;
};

/** A lower bound of the edit distance: the number of letters that only one of two names has. */
const leastDistance = (name: string, other: string, letters: ReadonlyMap<string, number>): number => {
  let [more, common] = [0, 0];
  for (const [letter, n] of lettersOf(other)) {
    const here = letters.get(letter) ?? 0;
    common += Math.min(n, here);
    more += Math.max(0, n - here);
  }
  return Math.max(more, name.length - common);
};

/**
 * The candidate nearest to a name; undefined when all candidates differ from it in more than half of its length.
 * @example nearest('liner/w', ['linear/b', 'linear/w']) // 'linear/w'
 */
export const nearest = (name: string, candidates: Iterable<string>): string | undefined => {
  const letters = lettersOf(name);
  const likely = [...candidates]
    .map((candidate) => ({ candidate, least: leastDistance(name, candidate, letters) }))
    .sort((a, b) => a.least - b.least);
  let best: string | undefined;
  let limit = Math.floor(name.length / 2);
  for (const { candidate, least } of likely) {
    if (least > limit) break;
    const distance = editDistance(name, candidate, limit);
    if (distance > limit) continue;
    best = candidate;
    limit = distance - 1;
  }
  return best;
};

/**
 * Checks the names of options, which types do not see in JavaScript or in values made elsewhere.
 * @throws Error for a name that is not known, with the nearest one that is
 * @example expectKnown('apply', { istraining: true }, ['isTraining']) // apply: found option 'istraining'; did you mean …
 */
export const expectKnown = (what: string, options: object, known: readonly string[]): void => {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const likely = nearest(name, known);
    const hint = likely === undefined ? `expected ${known.join(', ')}` : `did you mean '${likely}'?`;
    throw new Error(`${what}: found option '${name}', which it does not have; ${hint}`);
  }
};
