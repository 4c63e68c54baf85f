/**
 * Products of matrices, and sums of products along axes that are named.
 */
import { sameSizes, type Size } from '../../graph/size.js';
import type { Emitter } from '../emitter.js';
import type { Ref } from '../value.js';
import { activate } from './elementwise.js';
import { axesOf, type Operator, type Operators, rowOf, type Written } from './operator.js';
import { UnsupportedError } from '../../graph/unsupportedError.js';

const batchOf = ({ shape }: Ref): readonly Size[] => shape.slice(0, -2);
const matrixOf = ({ shape }: Ref): readonly Size[] => shape.slice(-2);

const isOne = (size: Size): boolean => size === 1;

/** Matrices times matrices; one matrix that meets a whole batch is not copied. */
const matMul: Operator = ({ x, attrs, out, emitter: e }) => {
  const batch = out.shape.slice(0, -2);
  const summed = (rank: number, isFirst: boolean): number[] => [rank - (isFirst ? 2 : 1)];
  const isShared = batchOf(x.b).every(isOne) && sameSizes(batchOf(x.a), batch) && !attrs.transposeA;
  if (isShared) {
    const b = e.reshape(x.b, matrixOf(x.b));
    return e.dot(x.a, b, [[], []], [summed(x.a.shape.length, false), summed(2, !attrs.transposeB)]);
  }
  const a = e.broadcast(x.a, [...batch, ...matrixOf(x.a)]);
  const b = e.broadcast(x.b, [...batch, ...matrixOf(x.b)]);
  const rank = out.shape.length;
  const common = axesOf(rank - 2);
  return e.dot(
    a,
    b,
    [common, common],
    [summed(rank, attrs.transposeA === true), summed(rank, !attrs.transposeB)],
  );
};

/** The end of tfjs's fused kernels: the sum with a bias, and an activation. */
export const finish = (kernel: Written, product: Ref): Ref => {
  const { x, attrs, emitter, out } = kernel;
  const sum = x.bias ? emitter.each('add', product, emitter.broadcast(x.bias, out.shape)) : product;
  const name = (attrs.activation as string | undefined) ?? 'linear';
  const active = activate(sum, name, kernel);
  if (!active) throw new UnsupportedError(`the activation ${name}`);
  return active;
};

/** An array whose axes have letters for names. */
interface Lettered {
  readonly value: Ref;
  readonly letters: string;
}

/** Axes that nothing after needs are summed. */
const withoutIdle = (e: Emitter, { value, letters }: Lettered, needed: string): Lettered => {
  const axes = axesOf(letters.length).filter((axis) => !needed.includes(letters[axis]));
  const kept = [...letters].filter((letter) => needed.includes(letter)).join('');
  return { value: e.reduce(value, 'add', axes, 0), letters: kept };
};

/** Two arrays multiplied; letters of both that nothing after needs are summed. */
const joined = (e: Emitter, left: Lettered, right: Lettered, needed: string): Lettered => {
  const a = withoutIdle(e, left, right.letters + needed);
  const b = withoutIdle(e, right, left.letters + needed);
  const shared = [...a.letters].filter((letter) => b.letters.includes(letter));
  const [common, summed] = [true, false].map((isKept) =>
    shared.filter((letter) => needed.includes(letter) === isKept),
  );
  const places = (letters: readonly string[]) =>
    [a, b].map((each) => letters.map((letter) => each.letters.indexOf(letter)));
  const free = ({ letters }: Lettered): string[] => [...letters].filter((letter) => !shared.includes(letter));
  return {
    value: e.dot(a.value, b.value, places(common), places(summed)),
    letters: [...common, ...free(a), ...free(b)].join(''),
  };
};

const einsum: Operator = (kernel) => {
  const { attrs, emitter: e } = kernel;
  const [inputs, output] = (attrs.equation as string).replaceAll(' ', '').split('->');
  const names = inputs.split(',');
  if (names.some((letters) => new Set(letters).size < letters.length))
    throw new UnsupportedError(`einsum ${attrs.equation}: an axis that comes twice in an array`);
  const [first, ...rest] = rowOf(kernel).map((value, i): Lettered => ({ value, letters: names[i] }));
  const product = rest.reduce(
    (left, right, i) => joined(e, left, right, output + names.slice(i + 2).join('')),
    first,
  );
  const { value, letters } = withoutIdle(e, product, output);
  return e.transpose(
    value,
    [...output].map((letter) => letters.indexOf(letter)),
  );
};

export const products: Operators = {
  BatchMatMul: matMul,
  _FusedMatMul: (kernel) => finish(kernel, matMul(kernel) as Ref),
  Einsum: einsum,
};
