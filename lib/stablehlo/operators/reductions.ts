/**
 * Kernels that reduce axes, or go along one.
 */
import { isSymbolic, type Size } from '../../graph/size.js';
import type { Emitter, Reducer } from '../emitter.js';
import type { ElementType, Ref } from '../value.js';
import { axesOf as allAxes, axisOf, known, type Operator, type Operators, type Written } from './operator.js';

/** Axes that a kernel reduces, from the front; all of them where none are named. */
const axesOf = ({ attrs, x }: Written): number[] => {
  const rank = Object.values(x)[0].shape.length;
  const { axis, reductionIndices } = attrs as Record<'axis' | 'reductionIndices', number | number[]>;
  const axes = [axis ?? reductionIndices ?? []].flat().map((each) => axisOf(each, rank));
  return axes.length ? axes : allAxes(rank);
};

const largestInt = 2 ** 31 - 1;

/** The first value of a reduction: one that changes nothing. */
const firstOf = (reducer: Reducer, type: ElementType): number => {
  if (reducer === 'add' || reducer === 'or') return 0;
  if (reducer === 'multiply' || reducer === 'and') return 1;
  const most = type === 'f32' ? Infinity : largestInt;
  return reducer === 'minimum' ? most : type === 'f32' ? -most : -most - 1;
};

/** Reduced axes left out, or of size 1 where a kernel keeps them. */
const reduceOver = (kernel: Written, x: Ref, reducer: Reducer): Ref =>
  kernel.emitter.reshape(
    kernel.emitter.reduce(x, reducer, axesOf(kernel), firstOf(reducer, x.type)),
    kernel.out.shape,
  );

const reduce =
  (reducer: Reducer): Operator =>
  (kernel) =>
    // Sums of truth values count them.
    reduceOver(kernel, kernel.emitter.convert(Object.values(kernel.x)[0], kernel.out.type), reducer);

/** A value over the number of elements that it is a sum of. */
const share = (e: Emitter, sum: Ref, sizes: readonly Size[]): Ref => {
  const fixed = sizes.reduce<number>((product, size) => (isSymbolic(size) ? product : product * size), 1);
  const open = sizes.filter(isSymbolic).map((size) => e.convert(e.size(size), 'f32'));
  const counts = [e.like(sum, fixed), ...open.map((count) => e.broadcast(count, sum.shape, []))];
  return counts.reduce((total, count) => e.each('divide', total, count), sum);
};

const mean: Operator = (kernel) => {
  const { x, emitter } = kernel;
  const sum = reduceOver(kernel, emitter.convert(x.x, 'f32'), 'add');
  return share(
    emitter,
    sum,
    axesOf(kernel).map((axis) => x.x.shape[axis]),
  );
};

/** The first place along an axis whose element is the largest, or the smallest, or is NaN. */
const place =
  (reducer: 'maximum' | 'minimum'): Operator =>
  (kernel) => {
    const { x, emitter: e } = kernel;
    const [axis] = axesOf(kernel);
    const rest = allAxes(x.x.shape.length).filter((each) => each !== axis);
    const found = e.reduce(x.x, reducer, [axis], firstOf(reducer, x.x.type));
    const isExtreme = e.compare('EQ', x.x, e.broadcast(found, x.x.shape, rest));
    const isFound = x.x.type === 'f32' ? e.each('or', isExtreme, e.compare('NE', x.x, x.x)) : isExtreme;
    const places = e.iota({ shape: x.x.shape, type: 'i32' }, axis);
    return e.reduce(e.select(isFound, places, e.like(places, largestInt)), 'minimum', [axis], largestInt);
  };

const softmax: Operator = ({ x, emitter: e }) => {
  const { logits } = x;
  const last = logits.shape.length - 1;
  const along = (value: Ref): Ref => e.broadcast(value, logits.shape, allAxes(last));
  const top = e.reduce(logits, 'maximum', [last], -Infinity);
  const raised = e.each('exponential', e.each('subtract', logits, along(top)));
  return e.each('divide', raised, along(e.reduce(raised, 'add', [last], 0)));
};

