/**
 * Kernels of tfjs's backends for graphics processors that are missing, fail on some inputs or are too coarse: composed of
 * kernels that are right.
 */
import * as tf from '@tensorflow/tfjs-core';
import { registerEinsum } from '../kernels/einsum.js';
import { registerNormalized } from '../kernels/normalized.js';
import { register, replace } from '../kernels/register.js';
import { registerStridedSlice } from '../kernels/stridedSlice.js';
import { windowCompositions } from '../operations/windowCompositions.js';

type T = tf.Tensor;

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, n) => size * n, 1);

/** The most axes that every kernel takes. */
const mostAxes = 4;

/** Changes one axis of a tensor of any rank, seen as the middle one of three. */
const alongAxis = (x: T, axis: number, change: (three: tf.Tensor3D) => T): T => {
  const [before, after] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)];
  const three = tf.reshape(x, [sizeOf(before), x.shape[axis], sizeOf(after)]) as tf.Tensor3D;
  const changed = change(three);
  return tf.reshape(changed, [...before, changed.shape[1] as number, ...after]);
};

const registerPadding = (backendName: string): void =>
  replace<{ x: T }, tf.PadV2Attrs>(backendName, tf.PadV2, ({ x }, attrs, _backend, stock) =>
    x.rank <= mostAxes
      ? stock({ x }, attrs)
      : attrs.paddings.reduce(
          (padded, [before, after], axis) =>
            before + after === 0
              ? padded
              : alongAxis(padded, axis, (three) =>
                  tf.pad(
                    three,
                    [
                      [0, 0],
                      [before, after],
                      [0, 0],
                    ],
                    attrs.constantValue,
                  ),
                ),
          tf.clone(x),
        ),
  );

const registerReverse = (backendName: string): void =>
  replace<{ x: T }, tf.ReverseAttrs>(backendName, tf.Reverse, ({ x }, attrs, _backend, stock) =>
    x.rank <= mostAxes
      ? stock({ x }, attrs)
      : tf.util
          .parseAxisParam(attrs.dims, x.shape)
          .reduce((turned, axis) => alongAxis(turned, axis, (three) => tf.reverse(three, 1)), tf.clone(x)),
  );

const joins = [
  ...[tf.Add, tf.Sub, tf.Multiply, tf.RealDiv, tf.SquaredDifference, tf.Maximum, tf.Minimum],
  ...[tf.Equal, tf.NotEqual, tf.Greater, tf.GreaterEqual, tf.Less, tf.LessEqual],
  ...[tf.LogicalAnd, tf.LogicalOr, tf.Pow, tf.Mod, tf.FloorDiv, tf.Atan2],
];

type Pair = Readonly<Record<'a' | 'b', T>>;

/** Both shapes with as few axes as they can have: neighbouring axes that are repeated alike, or not at all, are one. */
const fewestAxes = (a: readonly number[], b: readonly number[]): Record<'a' | 'b', number[]> => {
  const rank = Math.max(a.length, b.length);
  const found: Record<'a' | 'b', number[]> = { a: [], b: [] };
  let last: string | undefined;
  for (let i = 0; i < rank; i += 1) {
    const [inA, inB] = [a[i - rank + a.length] ?? 1, b[i - rank + b.length] ?? 1];
    if (inA === 1 && inB === 1) continue;
    const kind = `${inA === 1} ${inB === 1}`;
    if (kind === last) {
      found.a.push((found.a.pop() as number) * inA);
      found.b.push((found.b.pop() as number) * inB);
    } else {
      found.a.push(inA);
      found.b.push(inB);
    }
    last = kind;
  }
  return found;
};

const registerJoins = (backendName: string): void =>
  joins.forEach((kernelName) =>
    replace<Pair>(backendName, kernelName, ({ a, b }, attrs, _backend, stock) => {
      const shape = tf.broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape);
      if (kernelName === tf.Pow && a.dtype === 'int32' && b.dtype === 'int32')
        return tf.cast(tf.round(tf.pow(tf.cast(a, 'float32'), tf.cast(b, 'float32'))), 'int32');
      if (shape.length <= mostAxes) return stock({ a, b }, attrs);
      const shapes = fewestAxes(a.shape, b.shape);
      return tf.reshape(stock({ a: tf.reshape(a, shapes.a), b: tf.reshape(b, shapes.b) }, attrs), shape);
    }),
  );

/** The most tensors that one program of WebGPU reads, beside the one that it writes. */
const mostOperands = 7;

const sumOf = (terms: readonly T[]): T =>
  terms.length <= mostOperands
    ? tf.addN([...terms])
    : sumOf([tf.addN(terms.slice(0, mostOperands)), ...terms.slice(mostOperands)]);

const registerSums = (backendName: string): void =>
  replace<T[]>(backendName, tf.AddN, (terms, attrs, _backend, stock) =>
    terms.length <= mostOperands ? stock(terms, attrs) : sumOf(terms),
  );

