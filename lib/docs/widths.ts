/**
 * The explained sizes of a model: those of the values between the boxes of its diagram, and of the heads of
 * attention.
 */
import { inputsOf, type Trace, type Value } from '../graph/graph.js';
import { lastName, withoutNumber } from '../graph/paths.js';
import { plain, product, showArithmetic } from './arithmetic.js';
import type { Arithmetic, Width } from './document.js';
import type { Drawing } from './draw.js';
import { type Explain, explainSizes } from './sizes.js';

/** A width before the reason is looked up. */
type Found = Omit<Width, 'why' | 'parts'>;

type Reasons = Readonly<Record<string, string>>;

/** Tells if there is more to say than the number. */
const tells = ({ size, what }: Arithmetic & { readonly what?: string }): boolean => size > 1 && what !== '';

const sizesOf = ({ shape }: Value): readonly number[] => shape as readonly number[];

/** A value's destination in words. */
const into = (home: string): string => `into ${home.replace(/^~? ?/, '')}`;

/** Length and width of everything that enters a box. */
const entering = ({ view, homes }: Drawing, trace: Trace, explain: Explain): readonly Found[] => {
  const labels = new Map(
    view.blocks.map(({ id, path, label, group }) => [id, path ?? `${group ?? 'model'}, ${label}`]),
  );
  return trace.nodes.flatMap((node) => {
    const home = homes.get(node);
    // Inputs of attention are explained by its heads.
    if (home === undefined || node.kernel === 'RengaAttention') return [];
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

/** Length and width of the model's outputs. */
const leaving = (trace: Trace, explain: Explain): readonly Found[] =>
  trace.outputs.flatMap(({ name, value }): Found[] => {
    const dims = explain(value);
    const axes = dims.length >= 3 ? (['length', 'width'] as const) : (['width'] as const);
    return axes.map((axis, i) => ({
      where: `output ${name}`,
      axis,
      arithmetic: dims[dims.length - axes.length + i] ?? plain(1, name),
    }));
  });

/** A place without the numbers of layers alike. */
const anyOf = (where: string): string => where.split('/').map(withoutNumber).join('/');

/** Each explanation once; one of heads once for layers alike. */
const once = (all: readonly Found[]): readonly Found[] => {
  const said = new Map<string, Found>();
  for (const found of all) {
    const text = showArithmetic(found.arithmetic);
    const key = isOfHeads(found) ? `${anyOf(found.where)} ${text}` : `${found.axis} ${text}`;
    if (!said.has(key)) said.set(key, found);
  }
  return [...said.values()];
};

const isOfHeads = ({ where }: Found): boolean => /^(queries and keys|values) of /.test(where);

/**
 * Without plain sizes of which a sum or product along the same axis says more, and those that only repeat an input's own
 * shape; one of an input stays where there is a reason to give that would not be given otherwise.
 */
const telling = (all: readonly Found[], trace: Trace, reasons: Reasons): readonly Found[] => {
  const inputs = trace.inputs.flatMap(({ name }) => [name, `channel of ${name}`, `channels of ${name}`]);
  const isInput = ({ arithmetic: { kind, what = '' } }: Found): boolean =>
    kind === 'size' && inputs.includes(what);
  const others = new Set(all.filter((found) => !isInput(found)).map(({ arithmetic }) => arithmetic.size));
  const compound = new Set(
    all
      .filter((found) => found.arithmetic.kind !== 'size' && !isOfHeads(found))
      .map(({ axis, arithmetic }) => `${axis} ${arithmetic.size}`),
  );
  const isOfPlaces = ({ arithmetic: { kind, what } }: Found): boolean =>
    kind === 'size' && what === 'positions';
  const named = new Set(
    all.filter((found) => !isOfPlaces(found)).map(({ axis, arithmetic }) => `${axis} ${arithmetic.size}`),
  );
  return all.filter((found) => {
    const { axis, arithmetic } = found;
    if (arithmetic.kind !== 'size') return true;
    if (isOfPlaces(found) && named.has(`${axis} ${arithmetic.size}`)) return false;
    if (compound.has(`${axis} ${arithmetic.size}`)) return false;
    return !isInput(found) || (arithmetic.size in reasons && !others.has(arithmetic.size));
  });
};

/** A size that is called by a module alone is the number of its channels. */
const asChannels = (found: Found, modules: ReadonlySet<string>): Found => {
  const { axis, arithmetic } = found;
  return axis === 'width' && arithmetic.kind === 'size' && modules.has(arithmetic.what)
    ? { ...found, arithmetic: { ...arithmetic, what: `channels of ${arithmetic.what}` } }
    : found;
};

/** Sizes that a size is made of, at any depth. */
const madeOf = (part: Arithmetic): readonly number[] =>
  part.kind === 'size' ? [] : part.of.flatMap((each) => [each.size, ...madeOf(each)]);

const withReasons = (all: readonly Found[], reasons: Reasons): readonly Width[] => {
  const told = new Set(all.map(({ arithmetic }) => arithmetic.size));
  return all.map((found) => {
    const parts = (isOfHeads(found) ? [] : madeOf(found.arithmetic)).flatMap((size) => {
      if (told.has(size) || !(size in reasons)) return [];
      told.add(size);
      return [{ size, why: reasons[size] }];
    });
    const width = { ...found, why: reasons[found.arithmetic.size] };
    return parts.length > 0 ? { ...width, parts } : width;
  });
};

/**
 * Every width and length of a model, each said once.
 * @param reasons  why sizes are what they are, by their number
 */
export const widthsOf = (trace: Trace, drawing: Drawing, reasons: Reasons = {}): readonly Width[] => {
  const modules = new Set(trace.calls.map(({ path }) => lastName(path)));
  const explain = explainSizes(trace);
  const all = [...entering(drawing, trace, explain), ...heads(trace), ...leaving(trace, explain)]
    .filter(({ arithmetic }) => tells(arithmetic))
    .map((found) => asChannels(found, modules));
  return withReasons(telling(once(all), trace, reasons), reasons);
};
