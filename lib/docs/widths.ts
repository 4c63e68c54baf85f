/**
 * Which sizes of a model are explained: those of what goes from box to box of its diagram, and the heads of attention.
 */
import type { Trace, Value } from '../graph/graph.js';
import { inputsOf } from '../graph/graph.js';
import { plain, product, showArithmetic } from './arithmetic.js';
import type { Arithmetic, Width } from './document.js';
import type { Drawing } from './draw.js';
import { explainSizes } from './sizes.js';

/** A width before the reason is looked up. */
type Found = Omit<Width, 'why'>;

/** Whether there is more to say than the number. */
const tells = ({ size, what }: Arithmetic & { readonly what?: string }): boolean => size > 1 && what !== '';

const sizesOf = ({ shape }: Value): readonly number[] => shape as readonly number[];

/** Where a value goes in, in words. */
const into = (home: string): string => `into ${home.replace(/^~? ?/, '')}`;

/** Length and width of everything that enters a box. */
const entering = ({ view, homes }: Drawing, trace: Trace): readonly Found[] => {
  const explain = explainSizes(trace);
  const labels = new Map(
    view.blocks.map(({ id, path, label, group }) => [id, path ?? `${group ?? 'model'}, ${label}`]),
  );
  return trace.nodes.flatMap((node) => {
    const home = homes.get(node);
    if (home === undefined) return [];
    const entered = inputsOf(node).filter(
      (value) =>
        value.dtype !== 'bool' &&
        (value.kind === 'input' ||
          (value.kind === 'result' && value.node.kernel !== 'Tile' && homes.get(value.node) !== home)),
    );
    return entered.flatMap((value): Found[] => {
      const dims = explain(value);
      const where = into(labels.get(home) ?? home);
      const axes = dims.length >= 2 ? (['length', 'width'] as const) : (['width'] as const);
      return axes.map((axis, i) => ({ where, axis, arithmetic: dims[dims.length - axes.length + i] }));
    });
  });
};

/** Widths of queries, keys and values as so many heads. */
const heads = (trace: Trace): readonly Found[] =>
  trace.nodes
    .filter(({ kernel }) => kernel === 'RengaAttention')
    .flatMap(({ path, inputs: { q, v } }): Found[] => {
      const [numHeads, keyWidth] = sizesOf(q).slice(2);
      const ofHeads = (each: number) => product([plain(numHeads, 'heads'), plain(each, 'each')]);
      if (numHeads === 1) return [];
      return [
        { where: `queries and keys of ${path}`, axis: 'width', arithmetic: ofHeads(keyWidth) },
        { where: `values of ${path}`, axis: 'width', arithmetic: ofHeads(sizesOf(v)[3]) },
      ];
    });

/** What leaves the model. */
const leaving = (trace: Trace): readonly Found[] => {
  const explain = explainSizes(trace);
  return trace.outputs.flatMap(({ name, value }): Found[] => {
    const dims = explain(value);
    const axes = dims.length >= 3 ? (['length', 'width'] as const) : (['width'] as const);
    return axes.map((axis, i) => ({
      where: `output ${name}`,
      axis,
      arithmetic: dims[dims.length - axes.length + i] ?? plain(1, name),
    }));
  });
};

/** A place without the numbers of layers alike. */
const anyOf = (where: string): string =>
  where
    .split('/')
    .map((part) => part.replace(/_\d+$/, ''))
    .join('/');

/**
 * Every width and length of a model, each said once.
 * @param why  reasons by the number that they are about
 */
export const widthsOf = (
  trace: Trace,
  drawing: Drawing,
  why: Readonly<Record<string, string>> = {},
): readonly Width[] => {
  const said = new Set<string>();
  return [...entering(drawing, trace), ...heads(trace), ...leaving(trace)]
    .filter(({ arithmetic }) => tells(arithmetic))
    .filter(({ where, axis, arithmetic }) => {
      const text = showArithmetic(arithmetic);
      const key = /heads/.test(text) ? `${anyOf(where)} ${text}` : `${axis} ${text}`;
      if (said.has(key)) return false;
      said.add(key);
      return true;
    })
    .map((found) => ({ ...found, why: why[found.arithmetic.size] }));
};