/** Tiles of many axes, an axis at a time. */
const registerTile = (backendName: string): void =>
  replace<{ x: T }, tf.TileAttrs>(backendName, tf.Tile, ({ x }, attrs, _backend, stock) =>
    x.rank <= mostAxes
      ? stock({ x }, attrs)
      : attrs.reps.reduce(
          (tiled, times, axis) => alongAxis(tiled, axis, (three) => tf.tile(three, [1, times, 1])),
          tf.clone(x),
        ),
  );

/** Strided slices of many axes, an axis at a time; each has its begin, end and stride. */
const registerSlices = (backendName: string): void => {
  replace<{ x: T }, tf.StridedSliceAttrs>(backendName, tf.StridedSlice, ({ x }, attrs, _backend, stock) => {
    if (x.rank <= mostAxes) return stock({ x }, attrs);
    const along = (sliced: T, begin: number, axis: number): T =>
      alongAxis(sliced, axis, (three) => {
        const [outer, , inner] = three.shape;
        const isToEnd = (attrs.endMask >> axis) & 1;
        const [end, stride] = [attrs.end[axis], attrs.strides[axis]];
        return tf.stridedSlice(three, [0, begin, 0], [outer, end, inner], [1, stride, 1], 0, isToEnd << 1);
      });
    return attrs.begin.reduce(along, tf.clone(x));
  });
  registerStridedSlice(backendName);
};

/** Casts to float32: WebGPU's own leaves the numbers as they are, and some of its programs read them as they are. */
const registerCast = (backendName: string): void =>
  replace<{ x: T }, tf.CastAttrs>(backendName, tf.Cast, ({ x }, attrs, _backend, stock) =>
    attrs.dtype === 'float32' && x.dtype !== 'float32' && x.size > 0
      ? tf.mul(stock({ x }, attrs), 1)
      : stock({ x }, attrs),
  );

/** Transposes of whole numbers and booleans; WebGPU's program for them is not valid. */
const registerTranspose = (backendName: string): void =>
  replace<{ x: T }, tf.TransposeAttrs>(backendName, tf.Transpose, ({ x }, attrs, _backend, stock) =>
    x.dtype === 'float32'
      ? stock({ x }, attrs)
      : tf.cast(stock({ x: tf.cast(x, 'float32') }, attrs), x.dtype),
  );

const reductions = [tf.Sum, tf.Mean, tf.Max, tf.Min, tf.Prod, tf.Any, tf.All];

/** Axes of a reduction; null stands for all. */
type Axes = number | number[] | null;

interface ReductionAttrs {
  readonly axis?: Axes;
  /** The axes of a maximum. */
  readonly reductionIndices?: Axes;
  readonly keepDims: boolean;
}

/**
 * Reductions of many axes, of whole numbers and of booleans: an axis at a time, which is made the last one. Products of
 * few numbers lose the axes that are kept.
 */
const registerReductions = (backendName: string): void =>
  reductions.forEach((kernelName) =>
    replace<{ x: T }, ReductionAttrs>(backendName, kernelName, ({ x }, attrs, _backend, stock) => {
      const given = attrs.axis ?? attrs.reductionIndices ?? null;
      const axes = tf.util.parseAxisParam(given as number[], x.shape);
      const shape = attrs.keepDims
        ? x.shape.map((n, axis) => (axes.includes(axis) ? 1 : n))
        : x.shape.filter((_, axis) => !axes.includes(axis));
      if (x.rank <= mostAxes && x.dtype === 'float32') return tf.reshape(stock({ x }, attrs), shape);
      const along = (y: T, axis: number): T =>
        alongAxis(y, axis, (three) => {
          const [outer, length, inner] = three.shape;
          const rows = tf.reshape(tf.transpose(three, [0, 2, 1]), [outer * inner, length]);
          const last = { axis: [1], reductionIndices: [1], keepDims: false };
          return tf.reshape(stock({ x: rows }, last), [outer, 1, inner]);
        });
      return tf.reshape(axes.reduce(along, tf.clone(x)), shape);
    }),
  );

/** The places of extremes of one axis; WebGPU leaves an axis too many where there is no other. */
const registerPlaces = (backendName: string): void =>
  [tf.ArgMax, tf.ArgMin].forEach((kernelName) =>
    replace<{ x: T }, tf.ArgMaxAttrs>(backendName, kernelName, ({ x }, attrs, _backend, stock) => {
      const [axis] = tf.util.parseAxisParam(attrs.axis, x.shape);
      return tf.reshape(stock({ x }, attrs), x.shape.toSpliced(axis, 1));
    }),
  );

/** A single number as index gives one axis less. */
const registerGather = (backendName: string): void =>
  replace<{ x: T; indices: T }, tf.GatherV2Attrs>(
    backendName,
    tf.GatherV2,
    ({ x, indices }, attrs, _backend, stock) => {
      if (indices.rank > 0) return stock({ x, indices }, attrs);
      const [axis] = tf.util.parseAxisParam(attrs.axis, x.shape);
      const found = stock({ x, indices: tf.reshape(indices, [1]) }, attrs);
      return tf.reshape(found, x.shape.toSpliced(axis, 1));
    },
  );

