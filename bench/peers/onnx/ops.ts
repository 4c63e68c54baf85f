/**
 * The programs' operations as ONNX nodes: the standard operator where there is one, so that the runtime has the most to
 * optimise.
 */
import { paramValues } from '../../fill.js';
import { fillShape, type Fourier, type Ops, type Program, type Shape, sizeOf } from '../../ops.js';
import { fourierValues } from '../../programs/fourierValues.js';
import type { AttributeValue, DataType, Graph, Initializer, Node, Value } from './proto.js';

/** Scores that one tile of attention may have: 64 M of them are 256 MB. */
const tileSize = 2 ** 26;

const bytesOf = (values: ArrayBufferView): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

/** A graph that grows by what is called. */
const growingGraph = () => {
  const nodes: Node[] = [];
  const initializers = new Map<string, Initializer>();
  let names = 0;
  const put = (initializer: Initializer): Value => {
    if (!initializers.has(initializer.name)) initializers.set(initializer.name, initializer);
    return initializer;
  };
  return {
    nodes,
    initializers,
    /** A node of one output. */
    node: (
      operator: string,
      inputs: readonly Value[],
      shape: Shape,
      attributes: Readonly<Record<string, AttributeValue>> = {},
      type: DataType = 'float32',
    ): Value => {
      const output = `${operator}_${names++}`;
      nodes.push({ operator, inputs: inputs.map(({ name }) => name), output, attributes });
      return { name: output, type, shape };
    },
    /** Whole numbers that operators take as an input. */
    integers: (values: readonly number[]): Value =>
      put({
        name: `integers_${values.join('_')}`,
        type: 'int64',
        shape: [values.length],
        data: bytesOf(BigInt64Array.from(values, BigInt)),
        isExternal: false,
      }),
    number: (value: number): Value =>
      put({
        name: `number_${value}`,
        type: 'float32',
        shape: [],
        data: bytesOf(Float32Array.of(value)),
        isExternal: false,
      }),
    /** Values kept beside the graph. */
    values: (name: string, shape: Shape, make: () => Float32Array): Value =>
      initializers.get(name) ??
      put({ name, type: 'float32', shape, data: bytesOf(make()), isExternal: true }),
  };
};

type Growing = ReturnType<typeof growingGraph>;

const broadcastOf = (a: Shape, b: Shape): Shape => {
  const [long, short] = a.length >= b.length ? [a, b] : [b, a];
  const before = long.length - short.length;
  return long.map((size, i) => (i < before ? size : Math.max(size, short[i - before])));
};

/** The result of reshaping, slicing and concatenating constants. */
const arrangement = ({ node, integers }: Growing) => {
  const transpose = (x: Value, perm: readonly number[]): Value =>
    node(
      'Transpose',
      [x],
      perm.map((axis) => x.shape[axis]),
      { perm },
      x.type,
    );
  return {
    transpose,
    reshape: (x: Value, shape: Shape): Value => {
      const filled = fillShape(sizeOf(x.shape), shape);
      return node('Reshape', [x, integers(filled)], filled, {}, x.type);
    },
    concat: (xs: readonly Value[], axis: number): Value => {
      const size = xs.reduce((sum, { shape }) => sum + shape[axis], 0);
      return node(
        'Concat',
        xs,
        xs[0].shape.map((n, i) => (i === axis ? size : n)),
        { axis },
      );
    },
    slice: (x: Value, axis: number, start: number, size: number): Value =>
      node(
        'Slice',
        [x, integers([start]), integers([start + size]), integers([axis])],
        x.shape.map((n, i) => (i === axis ? size : n)),
        {},
        x.type,
      ),
    pad: (x: Value, each: readonly number[]): Value =>
      node(
        'Pad',
        [x, integers([...each, ...each])],
        x.shape.map((n, i) => n + 2 * each[i]),
      ),
    broadcast: (x: Value, shape: Shape): Value => node('Expand', [x, integers(shape)], shape),
    swapLast: (x: Value): Value => {
      const axes = x.shape.map((_, axis) => axis);
      return transpose(x, [...axes.slice(0, -2), axes[axes.length - 1], axes[axes.length - 2]]);
    },
  };
};

const binary =
  ({ node }: Growing, operator: string) =>
  (a: Value, b: Value): Value =>
    node(operator, [a, b], broadcastOf(a.shape, b.shape));

/** Scores, softmax and values for some of the queries, or for all where they fit. */
const attention = (graph: Growing) => {
  const { node, number } = graph;
  const { reshape, transpose, slice, concat } = arrangement(graph);
  const byHead = (x: Value, perm: readonly number[]): Value => transpose(x, perm);
  const some = (q: Value, k: Value, v: Value, mask?: Value): Value => {
    const [batch, heads, queries] = q.shape;
    const shape = [batch, heads, queries, k.shape[3]];
    const scores = node('MatMul', [q, k], shape);
    const masked = mask ? node('Where', [mask, scores, number(-1e30)], shape) : scores;
    const weights = node('Softmax', [masked], shape, { axis: -1 });
    return node('MatMul', [weights, v], [batch, heads, queries, v.shape[3]]);
  };
  /** Zero where a query has nothing to attend to. */
  const wiped = (x: Value, mask: Value): Value => {
    const [batch, queries] = mask.shape;
    const any = node('ReduceMax', [mask, graph.integers([-1])], [batch, queries, 1], { keepdims: 1 });
    return node('Mul', [x, reshape(any, [batch, 1, queries, 1])], x.shape);
  };
  return (q: Value, k: Value, v: Value, mask?: Value): Value => {
    const [batch, queries, heads, width] = q.shape;
    const keys = k.shape[1];
    const scaled = node('Mul', [q, number(1 / Math.sqrt(width))], q.shape);
    const [byQuery, byKey, byValue] = [
      byHead(scaled, [0, 2, 1, 3]),
      byHead(k, [0, 2, 3, 1]),
      byHead(v, [0, 2, 1, 3]),
    ];
    const attends =
      mask &&
      node('Cast', [reshape(mask, [batch, 1, queries, keys])], [batch, 1, queries, keys], { to: 9 }, 'bool');
    const step = Math.max(1, Math.floor(tileSize / (batch * heads * keys)));
    const parts: Value[] = [];
    for (let start = 0; start < queries; start += step) {
      const size = Math.min(step, queries - start);
      const isWhole = size === queries;
      const cut = (x: Value): Value => (isWhole ? x : slice(x, 2, start, size));
      parts.push(some(cut(byQuery), byKey, byValue, attends && cut(attends)));
    }
    const whole = parts.length === 1 ? parts[0] : concat(parts, 2);
    const out = mask ? wiped(whole, mask) : whole;
    return reshape(transpose(out, [0, 2, 1, 3]), [batch, queries, heads * v.shape[3]]);
  };
};