/** Running sums along an axis of open size: the product with a triangle of ones. */
const sumsBefore = (e: Emitter, x: Ref, axis: number, { exclusive, reverse }: Written['attrs']): Ref => {
  const square = { shape: [x.shape[axis], x.shape[axis]], type: 'i32' as const };
  const [to, from] = [e.iota(square, 0), e.iota(square, 1)];
  const isIn = reverse
    ? e.compare(exclusive ? 'LT' : 'LE', to, from)
    : e.compare(exclusive ? 'GT' : 'GE', to, from);
  const sums = e.dot(x, e.convert(isIn, x.type), [[], []], [[axis], [1]]);
  const last = x.shape.length - 1;
  return e.transpose(
    sums,
    allAxes(last + 1).map((each) => (each < axis ? each : each === axis ? last : each - 1)),
  );
};

/** A window over each element and all before it, or after it. */
const cumulate =
  (reducer: 'add' | 'multiply'): Operator =>
  ({ x, attrs, out, emitter: e }) => {
    const rank = x.x.shape.length;
    const axis = axisOf(attrs.axis as number, rank);
    if (isSymbolic(x.x.shape[axis]) && reducer === 'add') return sumsBefore(e, x.x, axis, attrs);
    const [length] = known([x.x.shape[axis]], 'a running product');
    // An exclusive window ends one place early: the element after it is cut away.
    const ends = attrs.exclusive ? [length, -1] : [length - 1, 0];
    const along = <A>(value: A, others: A): A[] =>
      allAxes(rank).map((each) => (each === axis ? value : others));
    const padding = along(attrs.reverse ? [...ends].reverse() : ends, [0, 0]);
    const windows = { window: along(length, 1), padding };
    return length === 0 ? x.x : e.window(x.x, reducer, firstOf(reducer, x.x.type), windows, out.shape);
  };

/** Text that puts `%a` before `%b` in falling order: NaN first, the first of equal ones first. */
const isAbove = (type: ElementType): string => {
  const compare = (name: string, direction: string, a: string, b: string, kind: string): string =>
    `%${name} = stablehlo.compare ${direction}, %${a}, %${b}, ${kind} : (tensor<${type}>, tensor<${type}>) -> tensor<i1> `;
  if (type !== 'f32') return compare('above', 'GT', 'a', 'b', 'SIGNED');
  return (
    compare('larger', 'GT', 'a', 'b', 'FLOAT') +
    compare('odd', 'NE', 'a', 'a', 'FLOAT') +
    compare('plain', 'EQ', 'b', 'b', 'FLOAT') +
    '%first = stablehlo.and %odd, %plain : tensor<i1> %above = stablehlo.or %larger, %first : tensor<i1> '
  );
};

/** The largest elements of the last axis, in falling order. */
const topK: Operator = ({ x, attrs, node, emitter: e }) => {
  const { shape, type } = x.x;
  const last = shape.length - 1;
  const places = e.iota({ shape, type: 'i32' }, last);
  const scalars = [type, type, 'i32', 'i32'].map((each, i) => `%${'abcd'[i]}: tensor<${each}>`);
  const sorted = e.ops(
    `"stablehlo.sort"(${x.x.name}, ${places.name}) ({ ^bb0(${scalars.join(', ')}): ` +
      isAbove(type) +
      `stablehlo.return %above : tensor<i1> }) {dimension = ${last} : i64, is_stable = true}`,
    [x.x, places],
    [x.x, places],
  );
  const ends = [...shape.slice(0, -1), attrs.k as number];
  return sorted.map((each, i) =>
    e.slice(
      each,
      shape.map(() => 0),
      ends,
      node.outputs[i].shape,
    ),
  );
};

export const reductions: Operators = {
  Sum: reduce('add'),
  Max: reduce('maximum'),
  Min: reduce('minimum'),
  Prod: reduce('multiply'),
  All: reduce('and'),
  Any: reduce('or'),
  Mean: mean,
  ArgMax: place('maximum'),
  ArgMin: place('minimum'),
  Softmax: softmax,
  Cumsum: cumulate('add'),
  Cumprod: cumulate('multiply'),
  TopK: topK,
};
