/**
 * Data that is addressed by position: batch n is a function of n and a key, so that a run can go on where it stopped,
 * whatever was read ahead. Each epoch has an order of its own; each example draws what is random about it from its epoch
 * and its number.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import { array, type HostArray, sizeOf, type TypedArray } from '../data/array.js';
import { isArray, isHostArray, isTensor } from '../data/leaf.js';
import { expectKnown } from '../data/nearest.js';
import { isPlain, mapNest } from '../data/nest.js';
import { sameShape, showShape } from '../data/shape.js';
import { kindOf } from '../data/weights.js';
import { foldIn, type Key, permutation } from '../random/index.js';
import { expectOptions, oneOf, wholeFrom1 } from './options.js';

/** Batches by position. */
export interface Data<B> {
  /** The number of batches in an epoch; undefined for data without end. */
  readonly length?: number;
  /** Batch n of a run, from 0; it goes on through the epochs. The same n and key give the same batch. */
  readonly at: (n: number, key: Key) => B | Promise<B>;
  /** False for data that can only be read from its beginning; true if not given. */
  readonly isResumable?: boolean;
  /**
   * The numbers that decide which examples batch n has, such as the size of batches, as JSON. They are kept with
   * checkpoints and compared on resuming; nothing is compared if not given.
   */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Called by the loop when a run ends, whatever ended it. */
  readonly close?: () => Promise<void>;
}

/** Examples by their number: nests of host arrays and nothing else, each array of one shape in all examples. */
export interface Examples<E> {
  readonly length: number;
  /** @param key  the key of the example's augmentation; another one in each epoch */
  readonly at: (index: number, key: Key) => E | Promise<E>;
}

/** The type of a field with `never` in the places of what is no host array. */
type Field<F> = F extends HostArray
  ? F
  : F extends string | number | boolean | bigint | null | undefined | ArrayBufferView | Tensor
    ? never
    : { readonly [K in keyof F]: Field<F[K]> };

/** The type of an example of which every field is a host array, or a nest of such; others do not compile. */
export type Arrays<E> = { readonly [K in keyof E]: Field<E[K]> };

/** Examples as one batch: the arrays have one more axis in front. */
export type Batched<E> = E & {
  /** 1 for an example, 0 for one that only fills the batch: [B]. */
  readonly exampleWeights: HostArray<'float32'>;
};

export interface BatchOptions {
  readonly batchSize: number;
  /** Orders each epoch anew; true if not given. */
  readonly shuffle?: boolean;
  /**
   * The examples that are left over at the end of an epoch: `drop` leaves them out, `pad` fills the batch with examples
   * of weight 0, so that every batch has one shape. A step and `evaluation` compute on the others alone. `drop` if not given.
   */
  readonly remainder?: 'drop' | 'pad';
}

/** The root of the keys of examples. It lies beyond every epoch, so that it is no key of an order. */
const exampleRoot = 0xffffffff;

/** The key that an example draws from in an epoch. */
export const exampleKey = (key: Key, epoch: number, index: number): Key =>
  foldIn(foldIn(foldIn(key, exampleRoot), epoch), index);

/** The order of an epoch: a permutation from `foldIn(key, epoch)`. */
export const epochOrder = (key: Key, epoch: number, length: number): Int32Array =>
  permutation(foldIn(key, epoch), length).data;

/** The arrays of an example by their fields. @throws TypeError for anything else in it */
const fieldsOf = (example: unknown, number: number): ReadonlyMap<string, HostArray> => {
  const refuse = (what: string): never => {
    throw new TypeError(`example ${number}${what}`);
  };
  if (typeof example !== 'object' || example === null || isArray(example))
    refuse(` is ${kindOf(example)}, expected host arrays by name, such as { x: float32([2], [1, 2]) }`);
  const fields = new Map<string, HostArray>();
  mapNest(example, isField, (field, path) => {
    const name = path.join('.');
    if (!isHostArray(field))
      refuse(`: '${name}' is ${shownField(field)}, expected a host array, such as ${likely(field)}`);
    fields.set(name, field as HostArray);
  });
  if (fields.size === 0) refuse(' has no arrays, expected some, such as { x: float32([2], [1, 2]) }');
  if (fields.has('exampleWeights'))
    refuse(": the name 'exampleWeights' is taken by the weights that batches give: take another one");
  return fields;
};

/** Tells where a nest of arrays ends: at arrays, and at what should be one. */
const isField = (part: unknown): part is unknown => {
  if (isArray(part)) return true;
  const isList = Array.isArray(part) && part.length > 0 && part.every((each) => typeof each === 'object');
  return !isList && !isPlain(part);
};

