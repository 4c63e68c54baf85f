/**
 * The parameter tree as rows: every leaf with its shape, how it begins and what it is of the whole.
 */
import { sizeOf } from '../data/array.js';
import type { Initializer } from '../language/initializers.js';
import type { Outline } from '../language/outline.js';
import type { LeafDoc } from './document.js';

/** Default options of initializers, which are not written. */
const usual: Readonly<Record<string, unknown>> = { mean: 0, lower: -2, upper: 2, min: 0, max: 1, axis: -1 };

/** `truncatedNormal, stddev 0.02` */
export const showInitializer = ({ kind, config }: Pick<Initializer, 'kind' | 'config'>): string =>
  [
    kind,
    ...Object.entries(config)
      .filter(([name, value]) => usual[name] !== value)
      .map(
        ([name, value]) =>
          `${name} ${typeof value === 'number' ? Number(value.toPrecision(4)) : String(value)}`,
      ),
  ].join(', ');

/** Rows for an outline's parameters, in the order in which they are asked for. */
export const leavesOf = ({ params }: Pick<Outline, 'params'>): readonly LeafDoc[] => {
  const rows = Object.entries(params).flatMap(([module, leaves]) =>
    Object.entries(leaves).map(([leaf, { shape, initializer }]) => ({
      module,
      leaf,
      shape,
      initializer: showInitializer(initializer),
      count: sizeOf(shape),
    })),
  );
  const total = rows.reduce((sum, { count }) => sum + count, 0);
  return rows.map((row) => ({ ...row, share: total > 0 ? row.count / total : 0 }));
};
