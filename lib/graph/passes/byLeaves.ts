/**
 * Leaves that lie side by side in a matrix, taken apart: large ones are arrays of their own again, in the matrix's inputs and
 * outputs too, and what is done to the matrix element by element is done to each of them. An optimizer's update then takes one
 * leaf after the other, while it is in the cache, and no array is copied into the matrix or out of it. Small leaves beside each
 * other stay a matrix.
 */
import { sizeOf } from '../../data/array.js';
import type { PackAttributes } from '../../engine/index.js';
import { constant } from '../constant.js';
import { type Graph, type Input, type Node, type Output, resultsOf, type Value } from '../graph.js';
import { sameSizes, type Size } from '../size.js';
import { elementwise } from './foldConstants.js';
import { withoutDead } from './withoutDead.js';

/** A graph whose matrices were taken apart. */
export interface ByLeaves<G extends Graph> {
  readonly graph: G;
  /** The names of the parts of each input and output that is a matrix of leaves, in the order of its rows. */
  readonly parts: ReadonlyMap<string, readonly string[]>;
}

/** Some rows of the matrix. */
interface Segment {
  readonly start: number;
  readonly rows: number;
  /** The shape of the one leaf, or that of the rows. */
  readonly shape: readonly number[];
  /** The places of the leaves in these rows, by their numbers in the whole matrix. */
  readonly leaves: readonly number[];
  readonly layout: PackAttributes;
}

const rowsOf = ({ starts, rows }: PackAttributes, i: number): number => (starts[i + 1] ?? rows) - starts[i];

/** The segments of a layout: large leaves that fill their rows, and what is between them. */
const segmentsOf = (layout: PackAttributes, fewest: number): readonly Segment[] => {
  const { shapes, starts, width } = layout;
  const groups: number[][] = [];
  let isAfterSmall = false;
  shapes.forEach((shape, i) => {
    const size = sizeOf(shape);
    const isAlone = size >= fewest && size === rowsOf(layout, i) * width;
    if (isAfterSmall && !isAlone) groups[groups.length - 1].push(i);
    else groups.push([i]);
    isAfterSmall = !isAlone;
  });
  return groups.map((leaves) => {
    const [first] = leaves;
    const start = starts[first];
    const rows = leaves.reduce((sum, i) => sum + rowsOf(layout, i), 0);
    const isAlone = leaves.length === 1 && sizeOf(shapes[first]) === rows * width;
    return {
      start,
      rows,
      shape: isAlone ? shapes[first] : [rows, width],
      leaves,
      layout: {
        shapes: leaves.map((i) => shapes[i]),
        starts: leaves.map((i) => starts[i] - start),
        rows,
        width,
      },
    };
  });
};

const isElementwise = ({ kernel }: Node): boolean =>
  elementwise.has(kernel) || kernel === 'RengaChoose' || kernel === 'ClipByValue';

const isOne = (shape: readonly Size[]): boolean => shape.every((size) => size === 1);

class Rewriter {
  readonly nodes: Node[] = [];
  private readonly replaced = new Map<Node, readonly Value[]>();
  /** The parts of values that are matrices, by the values of the new graph. */
  private readonly apart = new Map<Value, readonly Value[]>();
  private readonly wholes = new Map<Value, Value>();
  private readonly key: string;

  constructor(
    private readonly layout: PackAttributes,
    private readonly segments: readonly Segment[],
    parts: ReadonlyMap<Input, readonly Input[]>,
  ) {
    this.key = JSON.stringify(layout);
    parts.forEach((inputs, input) => this.apart.set(input, inputs));
  }

  private put(like: Node, change: Partial<Node>): Value {
    const node = { ...like, ...change };
    this.nodes.push(node);
    return resultsOf(node)[0];
  }

  private reshape(like: Node, x: Value, shape: readonly Size[]): Value {
    if (sameSizes(x.shape, shape)) return x;
    const outputs = [{ shape, dtype: x.dtype }];
    return this.put(like, { kernel: 'Reshape', inputs: { x }, attrs: { shape }, outputs });
  }

  private isMatrix({ shape }: { readonly shape: readonly Size[] }): boolean {
    return sameSizes(shape, [this.layout.rows, this.layout.width]);
  }

  private hasLayout({ attrs: { shapes, starts, rows, width } }: Node): boolean {
    return JSON.stringify({ shapes, starts, rows, width }) === this.key;
  }