const shownField = (field: unknown): string => {
  if (isTensor(field)) return 'a tensor';
  if (ArrayBuffer.isView(field)) return `a ${field.constructor.name}`;
  return ['number', 'boolean', 'string'].includes(typeof field)
    ? `the ${typeof field} ${String(field)}`
    : kindOf(field);
};

/** The host array that somebody probably meant. */
const likely = (field: unknown): string => {
  if (isTensor(field)) return 'await toHost(tensor)';
  if (typeof field === 'number' || typeof field === 'boolean')
    return `${Number.isInteger(Number(field)) ? 'int32' : 'float32'}([], [${Number(field)}])`;
  const length = (field as { readonly length?: unknown } | null | undefined)?.length;
  return typeof length === 'number' && typeof field !== 'string'
    ? `float32([${length}], values)`
    : 'int32([], [1])';
};

/** One field of all examples as one array, with one more axis in front. */
const stack = (name: string, arrays: readonly HostArray[], numbers: readonly number[]): HostArray => {
  const [{ shape, dtype, data: first }] = arrays;
  const size = sizeOf(shape);
  const data = new (first.constructor as new (length: number) => TypedArray)(arrays.length * size);
  arrays.forEach((each, i) => {
    if (each.data.length !== sizeOf(each.shape))
      throw new RangeError(
        `example ${numbers[i]}: '${name}' is ${showShape(each.shape)} and has ${each.data.length} numbers, ` +
          `expected ${sizeOf(each.shape)}`,
      );
    if (!sameShape(each.shape, shape) || each.dtype !== dtype) {
      throw new RangeError(
        `example ${numbers[i]}: '${name}' is ${each.dtype} ${showShape(each.shape)}, expected ${dtype} ` +
          `${showShape(shape)}, as in example ${numbers[0]} of the same batch`,
      );
    }
    data.set(each.data as never, i * size);
  });
  return array([arrays.length, ...shape], dtype, data as never);
};

/** Examples as a batch; `numbers` are theirs in the data. */
const stacked = <E extends object>(
  examples: readonly E[],
  count: number,
  numbers: readonly number[],
): Batched<E> => {
  const fields = examples.map((example, i) => fieldsOf(example, numbers[i]));
  const [first] = fields;
  fields.forEach((own, i) => {
    const wrong =
      [...first.keys()].find((name) => !own.has(name)) ?? [...own.keys()].find((name) => !first.has(name));
    if (wrong === undefined) return;
    const [has, lacks] = own.has(wrong) ? [numbers[i], numbers[0]] : [numbers[0], numbers[i]];
    throw new RangeError(
      `example ${lacks} has no '${wrong}', which example ${has} of the same batch has: expected the same arrays in all`,
    );
  });
  const batch = mapNest(examples[0], isHostArray, (_, path) => {
    const name = path.join('.');
    return stack(
      name,
      fields.map((own) => own.get(name) as HostArray),
      numbers,
    );
  }) as E;
  const weights = Float32Array.from(examples, (_, i) => (i < count ? 1 : 0));
  return { ...batch, exampleWeights: array([examples.length], 'float32', weights) };
};

/**
 * Examples as a batch; the last ones of it, beyond `count`, have the weight 0.
 * @throws TypeError for what is no host array in an example; RangeError where examples are not alike, or there are none
 */
export const stackExamples = <E extends Arrays<E>>(
  examples: readonly E[],
  count = examples.length,
): Batched<E> => {
  if (examples.length === 0) throw new RangeError('stackExamples: found no examples, expected at least one');
  return stacked(examples, count, [...examples.keys()]);
};

/**
 * Examples in batches, shuffled anew in each epoch.
 * @throws RangeError where there are fewer examples than a batch has, and none are filled in
 * @example const data = batches({ length: images.length, at: (i) => images[i] }, { batchSize: 32 });
 */
