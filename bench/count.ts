/**
 * A program read for its shapes alone: how many floating-point operations its products take, and what is trained in it.
 */
import { fillShape, type Ops, type Program, type Shape, sizeOf } from './ops.js';

/** A trained array by name. */
export interface TrainedArray {
  readonly path: string;
  readonly leaf: string;
  readonly shape: Shape;
}

export interface Counts {
  /** Of products, attention and convolutions, multiplications and additions counted apart. */
  readonly flops: number;
  /** In the order in which they are first asked for. */
  readonly params: readonly TrainedArray[];
  /** Bytes of trained arrays. */
  readonly weightBytes: number;
  readonly outputs: readonly Shape[];
}

const broadcastShapes = (a: Shape, b: Shape): Shape => {
  const [long, short] = a.length >= b.length ? [a, b] : [b, a];
  const before = long.length - short.length;
  return long.map((size, i) => (i < before ? size : Math.max(size, short[i - before])));
};

const swapLast = (shape: Shape): Shape => [
  ...shape.slice(0, -2),
  shape[shape.length - 1],
  shape[shape.length - 2],
];

const same = (x: Shape): Shape => x;

interface Totals {
  flops: number;
  readonly params: Map<string, TrainedArray>;
}

/** Operations on shapes that add up what they would take. */
export const shapeOps = (totals: Totals = { flops: 0, params: new Map() }): Ops<Shape> => ({
  param: (path, leaf, shape) => {
    totals.params.set(`${path}/${leaf}`, { path, leaf, shape });
    return shape;
  },
  scope: (work) => work(),
  shapeOf: same,
  reshape: (x, shape) => {
    const filled = fillShape(sizeOf(x), shape);
    if (sizeOf(x) !== sizeOf(filled)) throw new Error(`[${x}] cannot be [${shape}]`);
    return filled;
  },
  transpose: (x, permutation) => permutation.map((axis) => x[axis]),
  concat: (xs, axis) => xs[0].map((size, i) => (i === axis ? xs.reduce((n, x) => n + x[axis], 0) : size)),
  slice: (x, axis, _start, size) => x.map((whole, i) => (i === axis ? size : whole)),
  pad: (x, each) => x.map((size, i) => size + 2 * each[i]),
  broadcast: (_x, shape) => shape,
  add: broadcastShapes,
  sub: broadcastShapes,
  mul: broadcastShapes,
  scale: same,
  exp: same,
  erf: same,
  relu: same,
  rsqrt: same,
  gelu: same,
  geluExact: same,
  mean: (x) => x.map((size, axis) => (axis === x.length - 1 ? size : 1)),
  softmax: same,
  layerNorm: same,
  matMul: (a, b, transposeA = false, transposeB = false) => {
    const [left, right] = [transposeA ? swapLast(a) : a, transposeB ? swapLast(b) : b];
    const batch = broadcastShapes(left.slice(0, -2), right.slice(0, -2));
    const [m, k, n] = [left[left.length - 2], left[left.length - 1], right[right.length - 1]];
    totals.flops += 2 * sizeOf(batch) * m * k * n;
    return [...batch, m, n];
  },
  affine: (x, w) => {
    totals.flops += 2 * sizeOf(x) * w[1];
    return [...x.slice(0, -1), w[1]];
  },
  attend: ([batch, queries, heads, qk], [, keys], [, , , v], _mask, isCausal = false) => {
    // A causal query sees all keys but those of the queries after it.
    const pairs = queries * keys - (isCausal ? (queries * (queries - 1)) / 2 : 0);
    totals.flops += 2 * batch * heads * pairs * (qk + v);
    return [batch, queries, heads * v];
  },
  lookUp: (table, ids) => [...ids, table[1]],
  conv2d: ([batch, height, width, channels], [kh, kw, , outputs], stride) => {
    const out = [batch, Math.ceil(height / stride), Math.ceil(width / stride), outputs];
    totals.flops += 2 * sizeOf(out) * kh * kw * channels;
    return out;
  },
  maxPool: ([batch, height, width, channels], stride) => [
    batch,
    Math.ceil(height / stride),
    Math.ceil(width / stride),
    channels,
  ],
  fourier: ({ indexDims, numBands, points }) => [
    points?.count ?? sizeOf(indexDims),
    indexDims.length * (1 + 2 * numBands),
  ],
});

/** @throws Error where the program's shapes do not fit each other */
export const count = (program: Program, inputs: readonly Shape[]): Counts => {
  const totals: Totals = { flops: 0, params: new Map() };
  const outputs = program(shapeOps(totals), inputs);
  const params = [...totals.params.values()];
  const weightBytes = params.reduce((bytes, { shape }) => bytes + 4 * sizeOf(shape), 0);
  return { flops: totals.flops, params, weightBytes, outputs };
};
