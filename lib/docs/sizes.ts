/**
 * The arithmetic of every size in a graph, read off the graph itself: concatenations are sums, axes that are reshaped
 * together are products, and a weight's sizes are named by the config of its module. Layers need no code for it.
 */
import type { Call, Node, Trace, Value } from '../graph/graph.js';
import { lastName, moduleOf } from '../graph/paths.js';
import type { ModuleKind } from '../data/moduleKind.js';
import { grouped } from '../data/quantities.js';
import { factors, named, plain, product, sum } from './arithmetic.js';
import type { Arithmetic } from './document.js';

/** Explains the sizes of a value, axis by axis. */
export type Explain = (value: Value) => readonly Arithmetic[];

type Dims = readonly Arithmetic[];

const sizesOf = ({ shape }: { readonly shape: Value['shape'] }): readonly number[] =>
  shape as readonly number[];

/** Tells if a field of a config is a length or a width. */
const isSizeField = (field: string, kind: ModuleKind | undefined): boolean =>
  !/heads|blocks|perBlock|factor|scale|rate|epsilon|strides?|shape/i.test(field) &&
  // Widths inside of attention: equal sizes elsewhere are so by chance.
  (!/^(qk|v)Channels$/.test(field) || kind === 'linear');

/** Fields that say more under another name. */
const renamed: Readonly<Record<string, string>> = {
  qkChannels: 'key channels',
  vChannels: 'value channels',
  vocabSize: 'ids',
  size: 'places',
};

/** `numLatentChannels` in words: latent channels. */
const inWords = (field: string): string =>
  renamed[field] ??
  field
    .replace(/^num(?=[A-Z])/, '')
    .replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .trim();

/** Names sizes by the configs of the modules that a path is inside of, where one field alone has it. */
const sizeNamer = (calls: readonly Call[]) => {
  const configs = new Map(calls.map(({ path, config }) => [path, config]));
  const kinds = new Map(calls.map(({ path, kind }) => [path, kind]));
  const fieldOf = (size: number, module: string, of = module): string | undefined => {
    const fields = Object.entries(configs.get(module) ?? {}).filter(
      ([name, value]) => value === size && isSizeField(name, kinds.get(of)),
    );
    return fields.length === 1 ? inWords(fields[0][0]) : undefined;
  };
  /** By a module around the path, the outermost first. */
  const outside = (size: number, path: string): string | undefined => {
    const parts = path.split('/');
    const around = parts.slice(1).map((_, i) => parts.slice(0, i + 1).join('/'));
    const named = around.find((outer) => fieldOf(size, outer, path) !== undefined);
    return named && `${fieldOf(size, named, path)} of ${lastName(named)}`;
  };
  /** By the module itself, where that is more than to repeat its name. */
  const own = (size: number, module: string): string | undefined => {
    const field = fieldOf(size, module);
    return field === 'ids' || field === 'places' ? `${field} of ${lastName(module)}` : undefined;
  };
  const isPosition = (path: string): boolean => kinds.get(path) === 'position';
  return { fieldOf, outside, own, isPosition };
};

/** A factor taken apart: `size` of it, and what is left. */
const split = (factor: Arithmetic, size: number): readonly [Arithmetic, Arithmetic] => {
  const rest = factor.size / size;
  const of = factor.what ? `, ${factor.what}` : '';
  const whole = grouped(factor.size);
  return [plain(size, `(${whole} ÷ ${rest}${of})`), plain(rest, `of each ${whole}`)];
};

/** Sizes of an input; the last of a grid's are its channels. */
const ofInput = (name: string, shape: readonly number[]): Dims =>
  shape.map((size, i) => {
    const isChannels = shape.length >= 4 && i === shape.length - 1;
    return plain(size, isChannels ? `${size === 1 ? 'channel' : 'channels'} of ${name}` : name);
  });

/** The arithmetic of a reshaped value; undefined if the sizes do not divide evenly. */
const regrouped = (dims: Dims, shape: readonly number[]): Dims | undefined => {
  const left = dims.flatMap(factors);
  const result: Arithmetic[] = [];
  for (const size of shape) {
    const taken: Arithmetic[] = [];
    let missing = size;
    while (missing > 1) {
      const next = left.shift();
      if (next === undefined) return undefined;
      if (missing % next.size === 0) {
        taken.push(next);
        missing /= next.size;
      } else if (next.kind === 'size' && next.size % missing === 0) {
        const [first, rest] = split(next, missing);
        taken.push(first);
        left.unshift(rest);
        missing = 1;
      } else return undefined;
    }
    result.push(taken.length ? product(taken) : plain(size, ''));
  }
  return result;
};