export const batches = <E extends Arrays<E>>(
  examples: Examples<E>,
  options: BatchOptions,
): Data<Batched<E>> => {
  const { batchSize, shuffle = true, remainder = 'drop' } = options;
  expectKnown('batches', options, ['batchSize', 'shuffle', 'remainder']);
  expectOptions('batches', {
    batchSize: [batchSize, wholeFrom1],
    'the number of examples': [examples.length, wholeFrom1],
    remainder: [remainder, oneOf('drop', 'pad')],
  });
  const length = (remainder === 'drop' ? Math.floor : Math.ceil)(examples.length / batchSize);
  if (length === 0) {
    throw new RangeError(
      `${examples.length} examples make no batch of ${batchSize}: take a smaller batchSize, or remainder 'pad'`,
    );
  }
  let known: { readonly id: string; readonly order: Int32Array } | undefined;
  const orderOf = (key: Key, epoch: number): Int32Array => {
    const id = `${key.words.join()} ${key.mode} ${epoch}`;
    if (known?.id !== id) known = { id, order: epochOrder(key, epoch, examples.length) };
    return known.order;
  };
  const at = async (n: number, key: Key): Promise<Batched<E>> => {
    const epoch = Math.floor(n / length);
    const start = (n % length) * batchSize;
    const count = Math.min(batchSize, examples.length - start);
    const order = shuffle ? orderOf(key, epoch) : undefined;
    const indices = Array.from({ length: count }, (_, i) => (order ? order[start + i] : start + i));
    const read = await Promise.all(
      indices.map(async (index) => examples.at(index, exampleKey(key, epoch, index))),
    );
    const filling = Array.from({ length: batchSize - count }, () => count - 1);
    const all = [...read.keys(), ...filling];
    return stacked(
      all.map((i) => read[i]),
      count,
      all.map((i) => indices[i]),
    );
  };
  return { length, at, settings: { numExamples: examples.length, batchSize, shuffle, remainder } };
};

/**
 * Batches of all examples in their order, for evaluation; the last one is filled with examples of weight 0.
 * @throws RangeError where there are no examples
 */
export const inOrder = <E extends Arrays<E>>(examples: Examples<E>, batchSize: number): Data<Batched<E>> => {
  expectOptions('inOrder', { 'the number of examples': [examples.length, wholeFrom1] });
  return batches(examples, {
    batchSize: Math.min(batchSize, examples.length),
    shuffle: false,
    remainder: 'pad',
  });
};

/** Each batch of an epoch changed; `key` is one that batch n alone has. */
export const mapData = <A, B>(
  data: Data<A>,
  f: (batch: A, n: number, key: Key) => B | Promise<B>,
): Data<B> => ({
  ...data,
  at: async (n, key) => f(await data.at(n, key), n, foldIn(foldIn(key, exampleRoot - 1), n)),
});

/**
 * Batches of an iterable, one after the other. A run on them trains as any other, but its checkpoints are marked as not
 * resumable, because nobody can go back to where it was. The iterator is returned when the run ends, as by `for await`.
 * @throws Error where a batch is asked for out of order, or after the last one
 */
export const streamed = <B>(iterable: AsyncIterable<B> | Iterable<B>): Data<B> => {
  if (typeof iterable !== 'object' || !(Symbol.asyncIterator in iterable || Symbol.iterator in iterable))
    throw new TypeError(`streamed: found ${typeof iterable}, expected an iterable of batches`);
  const iterator =
    Symbol.asyncIterator in iterable ? iterable[Symbol.asyncIterator]() : iterable[Symbol.iterator]();
  let first: number | undefined;
  let next = 0;
  let last: Promise<unknown> = Promise.resolve();
  let reading = 0;
  const at = async (n: number): Promise<B> => {
    first ??= n;
    if (n - first !== next)
      throw new Error(`a stream gives batch ${first + next} next, and was asked for batch ${n}`);
    next++;
    reading++;
    const own = last.then(() => iterator.next());
    last = own.catch(() => undefined).then(() => void reading--);
    const { done, value } = await own;
    if (done) throw new EndOfData(n);
    return value as B;
  };
  const close = async (): Promise<void> => {
    // A batch that is on its way may never come: the run's end does not wait for it.
    const closed = last.then(() => iterator.return?.());
    if (reading === 0) await closed;
    else closed.catch(() => undefined);
  };
  return { at, isResumable: false, close };
};

/** Data that ended before the run did. */
export class EndOfData extends Error {
  override readonly name = 'EndOfData';
  constructor(readonly batch: number) {
    super(`the data ended: there is no batch ${batch}`);
  }
}

/**
 * Batches from a position on, read ahead while others are computed on.
 * @param ahead  batches that are being read at once, 1 or more
 */
export const readAhead = <B>(data: Data<B>, key: Key, from: number, ahead: number): (() => Promise<B>) => {
  const pending: Promise<B>[] = [];
  let next = from;
  const fill = (): void => {
    while (pending.length < ahead) {
      const n = next++;
      const read = (async () => data.at(n, key))();
      // Whoever takes the batch meets its error; until then it is nobody's.
      read.catch(() => undefined);
      pending.push(read);
    }
  };
  fill();
  return () => {
    const taken = pending.shift() as Promise<B>;
    fill();
    return taken;
  };
};
