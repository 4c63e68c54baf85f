/** The option that leaves parameters whole, and the report of the matrices that were rounded. */
import type { Command } from 'commander';
import { counted, grouped } from '../../lib/data/quantities.js';
import type { Rounding, WholeMatrix } from '../../lib/data/rounding.js';
import type { Tree } from '../../lib/data/tree.js';
import { Failure, UsageError } from '../failure.js';

/** Adds the option `--whole`. */
export const wholeOption = (command: Command): Command =>
  command.option(
    '--whole <regex>',
    "do not round the parameters of these paths to int8 or int4; default: cross-attentions; '^$' rounds these, too",
  );

/** The expression of the option; undefined if it is not given. */
export const wholeOf = (text: string | undefined): RegExp | undefined => {
  try {
    return text === undefined ? undefined : new RegExp(text);
  } catch (error) {
    throw new UsageError(`--whole is '${text}', expected a regular expression: ${(error as Error).message}`);
  }
};

/** Paths of parameters that a message names, at most. */
const mostNamed = 3;

/** @throws Failure for an expression that no parameter's path matches, except `^$` */
export const checkWhole = (whole: RegExp | undefined, params: Tree<unknown>): void => {
  if (whole === undefined || whole.test('')) return;
  const paths = Object.entries(params).flatMap(([module, leaves]) =>
    Object.keys(leaves).map((name) => `${module}/${name}`),
  );
  if (paths.some((path) => whole.test(path))) return;
  throw new Failure(
    `--whole '${whole.source}' matches no parameter, expected paths such as ` +
      `${paths.slice(-mostNamed).join(', ')}; '^$' leaves none whole`,
  );
};

const listed = (matrices: readonly WholeMatrix[]): string => {
  const named = matrices.slice(0, mostNamed).map(({ path, shape }) => `${path} [${shape.join(', ')}]`);
  return [...named, ...(matrices.length > mostNamed ? ['…'] : [])].join(', ');
};

const reasons = (whole: readonly WholeMatrix[]): readonly string[] =>
  [...new Set(whole.map(({ reason }) => reason))].map((reason) => {
    const its = whole.filter((each) => each.reason === reason);
    return `${counted(its.length, 'stays', 'stay')} whole, ${reason}: ${listed(its)}`;
  });

/** Lines that say how many matrices were rounded, and which stay whole for which reason. */
export const showRounding = (type: string, { rounded, whole }: Rounding): readonly string[] => [
  `${grouped(rounded.length)} of ${counted(rounded.length + whole.length, 'matrix', 'matrices')} rounded to ${type}; other leaves are float16`,
  ...reasons(whole),
];

/** @throws Failure where no matrix is rounded */
export const expectRounded = (flag: string, { rounded, whole }: Rounding): void => {
  if (rounded.length > 0) return;
  const found = whole.length === 0 ? ['there is no matrix that products alone read'] : [...reasons(whole)];
  throw new Failure(
    [`${flag} would round nothing; nothing was written. float16 halves the bytes`, ...found].join('\n'),
  );
};