/** Coordinates that were stacked, under their name. */
const ofPositions = (size: Arithmetic): Arithmetic =>
  size.kind === 'size'
    ? { ...size, what: size.what === 'stacked' ? 'positions' : size.what }
    : { ...size, of: size.of.map(ofPositions) };

/** Reads sizes off a trace. */
export const explainSizes = ({ nodes, calls }: Pick<Trace, 'nodes' | 'calls'>): Explain => {
  const { fieldOf, outside, own, isPosition } = sizeNamer(calls);
  const known = new Map<Node, Dims>();

  const constantName = (size: number, path: string): string =>
    fieldOf(size, path) ?? outside(size, path) ?? (isPosition(path) ? 'positions' : 'fixed');

  const unexplained = (node: Node): Dims =>
    sizesOf(node.outputs[0]).map((size) => plain(size, outside(size, node.path) ?? lastName(node.path)));

  /** Sizes of a value that `at` uses. */
  const dims = (value: Value, at: Node): Dims => {
    switch (value.kind) {
      case 'result':
        return value.index === 0 ? ofNode(value.node) : sizesOf(value).map((size) => plain(size, ''));
      case 'constant':
        return sizesOf(value).map((size) => plain(size, constantName(size, at.path)));
      default:
        return ofSource(value);
    }
  };

  const ofSource = (value: Exclude<Value, { kind: 'result' | 'constant' }>): Dims => {
    if (value.kind === 'input') return ofInput(value.name, sizesOf(value));
    const module = moduleOf(value.path);
    return sizesOf(value).map((size) =>
      plain(size, outside(size, module) ?? own(size, module) ?? lastName(module)),
    );
  };

  /** The name of the source of a part of a concatenation. */
  const sourceOf = (value: Value, at: Node): string => {
    if (value.kind === 'input') return value.name;
    if (value.kind === 'constant') return 'fixed';
    if (value.kind !== 'result') return lastName(moduleOf(value.path));
    const { path, inputs } = value.node;
    if (path !== at.path) return lastName(path);
    const [first] = Object.values(inputs);
    return first ? sourceOf(first, at) : lastName(path);
  };

  const waves: Readonly<Record<string, string>> = { Sin: 'sines', Cos: 'cosines' };

  /** A part of a concatenation along an axis, under a name. */
  const partOf = (value: Value, at: Node, axis: number): Arithmetic => {
    const size = dims(value, at)[axis];
    const wave = value.kind === 'result' ? waves[value.node.kernel] : undefined;
    if (wave) return { ...ofPositions(size), what: wave };
    if (size.kind === 'size' && isPosition(at.path))
      return { ...size, what: size.size === 1 ? 'position' : 'positions' };
    const source = sourceOf(value, at);
    const isOfRoot = source === '~'; // computed outside of all modules
    const isChannel = size.size === 1 && axis === value.shape.length - 1;
    if (isChannel) return named(size, isOfRoot ? 'channel' : `channel of ${source}`);
    return named(size, isOfRoot ? 'features' : source);
  };

  const concat = (node: Node): Dims => {
    const parts = Object.values(node.inputs);
    const shape = sizesOf(node.outputs[0]);
    const axis = ((node.attrs.axis as number) + shape.length) % shape.length;
    const isOfPositions = isPosition(node.path) && parts.every((part) => part.shape.at(axis) === 1);
    const across = isOfPositions
      ? plain(parts.length, 'positions')
      : sum(parts.map((part) => partOf(part, node, axis)));
    const first = parts.find((part) => part.kind !== 'constant') ?? parts[0];
    return dims(first, node).map((size, i) => (i === axis ? across : size));
  };

  /** Sizes of operands of the same or fewer axes, aligned at the last. */
  const aligned = (node: Node): Dims => {
    const fallback = unexplained(node);
    const operands = Object.values(node.inputs).sort(
      (a, b) => Number(a.kind === 'constant') - Number(b.kind === 'constant'),
    );
    return fallback.map((size, i) => {
      for (const operand of operands) {
        const own = dims(operand, node).at(i - fallback.length);
        if (operand.shape.length >= fallback.length - i && own?.size === size.size) return own;
      }
      return size;
    });
  };

  const cut = (node: Node): Dims => {
    const before = dims(node.inputs.x, node);
    return sizesOf(node.outputs[0]).map((size, i) => {
      const whole = before[i];
      if (whole.size === size) return whole;
      const part = whole.kind === 'sum' ? whole.of.find((term) => term.size === size) : undefined;
      return part ?? plain(size, `of ${whole.size}`);
    });
  };

  const padded = (node: Node): Dims => {
    const paddings = node.attrs.paddings as readonly (readonly [number, number])[];
    return dims(node.inputs.x, node).map((size, i) =>
      sum([size, plain(paddings[i][0] + paddings[i][1], 'padding')]),
    );
  };

  const tiled = (node: Node): Dims => {
    const before = dims(node.inputs.x, node);
    const reps = node.attrs.reps as readonly number[];
    return before.map((size, i) => (reps[i] === 1 ? size : product([plain(reps[i], 'times'), size])));
  };

  /** Windows over an image: strides divide its sides. */
  const windows = (node: Node): Dims => {
    const [x, filter] = [node.inputs.x, node.inputs.filter];
    const before = dims(x, node);
    const strides = [1, ...[node.attrs.strides].flat(), 1] as readonly number[];
    const channels = filter && dims(filter, node).at(-1);
    return sizesOf(node.outputs[0]).map((size, i, { length }) => {
      if (i === length - 1 && channels) return named(channels, lastName(node.path));
      if (before[i].size === size) return before[i];
      const by = strides[i];
      return by > 1 ? plain(size, `(${before[i].size} ÷ ${by})`) : plain(size, lastName(node.path));
    });
  };

  const reduced = (node: Node): Dims => {
    const [x] = Object.values(node.inputs);
    const before = dims(x, node);
    const axes = [
      (node.attrs.axis as number | readonly number[] | undefined) ?? before.map((_, i) => i),
    ].flat();
    const gone = new Set(axes.map((axis) => (axis + before.length) % before.length));
    const kept = before.filter((_, i) => !gone.has(i));
    const shape = sizesOf(node.outputs[0]);
    return kept.length === shape.length ? kept : (regrouped(kept, shape) ?? unexplained(node));
  };

  const rules: Readonly<Record<string, (node: Node) => Dims>> = {
    Concat: concat,
    Slice: cut,
    PadV2: padded,
    Tile: tiled,
    Conv2D: windows,
    FusedConv2D: windows,
    Conv3D: windows,
    MaxPool: windows,
    AvgPool: windows,
    Sum: reduced,
    Mean: reduced,
    Max: reduced,
    Transpose: (node) => {
      const before = dims(node.inputs.x, node);
      return (node.attrs.perm as readonly number[]).map((axis) => before[axis]);
    },
    GatherV2: (node) => [...dims(node.inputs.indices, node), ...dims(node.inputs.x, node).slice(1)],
    RengaAffine: (node) => [
      dims(node.inputs.x, node)[0],
      dims(node.inputs.w, node)[node.attrs.transposed ? 0 : 1],
    ],
    BatchMatMul: (node) => {
      const [a, b] = [dims(node.inputs.a, node), dims(node.inputs.b, node)];
      const rows = a.at(node.attrs.transposeA ? -1 : -2) as Arithmetic;
      const columns = b.at(node.attrs.transposeB ? -2 : -1) as Arithmetic;
      return [...(a.length >= b.length ? a : b).slice(0, -2), rows, columns];
    },
    RengaAttention: (node) => [
      ...dims(node.inputs.q, node).slice(0, 2),
      plain(sizesOf(node.inputs.q)[2], 'heads'),
      plain(sizesOf(node.inputs.v)[3], 'each'),
    ],
    Pack: (node) => {
      const before = [...dims(node.inputs[0], node)];
      const count = Object.keys(node.inputs).length;
      before.splice(
        node.attrs.axis as number,
        0,
        plain(count, isPosition(node.path) ? 'positions' : 'stacked'),
      );
      return before;
    },
  };

  const reshapes = new Set(['Reshape', 'ExpandDims', 'Squeeze']);

  const compute = (node: Node): Dims => {
    const shape = sizesOf(node.outputs[0]);
    const [first] = Object.values(node.inputs);
    if (reshapes.has(node.kernel)) return regrouped(dims(first, node), shape) ?? unexplained(node);
    const explained = rules[node.kernel]?.(node) ?? aligned(node);
    const isRight = explained.length === shape.length && explained.every(({ size }, i) => size === shape[i]);
    return isRight ? explained : unexplained(node);
  };

  const ofNode = (node: Node): Dims => {
    const before = known.get(node);
    if (before) return before;
    const computed = compute(node);
    known.set(node, computed);
    return computed;
  };

  // In their order, so that no chain is followed to its end at once.
  for (const node of nodes) ofNode(node);

  return (value) =>
    value.kind === 'result' ? dims(value, value.node) : value.kind === 'constant' ? [] : ofSource(value);
};