const fourierName = ({ indexDims, maxResolution, numBands, points }: Fourier): string =>
  `fourier ${indexDims} ${maxResolution} ${numBands} ${points?.first} ${points?.count}`;

/** Convolutions and pooling, which ONNX has with channels second. */
const windows = (graph: Growing) => {
  const { node } = graph;
  const { transpose } = arrangement(graph);
  const channelsLast = (x: Value): Value => transpose(x, [0, 2, 3, 1]);
  const outer = ([batch, height, width]: Shape, channels: number, stride: number): Shape => [
    batch,
    channels,
    Math.ceil(height / stride),
    Math.ceil(width / stride),
  ];
  return {
    conv2d: (x: Value, w: Value, stride: number): Value => {
      const attributes = { auto_pad: 'SAME_UPPER', strides: [stride, stride] };
      const inputs = [transpose(x, [0, 3, 1, 2]), transpose(w, [3, 2, 0, 1])];
      return channelsLast(node('Conv', inputs, outer(x.shape, w.shape[3], stride), attributes));
    },
    maxPool: (x: Value, stride: number): Value => {
      const attributes = { auto_pad: 'SAME_UPPER', strides: [stride, stride], kernel_shape: [3, 3] };
      const input = transpose(x, [0, 3, 1, 2]);
      return channelsLast(node('MaxPool', [input], outer(x.shape, x.shape[3], stride), attributes));
    },
  };
};

const onnxOps = (graph: Growing): Ops<Value> => {
  const { node, integers, number, values } = graph;
  const { swapLast, ...arranged } = arrangement(graph);
  const unary =
    (operator: string, attributes: Node['attributes'] = {}) =>
    (x: Value): Value =>
      node(operator, [x], x.shape, attributes);
  const [add, sub, mul] = ['Add', 'Sub', 'Mul'].map((operator) => binary(graph, operator));
  const matMul = (a: Value, b: Value): Value => {
    const batch = broadcastOf(a.shape.slice(0, -2), b.shape.slice(0, -2));
    return node('MatMul', [a, b], [...batch, a.shape[a.shape.length - 2], b.shape[b.shape.length - 1]]);
  };
  return {
    ...arranged,
    ...windows(graph),
    param: (path, leaf, shape) => values(`${path}/${leaf}`, shape, () => paramValues(path, leaf, shape)),
    scope: (work) => work(),
    shapeOf: ({ shape }) => shape,
    add,
    sub,
    mul,
    scale: (x, by) => mul(x, number(by)),
    exp: unary('Exp'),
    erf: unary('Erf'),
    relu: unary('Relu'),
    rsqrt: (x, epsilon) => unary('Reciprocal')(unary('Sqrt')(add(x, number(epsilon)))),
    gelu: unary('Gelu', { approximate: 'tanh' }),
    geluExact: unary('Gelu', { approximate: 'none' }),
    mean: (x) => {
      const axes = x.shape.map((_, axis) => axis).slice(0, -1);
      const shape = [...axes.map(() => 1), x.shape[x.shape.length - 1]];
      return node('ReduceMean', [x, integers(axes)], shape, { keepdims: 1 });
    },
    softmax: unary('Softmax', { axis: -1 }),
    layerNorm: (x, scale, offset) =>
      node('LayerNormalization', [x, scale, offset], x.shape, { axis: -1, epsilon: { float: 1e-5 } }),
    matMul: (a, b, transposeA = false, transposeB = false) =>
      matMul(transposeA ? swapLast(a) : a, transposeB ? swapLast(b) : b),
    affine: (x, w, b) => (b ? add(matMul(x, w), b) : matMul(x, w)),
    attend: attention(graph),
    lookUp: (table, ids) => node('Gather', [table, ids], [...ids.shape, table.shape[1]]),
    fourier: (features) => {
      const { indexDims, numBands, points } = features;
      const shape = [points?.count ?? sizeOf(indexDims), indexDims.length * (1 + 2 * numBands)];
      return values(fourierName(features), shape, () => fourierValues(features));
    },
  };
};

/** A program as a graph. */
export const graphOf = (program: Program, inputs: readonly Value[]): Graph => {
  const graph = growingGraph();
  const outputs = program(onnxOps(graph), inputs).map((value, i) => {
    // A name of its own, also where the output is an input or a constant.
    graph.nodes.push({ operator: 'Identity', inputs: [value.name], output: `output_${i}`, attributes: {} });
    return { ...value, name: `output_${i}` };
  });
  return { nodes: graph.nodes, initializers: [...graph.initializers.values()], inputs, outputs };
};
