/**
 * Two-way mappings of names: a table of what the same array is called on two sides, and how it is held there. A mapping
 * is total: names that no rule knows, and rules whose names are not there, are refused, all of them.
 */
import * as E from 'fp-ts/lib/Either.js';
import type { HostArray } from '../../data/array.js';
import { nearest } from '../../data/nearest.js';
import { type Arrangement, type Direction, rearrange, showArrangement } from './arrangement.js';
import { parsePattern, type Pattern } from './pattern.js';
import { type NameProblem, type NamesError, namesError } from './problem.js';

/** The names of an array on both sides. Patterns have one variable at most, a number: `{_i}` or `{#i}`. */
export interface NameRule {
  readonly left: string;
  readonly right: string;
  /** The arrangement of the right array beside the left one; they are the same if not given. */
  readonly arrangement?: Arrangement;
}

/** An array that only the left has, because it follows from others there. */
export interface DerivedRule {
  readonly left: string;
  /** Names on the left that it follows from. */
  readonly from: readonly string[];
  readonly make: (from: readonly HostArray[]) => HostArray;
  /** True if an array says what `make` would; if not, it would be lost on the way to the right. */
  readonly agrees: (given: HostArray, made: HostArray) => boolean;
}

interface Rule {
  readonly left: Pattern;
  /** None where the array is only on the left. */
  readonly right?: Pattern;
  readonly arrangement?: Arrangement;
}

/** A table of names, ready to be used. */
export interface NameMapping {
  readonly rules: readonly Rule[];
  readonly derived: readonly (DerivedRule & { readonly fromPatterns: readonly Pattern[] })[];
}

/** One line of a translation. */
export interface NamePair {
  /** None where the array is made of others. */
  readonly from?: string;
  /** None where the array is left out, since it follows from others. */
  readonly to?: string;
  readonly arrangement?: Arrangement;
}

const patternOf = (text: string): Pattern => {
  const parsed = parsePattern(text);
  if (E.isLeft(parsed)) throw new TypeError(parsed.left);
  const { variables, numbers } = parsed.right;
  if (variables.length > 1 || numbers.length < variables.length)
    throw new TypeError(`${text}: a mapping's patterns have one variable at most, and it is a number`);
  return parsed.right;
};

const ruleOf = ({ left, right, arrangement }: NameRule): Rule => {
  const [onLeft, onRight] = [patternOf(left), patternOf(right)];
  if (onLeft.variables.join() !== onRight.variables.join())
    throw new TypeError(`${left} and ${right} have different variables`);
  return { left: onLeft, right: onRight, arrangement };
};

/**
 * A mapping of its rules.
 * @throws TypeError where a pattern is none, or a rule's sides have different variables
 * @example
 * nameMapping([
 *   { left: 'tower/~/layer{_i}/linear/w', right: 'tower.{#i}.weight', arrangement: transposed },
 *   { left: 'tower/~/layer{_i}/linear/b', right: 'tower.{#i}.bias' },
 * ])
 */
export const nameMapping = (
  rules: readonly NameRule[],
  derived: readonly DerivedRule[] = [],
): NameMapping => ({
  rules: [...rules.map(ruleOf), ...derived.map(({ left }) => ({ left: patternOf(left) }))],
  derived: derived.map((rule) => ({ ...rule, fromPatterns: rule.from.map(patternOf) })),
});

/** A name that follows a rule, and where. */
interface Hit {
  readonly name: string;
  readonly rule: Rule;
  /** The number in the pattern's variable's place. */
  readonly index: number;
}

const sourceOf = ({ left, right }: Rule, direction: Direction): Pattern | undefined =>
  direction === 'toRight' ? left : right;
const targetOf = ({ left, right }: Rule, direction: Direction): Pattern | undefined =>
  direction === 'toRight' ? right : left;

const hitOf = ({ rules }: NameMapping, direction: Direction, name: string): Hit | undefined => {
  for (const rule of rules) {
    const bindings = sourceOf(rule, direction)?.match(name);
    if (bindings) return { name, rule, index: Number([...bindings.values()][0] ?? 0) };
  }
  return undefined;
};

