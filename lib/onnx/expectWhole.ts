/** The check of `whole`, the parameters that int8 and int4 leave as they are. */
import { flatten, type Tree } from '../data/tree.js';

/** Paths that an error names, at most. */
const named = 3;

/**
 * @param params  the parameters, where they are known; an expression that fits an empty path, such as /^$/, may fit none
 * @throws TypeError for what is no regular expression, and where no weights are rounded; RangeError where no parameter's path fits
 */
export const expectWhole = (
  where: string,
  { weights = 'float32', whole }: { readonly weights?: string; readonly whole?: RegExp },
  params?: Tree<unknown>,
): void => {
  if (whole === undefined) return;
  if (!(whole instanceof RegExp))
    throw new TypeError(
      `${where}: 'whole' is ${JSON.stringify(whole)}, expected a regular expression for paths, such as /linear_1/`,
    );
  if (weights !== 'int8' && weights !== 'int4')
    throw new TypeError(
      `${where}: 'whole' leaves parameters out of the rounding of int8 and int4, and weights are ${weights}; give weights: 'int8', or leave 'whole' out`,
    );
  if (params === undefined || new RegExp(whole.source, whole.flags.replace(/[gy]/g, '')).test('')) return;
  const paths = flatten(params).map(([path]) => path);
  if (paths.length === 0 || paths.some((path) => path.search(whole) >= 0)) return;
  throw new RangeError(
    `${where}: 'whole' is ${String(whole)}, which fits no parameter, expected paths such as ${paths.slice(0, named).join(', ')}`,
  );
};