  /** A value as one array, made where it is first needed. */
  private whole(like: Node, value: Value): Value {
    const parts = this.apart.get(value);
    if (!parts) return value;
    const known = this.wholes.get(value);
    if (known) return known;
    const { width, rows } = this.layout;
    const flat = parts.map((part, k) => this.reshape(like, part, [this.segments[k].rows, width]));
    const joined = this.put(like, {
      kernel: 'Concat',
      inputs: Object.fromEntries(flat.entries()),
      attrs: { axis: 0 },
      outputs: [{ shape: [rows, width], dtype: value.dtype }],
    });
    this.wholes.set(value, joined);
    return joined;
  }

  private cut(like: Node, x: Value, { start, rows }: Segment): Value {
    const shape = [rows, ...x.shape.slice(1)];
    const attrs = { begin: [start, 0], size: shape };
    return this.put(like, { kernel: 'Slice', inputs: { x }, attrs, outputs: [{ shape, dtype: x.dtype }] });
  }

  /** An operand of a part of an element-by-element kernel; undefined for one that is a column or another matrix. */
  private operand(like: Node, value: Value, k: number): Value | undefined {
    const part = this.apart.get(value)?.[k];
    if (part) return part;
    if (isOne(value.shape)) return this.reshape(like, value, []);
    if (value.kind !== 'constant' || typeof value.values !== 'number') return undefined;
    return constant([], value.dtype, value.values);
  }

  private elementwisePart(node: Node, k: number): Value {
    const segment = this.segments[k];
    const [{ dtype }] = node.outputs;
    const given = Object.entries(node.inputs).map(
      ([name, value]) => [name, this.operand(node, value, k)] as const,
    );
    if (given.every((entry): entry is [string, Value] => entry[1] !== undefined))
      return this.put(node, {
        inputs: Object.fromEntries(given),
        outputs: [{ shape: segment.shape, dtype }],
      });
    const shape = [segment.rows, this.layout.width];
    const inputs = Object.entries(node.inputs).map(([name, value], i) => {
      const found = given[i][1];
      if (!found) return [name, value.shape[0] === 1 ? value : this.cut(node, value, segment)] as const;
      return [name, this.apart.has(value) ? this.reshape(node, found, shape) : found] as const;
    });
    const made = this.put(node, { inputs: Object.fromEntries(inputs), outputs: [{ shape, dtype }] });
    return this.reshape(node, made, segment.shape);
  }

  private total(node: Node, x: Value): Value {
    const length = sizeOf(x.shape as number[]);
    const inputs = { x: this.reshape(node, x, [length]) };
    const outputs = [{ shape: [], dtype: x.dtype }];
    return this.put(node, { kernel: 'Sum', inputs, attrs: { axis: [0], keepDims: false }, outputs });
  }

  private sum(node: Node, parts: readonly Value[]): Value {
    const totals = parts.map((part) => this.total(node, part));
    return this.put(node, { kernel: 'AddN', attrs: {}, inputs: Object.fromEntries(totals.entries()) });
  }

  private sums(node: Node, parts: readonly Value[]): Value {
    const each = this.segments.map(({ leaves, layout, rows }, k) => {
      const x = this.reshape(node, parts[k], [rows, layout.width]);
      return this.put(node, {
        inputs: { x },
        attrs: { ...layout },
        outputs: [{ shape: [leaves.length], dtype: x.dtype }],
      });
    });
    return this.put(node, {
      kernel: 'Concat',
      attrs: { axis: 0 },
      inputs: Object.fromEntries(each.entries()),
    });
  }

  private packed(node: Node): readonly Value[] {
    return this.segments.map(({ leaves, shape, layout, rows }) => {
      const given = leaves.map((i) => this.whole(node, node.inputs[i]));
      if (shape === layout.shapes[0]) return given[0];
      const outputs = [{ shape: [rows, layout.width], dtype: node.outputs[0].dtype }];
      return this.put(node, { attrs: { ...layout }, inputs: Object.fromEntries(given.entries()), outputs });
    });
  }

  private unpacked(node: Node, parts: readonly Value[]): readonly Value[] {
    return this.segments.flatMap(({ leaves, shape, layout }, k) => {
      if (shape === layout.shapes[0]) return [parts[k]];
      const outputs = leaves.map((i) => node.outputs[i]);
      const own = { ...node, attrs: { ...layout }, inputs: { x: parts[k] }, outputs };
      this.nodes.push(own);
      return resultsOf(own);
    });
  }