/** Products over nothing, and of batches that are repeated along different axes. */
const registerProduct = (backendName: string): void =>
  replace<Pair, tf.BatchMatMulAttrs>(backendName, tf.BatchMatMul, ({ a, b }, attrs, _backend, stock) => {
    const { transposeA, transposeB } = attrs;
    const [inA, inB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
    const batch = tf.broadcast_util.assertAndGetBroadcastShape(inA, inB);
    const shape = [...batch, a.shape.at(transposeA ? -1 : -2) ?? 0, b.shape.at(transposeB ? -2 : -1) ?? 0];
    if (a.size === 0 || b.size === 0) return tf.zeros(shape);
    const isPlain = [inA, inB].every((own) => sizeOf(own) === 1 || tf.util.arraysEqual(own, batch));
    if (isPlain) return stock({ a, b }, attrs);
    const repeated = (x: T): T => tf.broadcastTo(x, [...batch, ...x.shape.slice(-2)]);
    return stock({ a: repeated(a), b: repeated(b) }, attrs);
  });

/**
 * π in three parts: the first two have eight bits, so that their products with whole numbers and halves up to 2^15 are
 * exact in float32.
 */
const piInParts = [201 / 64, 254 * 2 ** -18, Math.PI - 201 / 64 - 254 * 2 ** -18];

/** The coefficients of the sine's series, of r^13 down to r. */
const sineSeries = [13, 11, 9, 7, 5, 3, 1].map((power) => {
  const factorial = Array.from({ length: power }, (_, i) => i + 1).reduce((product, n) => product * n, 1);
  return (power % 4 === 1 ? 1 : -1) / factorial;
});

/**
 * The sine of x, or of x + π/2, within 3e-7 for |x| up to 1e5. Processors' own functions are 5e-4 off, and more for large
 * arguments, which the highest bands of Fourier features have.
 */
const sine = (x: T, isCosine: boolean): T => {
  const turns = tf.mul(x, 1 / Math.PI);
  const half = tf.round(isCosine ? tf.sub(turns, 0.5) : turns);
  const taken = isCosine ? tf.add(half, 0.5) : half;
  const rest = piInParts.reduce((r: T, part) => tf.sub(r, tf.mul(taken, part)), x); // [-π/2, π/2]
  const square = tf.square(rest);
  const [first, second, ...others] = sineSeries;
  const highest = tf.add(tf.mul(square, first), second);
  const series = others.reduce((sum: T, next) => tf.add(tf.mul(sum, square), next), highest);
  const odd = tf.sub(half, tf.mul(tf.floor(tf.mul(half, 0.5)), 2));
  const sign = isCosine ? tf.sub(tf.mul(odd, 2), 1) : tf.sub(1, tf.mul(odd, 2));
  return tf.mul(tf.mul(series, rest), sign);
};

const registerWaves = (backendName: string): void => {
  replace<{ x: T }>(backendName, tf.Sin, ({ x }) => sine(x, false));
  replace<{ x: T }>(backendName, tf.Cos, ({ x }) => sine(x, true));
};

/** Sums and products up to each element, from the end where they are reversed: WebGPU keeps one length for all of those. */
const registerCumulative = (backendName: string): void =>
  [tf.Cumsum, tf.Cumprod].forEach((kernelName) =>
    replace<{ x: T }, tf.CumsumAttrs>(backendName, kernelName, ({ x }, attrs, _backend, stock) => {
      if (!attrs.reverse && x.rank <= mostAxes) return stock({ x }, attrs);
      const turned = (three: tf.Tensor3D): T => (attrs.reverse ? tf.reverse(three, 1) : three);
      const [axis] = tf.util.parseAxisParam(attrs.axis, x.shape);
      return alongAxis(x, axis, (three) =>
        turned(stock({ x: turned(three) }, { ...attrs, axis: 1, reverse: false }) as tf.Tensor3D),
      );
    }),
  );

/** Derivatives of windows that the backend has no kernel for: WebGL lacks those of a dilation. */
const registerWindows = (backendName: string): void =>
  Object.entries(windowCompositions).forEach(([kernelName, compose]) => {
    if (!tf.getKernel(kernelName, backendName))
      register<never, never>(backendName, kernelName, (inputs, attrs) => compose(inputs, attrs));
  });

const registered = new Set<string>();

/** Puts the composed kernels into the registry of a backend; doing it again changes nothing. */
export const registerComposed = (backendName: string): void => {
  if (registered.has(backendName)) return;
  registered.add(backendName);
  registerPadding(backendName);
  registerReverse(backendName);
  registerJoins(backendName);
  registerSums(backendName);
  registerTile(backendName);
  registerCast(backendName);
  registerTranspose(backendName);
  registerPlaces(backendName);
  registerGather(backendName);
  registerReductions(backendName);
  registerProduct(backendName);
  registerWaves(backendName);
  registerEinsum(backendName);
  registerSlices(backendName);
  registerCumulative(backendName);
  registerWindows(backendName);
  registerNormalized(backendName);
};
