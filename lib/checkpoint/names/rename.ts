/**
 * Renaming by rules of one's own: for a tree whose modules were called otherwise than a model's. Paths that no rule
 * knows stay as they are; `renamePairs` says what would become of every path, and `rename` does it.
 */
import * as E from 'fp-ts/lib/Either.js';
import type { HostArray } from '../../data/array.js';
import { flatten, paths, type Tree, unflatten } from '../../data/tree.js';
import { clashesOf, type NamePair } from './mapping.js';
import { parsePattern, type Pattern } from './pattern.js';
import { type NameProblem, type NamesError, namesError } from './problem.js';

/**
 * `FROM = TO`, two patterns of whole paths `module/leaf`: `{word}` stands for a part between slashes or dots,
 * `{rest...}` for any text, `{_i}` for Haiku's number (nothing, `_1`, `_2`, …), `{#i}` for the same number in digits.
 * @example 'my_net/~/{rest...} = perceiver_encoder/~/{rest...}'
 */
export type RenameRule = string;

/** A value with paths to rename: a checkpoint. */
export interface Renamable {
  readonly params: Tree<HostArray>;
  readonly state?: Tree<HostArray>;
}

interface Rule {
  readonly text: RenameRule;
  readonly from: Pattern;
  readonly to: Pattern;
}

const parseRule = (text: RenameRule): E.Either<string, Rule> => {
  const [left, right, ...others] = text.split('=').map((side) => side.trim());
  if (right === undefined || others.length > 0) return E.left('expected FROM = TO, two patterns');
  const [from, to] = [parsePattern(left), parsePattern(right)];
  if (E.isLeft(from)) return from;
  if (E.isLeft(to)) return to;
  const unknown = to.right.variables.find((name) => !from.right.variables.includes(name));
  if (unknown !== undefined) return E.left(`${unknown} is a variable on the right alone`);
  const odd = to.right.numbers.find((name) => !from.right.numbers.includes(name));
  if (odd !== undefined) return E.left(`${odd} is a number on the right alone`);
  return E.right({ text, from: from.right, to: to.right });
};

/** Rules that were read, and which of them some path followed. */
interface Rules {
  readonly rules: readonly Rule[];
  readonly problems: readonly NameProblem[];
  readonly used: Set<Rule>;
}

const readRules = (texts: readonly RenameRule[]): Rules => {
  const parsed = texts.map((text) => ({ text, rule: parseRule(text) }));
  return {
    rules: parsed.flatMap(({ rule }) => (E.isRight(rule) ? [rule.right] : [])),
    problems: parsed.flatMap(({ text, rule }) =>
      E.isLeft(rule) ? [{ kind: 'rule' as const, rule: text, problem: rule.left }] : [],
    ),
    used: new Set(),
  };
};

/** The new path, by the first rule that matches. */
const renamed = ({ rules, used }: Rules, path: string): string => {
  for (const rule of rules) {
    const bindings = rule.from.match(path);
    if (!bindings) continue;
    used.add(rule);
    return rule.to.fill(bindings);
  }
  return path;
};

const pairsOf = (rules: Rules, tree: Tree<unknown>): readonly NamePair[] =>
  paths(tree).map((from) => ({ from, to: renamed(rules, from) }));

const isPath = (path: string): boolean => /^.+\/[^/]+$/.test(path);

const notPaths = (pairs: readonly NamePair[]): readonly NameProblem[] =>
  pairs.flatMap(({ from = '', to = '' }) =>
    isPath(to) ? [] : [{ kind: 'array' as const, name: from, found: to, expected: 'a path, module/leaf' }],
  );

/** The new path of every path, parameters and state by themselves. */
const renaming =
  (texts: readonly RenameRule[]) =>
  ({
    params,
    state = {},
  }: Renamable): E.Either<NamesError, readonly [params: readonly NamePair[], state: readonly NamePair[]]> => {
    const rules = readRules(texts);
    const pairs = [pairsOf(rules, params), pairsOf(rules, state)] as const;
    const idle = rules.rules.filter((rule) => !rules.used.has(rule));
    const problems: readonly NameProblem[] = [
      ...rules.problems,
      ...idle.map(({ text }) => ({ kind: 'rule' as const, rule: text, problem: 'no path follows it' })),
      ...pairs.flatMap(notPaths),
      ...pairs.flatMap(clashesOf),
    ];
    return problems.length ? E.left(namesError(problems)) : E.right(pairs);
  };

/**
 * The dry run of `rename`: the new paths of a checkpoint, those of parameters and then those of state.
 * @returns on the left, rules that cannot be read or that no path follows, and paths that would become one
 * @example
 * const pairs = renamePairs(rules)(checkpoint);
 * console.log(E.isRight(pairs) ? showNamePairs(pairs.right) : showNamesError(pairs.left));
 */
export const renamePairs =
  (rules: readonly RenameRule[]) =>
  (checkpoint: Renamable): E.Either<NamesError, readonly NamePair[]> =>
    E.map(([params, state]: readonly [readonly NamePair[], readonly NamePair[]]) => [...params, ...state])(
      renaming(rules)(checkpoint),
    );

const apply = (tree: Tree<HostArray>, pairs: readonly NamePair[]): Tree<HostArray> =>
  unflatten(flatten(tree).map(([, leaf], i) => [pairs[i].to as string, leaf] as const));

/**
 * The checkpoint with other paths. The first rule that a path matches says what it becomes; paths that match none stay.
 * @returns on the left what `renamePairs` has there
 * @example
 * pipe(
 *   readCheckpoint('mine.pickle'),
 *   TE.chainEitherKW(rename(['my_net/~/{rest...} = perceiver_encoder/~/{rest...}'])),
 *   TE.chainEitherKW(adopt(model)),
 * );
 */
export const rename =
  (rules: readonly RenameRule[]) =>
  <C extends Renamable>(checkpoint: C): E.Either<NamesError, C & Required<Renamable>> =>
    E.map(([params, state]: readonly [readonly NamePair[], readonly NamePair[]]) => ({
      ...checkpoint,
      params: apply(checkpoint.params, params),
      state: apply(checkpoint.state ?? {}, state),
    }))(renaming(rules)(checkpoint));