  /** The values of a node that were taken apart: a place for each, and its parts. */
  private taken(node: Node): readonly Value[] | undefined {
    if (node.kernel === 'RengaPack') return this.hasLayout(node) ? this.packed(node) : undefined;
    const values = Object.values(node.inputs);
    if (!isElementwise(node) || !this.isMatrix(node.outputs[0])) return undefined;
    if (!values.some((value) => this.apart.has(value))) return undefined;
    return this.segments.map((_, k) => this.elementwisePart(node, k));
  }

  private reduced(node: Node): readonly Value[] | undefined {
    const parts = this.apart.get(Object.values(node.inputs)[0]);
    if (!parts) return undefined;
    if (node.kernel === 'Sum' && node.outputs[0].shape.length === 0) return [this.sum(node, parts)];
    if (node.kernel === 'RengaSums' && this.hasLayout(node)) return [this.sums(node, parts)];
    return node.kernel === 'RengaUnpack' && this.hasLayout(node) ? this.unpacked(node, parts) : undefined;
  }

  private current(value: Value): Value {
    return value.kind === 'result' ? (this.replaced.get(value.node) as readonly Value[])[value.index] : value;
  }

  write(original: Node): void {
    const entries = Object.entries(original.inputs).map(
      ([name, value]) => [name, this.current(value)] as const,
    );
    const node: Node = { ...original, inputs: Object.fromEntries(entries) };
    const parts = this.taken(node);
    if (parts) {
      // Stands for its parts, and is never computed itself.
      const [place] = resultsOf(node);
      this.apart.set(place, parts);
      this.replaced.set(original, [place]);
      return;
    }
    const reduced = this.reduced(node);
    if (reduced) return void this.replaced.set(original, reduced);
    const inputs = entries.map(([name, value]) => [name, this.whole(original, value)] as const);
    const kept: Node = { ...original, inputs: Object.fromEntries(inputs) };
    this.nodes.push(kept);
    this.replaced.set(original, resultsOf(kept));
  }

  /** An output, as its parts where it is a matrix of floats. */
  output(output: Output): readonly Output[] {
    const value = this.current(output.value);
    if (!this.isMatrix(value) || value.dtype !== 'float32') return [{ ...output, value }];
    const like: Node = { kernel: 'Slice', attrs: {}, inputs: {}, outputs: [], path: '~' };
    const parts =
      this.apart.get(value) ??
      this.segments.map((segment) => this.reshape(like, this.cut(like, value, segment), segment.shape));
    return parts.map((part, k) => ({ name: `${output.name}:${k}`, value: part }));
  }
}

/**
 * The same graph, by leaves; as it is where no leaf is large.
 * @param fewest  elements of a leaf that becomes an array of its own
 */
export const byLeaves = <G extends Graph>(graph: G, fewest: number = 2 ** 17): ByLeaves<G> => {
  const pack = graph.nodes.find(({ kernel }) => kernel === 'RengaPack');
  const layout = pack && ({ ...pack.attrs } as unknown as PackAttributes);
  const segments = layout ? segmentsOf(layout, fewest) : [];
  if (!layout || segments.length < 2) return { graph, parts: new Map() };
  const { shapes, starts, rows, width } = layout;
  const parts = new Map<string, readonly string[]>();
  const inputs = new Map<Input, readonly Input[]>();
  for (const input of graph.inputs) {
    const isMatrix = sameSizes(input.shape, [rows, width]) && input.dtype === 'float32';
    const own = segments.map(({ shape }, k): Input => ({ ...input, name: `${input.name}:${k}`, shape }));
    inputs.set(input, isMatrix ? own : [input]);
  }
  const split = new Map([...inputs].filter(([input, own]) => own[0] !== input));
  split.forEach((own, { name }) =>
    parts.set(
      name,
      own.map((each) => each.name),
    ),
  );
  const rewriter = new Rewriter({ shapes, starts, rows, width }, segments, split);
  graph.nodes.forEach((node) => rewriter.write(node));
  const outputs = graph.outputs.flatMap((output) => {
    const own = rewriter.output(output);
    if (own.length > 1)
      parts.set(
        output.name,
        own.map(({ name }) => name),
      );
    return own;
  });
  const all = { ...graph, inputs: [...inputs.values()].flat(), outputs, nodes: rewriter.nodes };
  return { graph: withoutDead(all), parts };
};