const fill = (pattern: Pattern, index: number): string =>
  pattern.fill(new Map(pattern.variables.map((name) => [name, String(index)])));

/** The count of a variable: 1 more than the highest number met, at least 1. */
const countsOf = (hits: readonly Hit[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const { rule, index } of hits) {
    const [variable] = rule.left.variables;
    if (variable !== undefined) counts.set(variable, Math.max(counts.get(variable) ?? 0, index + 1));
  }
  return counts;
};

/** More layers than this are a slip in a name, not a model. */
const mostOfOneKind = 1000;

/** Every place that a rule has, given how many there are of what its variable counts. */
const placesOf = ({ left }: Rule, counts: ReadonlyMap<string, number>): readonly number[] => {
  const [variable] = left.variables;
  const count = variable === undefined ? 1 : (counts.get(variable) ?? 1);
  return Array.from({ length: Math.min(count, mostOfOneKind) }, (_, i) => i);
};

const missingNames = (
  { rules }: NameMapping,
  direction: Direction,
  hits: readonly Hit[],
): readonly string[] => {
  const counts = countsOf(hits);
  const found = new Set(hits.map(({ name }) => name));
  return rules.flatMap((rule) => {
    const source = sourceOf(rule, direction);
    if (!source) return [];
    return placesOf(rule, counts)
      .map((place) => fill(source, place))
      .filter((name) => !found.has(name));
  });
};

/** Names that become the same. */
export const clashesOf = (pairs: readonly NamePair[]): readonly NameProblem[] => {
  const sources = new Map<string, string[]>();
  for (const { from, to } of pairs) {
    if (from !== undefined && to !== undefined) sources.set(to, [...(sources.get(to) ?? []), from]);
  }
  return [...sources]
    .filter(([, names]) => names.length > 1)
    .map(([to, names]) => ({ kind: 'clash', names, to }));
};

const pairOf = ({ name, rule, index }: Hit, direction: Direction): NamePair => {
  const target = targetOf(rule, direction);
  return { from: name, to: target && fill(target, index), arrangement: rule.arrangement };
};

/** Names that are made on the left. */
const madePairs = ({ rules }: NameMapping, hits: readonly Hit[]): readonly NamePair[] => {
  const counts = countsOf(hits);
  return rules
    .filter(({ right }) => right === undefined)
    .flatMap((rule) => placesOf(rule, counts).map((place) => ({ to: fill(rule.left, place) })));
};

/** Names as a mapping knows them. */
interface Survey {
  readonly hits: readonly Hit[];
  readonly leftOver: readonly string[];
  readonly missing: readonly string[];
}

const survey = (mapping: NameMapping, direction: Direction, names: Iterable<string>): Survey => {
  const found = [...names].map((name) => ({ name, hit: hitOf(mapping, direction, name) }));
  const hits = found.flatMap(({ hit }) => hit ?? []);
  return {
    hits,
    leftOver: found.filter(({ hit }) => !hit).map(({ name }) => name),
    missing: missingNames(mapping, direction, hits),
  };
};

/** The number of names left over or missing, to tell which of several mappings names belong to. */
export const untranslated = (mapping: NameMapping, direction: Direction, names: Iterable<string>): number => {
  const { leftOver, missing } = survey(mapping, direction, names);
  return leftOver.length + missing.length;
};

/** Names that others are compared with, at most: a stranger's file may have a million. */
const mostCompared = 1000;

/** The name that was probably meant, for the first of many. */
const meant = (name: string, place: number, others: readonly string[]): string | undefined =>
  place < mostCompared ? nearest(name, others.slice(0, mostCompared)) : undefined;

/**
 * The new name of every name, in the order of the names; only names are read.
 * @returns on the left, every name that is left over, missing or taken twice
 */
