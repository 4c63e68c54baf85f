/**
 * The programs' operations in jax-js, by its own functions for what it has. Arrays are counted references there: every
 * operation here leaves its arguments alive, and what a program made is let go of at its end.
 */
import type * as jax from '@jax-js/jax';
import { fillShape, type Ops, type Shape, sizeOf } from '../../ops.js';
import { fourierValues } from '../../programs/fourierValues.js';

type Jax = typeof jax;
type A = jax.Array;

/** Scores that one tile of attention may have: 64 M of them are 256 MB. */
const tileSize = 2 ** 26;

/** Arrays made while a program runs. */
export interface Owner {
  readonly own: (array: A) => A;
  readonly release: () => void;
}

export const owner = (): Owner => {
  const owned: A[] = [];
  return {
    own: (array) => (owned.push(array), array),
    release: () => owned.splice(0).forEach((array) => array.dispose()),
  };
};

/** Some queries by head, all keys and values. */
const attendTile = ({ numpy: np, nn }: Jax, q: A, k: A, v: A, mask?: A): A => {
  const width = k.shape[3];
  const [queries, values] = [q, v.ref].map((x) => np.transpose(x, [0, 2, 1, 3]));
  const scores = np.matmul(queries, np.transpose(k.ref, [0, 2, 3, 1])).mul(1 / Math.sqrt(width));
  const masked = mask ? np.where(mask, scores, -1e30) : scores;
  return np.transpose(np.matmul(nn.softmax(masked, -1), values), [0, 2, 1, 3]);
};

/** Every index of some axes, a span of one. */
const span = (rank: number, axis: number, start: number, size: number): ([] | [number, number])[] =>
  Array.from({ length: rank }, (_, i) => (i === axis ? [start, start + size] : []));

const attention =
  (jax: Jax) =>
  (q: A, k: A, v: A, mask?: A): A => {
    const { numpy: np } = jax;
    const [batch, queries, heads] = q.shape;
    const keys = k.shape[1];
    const step = Math.max(1, Math.floor(tileSize / (batch * heads * keys)));
    const there = mask && mask.ref.reshape([batch, 1, queries, keys]).greater(0);
    const parts: A[] = [];
    for (let start = 0; start < queries; start += step) {
      const size = Math.min(step, queries - start);
      const some = q.ref.slice(...span(4, 1, start, size));
      parts.push(attendTile(jax, some, k, v, there?.ref.slice(...span(4, 2, start, size))));
    }
    there?.dispose();
    const whole = parts.length === 1 ? parts[0] : np.concatenate(parts, 1);
    const out = whole.reshape([batch, queries, heads * v.shape[3]]);
    // Zero where a query has nothing to attend to.
    return mask ? out.mul(np.max(mask.ref, 2, { keepdims: true })) : out;
  };

const same = (length: number, size: number, stride: number): [number, number] => {
  const total = Math.max((Math.ceil(length / stride) - 1) * stride + size - length, 0);
  return [Math.floor(total / 2), total - Math.floor(total / 2)];
};

/** @param param  where trained arrays come from */
export const jaxOps = (jax: Jax, { own }: Owner, param: Ops<A>['param']): Ops<A> => {
  const { numpy: np, nn, lax } = jax;
  const unary =
    (f: (x: A) => A) =>
    (x: A): A =>
      own(f(x.ref));
  const binary =
    (f: (a: A, b: A) => A) =>
    (a: A, b: A): A =>
      own(f(a.ref, b.ref));
  const attend = attention(jax);
  return {
    param,
    scope: (work) => work(),
    shapeOf: ({ shape }) => shape,
    reshape: (x, shape) => own(x.ref.reshape([...fillShape(sizeOf(x.shape), shape)])),
    transpose: (x, permutation) => own(np.transpose(x.ref, [...permutation])),
    concat: (xs, axis) =>
      own(
        np.concatenate(
          xs.map((x) => x.ref),
          axis,
        ),
      ),
    slice: (x, axis, start, size) => own(x.ref.slice(...span(x.ndim, axis, start, size))),
    pad: (x, each) =>
      own(
        np.pad(
          x.ref,
          each.map((n): [number, number] => [n, n]),
        ),
      ),
    broadcast: (x, shape: Shape) => own(np.broadcastTo(x.ref, [...shape])),
    add: binary((a, b) => a.add(b)),
    sub: binary((a, b) => a.sub(b)),
    mul: binary((a, b) => a.mul(b)),
    scale: (x, by) => own(x.ref.mul(by)),
    exp: unary(np.exp),
    erf: unary(lax.erf),
    relu: unary(nn.relu),
    rsqrt: (x, epsilon) => own(np.reciprocal(np.sqrt(x.ref.add(epsilon)))),
    gelu: unary((x) => nn.gelu(x)),
    geluExact: unary((x) => nn.gelu(x, { approximate: false })),
    mean: (x) => own(np.mean(x.ref, x.shape.map((_, axis) => axis).slice(0, -1), { keepdims: true })),
    softmax: unary((x) => nn.softmax(x, -1)),
    layerNorm: (x, scale, offset) => own(nn.standardize(x.ref, -1).mul(scale.ref).add(offset.ref)),
    matMul: (a, b, transposeA = false, transposeB = false) => {
      const [left, right] = [a.ref, b.ref];
      return own(
        np.matmul(
          transposeA ? np.matrixTranspose(left) : left,
          transposeB ? np.matrixTranspose(right) : right,
        ),
      );
    },
    affine: (x, w, b) => {
      const product = np.matmul(x.ref, w.ref);
      return own(b ? product.add(b.ref) : product);
    },
    attend: (q, k, v, mask) => own(attend(q, k, v, mask)),
    lookUp: (table, ids) => own(np.take(table.ref, ids.ref, 0)),
    conv2d: (x, w, stride) => {
      const [input, filter] = [np.transpose(x.ref, [0, 3, 1, 2]), np.transpose(w.ref, [3, 2, 0, 1])];
      return own(np.transpose(lax.conv(input, filter, [stride, stride], 'SAME'), [0, 2, 3, 1]));
    },
    maxPool: (x, stride) => {
      const [, height, width] = x.shape;
      const padding: [number, number][] = [[0, 0], same(height, 3, stride), same(width, 3, stride), [0, 0]];
      const isInside = np.pad(np.ones(x.shape), padding).greater(0);
      const padded = np.where(isInside, np.pad(x.ref, padding), -1e30);
      const turned = np.transpose(padded, [0, 3, 1, 2]);
      const pooled = lax.reduceWindow(turned, (window) => np.max(window), [3, 3], [stride, stride]);
      return own(np.transpose(pooled, [0, 2, 3, 1]));
    },
    fourier: (features) => {
      const values = fourierValues(features);
      const channels = features.indexDims.length * (1 + 2 * features.numBands);
      return own(np.array(values as never, { shape: [values.length / channels, channels] }));
    },
  };
};
