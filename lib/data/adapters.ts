/**
 * Leaves of low-rank adapters, by their names: they lie beside matrices, and only a hook of `apply` reads them. Programs
 * that are made of weights without the hook would be those of the plain model, and refuse them.
 */
import { paths, splitPath, type Tree } from './tree.js';

/** The names of an adapter's leaves. */
export const adapterNames = ['lora_a', 'lora_b'] as const;

/** Tells whether a path is an adapter's. */
export const isAdapter = (path: string): boolean =>
  (adapterNames as readonly string[]).includes(splitPath(path)[1]);

/**
 * Refuses parameters with adapters that nothing would read.
 * @param advice  the way to have them computed with
 * @param isRead  tells whether a leaf is the model's own, whatever its name; none is if not given
 * @throws RangeError
 */
export const expectNoAdapters = (
  where: string,
  params: Tree<unknown>,
  advice: string,
  isRead: (path: string) => boolean = () => false,
): void => {
  const found = paths(params).filter((path) => isAdapter(path) && !isRead(path));
  if (found.length === 0) return;
  throw new RangeError(
    `${where}: the parameters have low-rank adapters, ${found.length} leaves such as '${found[0]}', which this would leave ` +
      `out: ${advice}`,
  );
};