export const translateNames =
  (mapping: NameMapping, direction: Direction) =>
  (names: Iterable<string>): E.Either<NamesError, readonly NamePair[]> => {
    const { hits, leftOver, missing } = survey(mapping, direction, names);
    const pairs = hits.map((hit) => pairOf(hit, direction));
    const problems: readonly NameProblem[] = [
      ...leftOver.map((name, i) => ({ kind: 'leftOver' as const, name, nearest: meant(name, i, missing) })),
      ...missing.map((name, i) => ({ kind: 'missing' as const, name, nearest: meant(name, i, leftOver) })),
      ...clashesOf(pairs),
    ];
    if (problems.length) return E.left(namesError(problems));
    return E.right(direction === 'toLeft' ? [...pairs, ...madePairs(mapping, hits)] : pairs);
  };

/** The value of a name on the left that follows from other arrays there. */
const derivedAt = (
  { derived, rules }: NameMapping,
  name: string,
  arrays: ReadonlyMap<string, HostArray>,
): { readonly made: HostArray; readonly agrees: DerivedRule['agrees'] } => {
  const first = rules.length - derived.length;
  const bindings = derived.map((_, i) => rules[first + i].left.match(name));
  const at = bindings.findIndex((found) => found !== undefined);
  const { fromPatterns, make, agrees } = derived[at];
  const from = fromPatterns.map(
    (pattern) => arrays.get(pattern.fill(bindings[at] ?? new Map())) as HostArray,
  );
  return { made: make(from), agrees };
};

const shown = ({ shape, dtype }: HostArray): string => `${dtype} [${shape.join(', ')}]`;

/** Arrays that would be left out although they say something else than the others do. */
const lossesOf = (
  mapping: NameMapping,
  pairs: readonly NamePair[],
  arrays: ReadonlyMap<string, HostArray>,
): readonly NameProblem[] =>
  pairs.flatMap(({ from, to }): readonly NameProblem[] => {
    if (from === undefined || to !== undefined) return [];
    const { made, agrees } = derivedAt(mapping, from, arrays);
    const given = arrays.get(from) as HostArray;
    if (agrees(given, made)) return [];
    const expected = `what follows from the others (${shown(made)}), since it is left out`;
    return [{ kind: 'array', name: from, found: `other values (${shown(given)})`, expected }];
  });

/**
 * Arrays under the names of the other side, and as they are held there; they stay views of the same memory.
 * @returns on the left, every name that is left over, missing or taken twice, and every array that is not as its rule
 * expects
 */
export const translateArrays =
  (mapping: NameMapping, direction: Direction) =>
  (arrays: ReadonlyMap<string, HostArray>): E.Either<NamesError, ReadonlyMap<string, HostArray>> => {
    const pairs = translateNames(mapping, direction)(arrays.keys());
    if (E.isLeft(pairs)) return pairs;
    const problems: NameProblem[] = [];
    const translated = new Map<string, HostArray>();
    for (const { from, to, arrangement } of pairs.right) {
      if (from === undefined || to === undefined) continue;
      const moved = rearrange(arrays.get(from) as HostArray, arrangement, direction);
      if (E.isRight(moved)) translated.set(to, moved.right);
      else problems.push({ kind: 'array', name: from, ...moved.left });
    }
    if (!problems.length) problems.push(...lossesOf(mapping, pairs.right, arrays));
    if (problems.length) return E.left(namesError(problems));
    for (const { from, to } of pairs.right) {
      if (from === undefined && to !== undefined) translated.set(to, derivedAt(mapping, to, translated).made);
    }
    return E.right(translated);
  };

/** Pairs as a person reads them, a line each: what becomes of every name. */
export const showNamePairs = (pairs: readonly NamePair[]): string => {
  const widest = Math.max(0, ...pairs.map(({ from }) => from?.length ?? 0));
  return pairs
    .map(({ from = '(made)', to = '(left out: it follows from others)', arrangement }) => {
      const how = arrangement ? `  (${showArrangement(arrangement)})` : '';
      return `${from.padEnd(widest)} -> ${to}${how}`;
    })
    .join('\n');
};
