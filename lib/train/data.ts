/**
 * Data that is addressed by position: batch n is a function of n and a key, so that a run can go on where it stopped,
 * whatever was read ahead. Each epoch has an order of its own; each example draws what is random about it from its epoch
 * and its number.
 */
import { array, type HostArray, sizeOf, type TypedArray } from '../data/array.js';
import { isHostArray } from '../data/leaf.js';
import { expectKnown } from '../data/nearest.js';
import { mapNest, partsOf } from '../data/nest.js';
import { sameShape, showShape } from '../data/shape.js';
import { foldIn, type Key, permutation } from '../random/index.js';
import { expectOptions, oneOf } from './options.js';

/** Batches by position. */
export interface Data<B> {
  /** The number of batches in an epoch; undefined for data without end. */
  readonly length?: number;
  /** Batch n of a run, from 0; it goes on through the epochs. The same n and key give the same batch. */
  readonly at: (n: number, key: Key) => Promise<B>;
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

/** Examples by their number: nests of host arrays, each of one shape in all examples. */
export interface Examples<E> {
  readonly length: number;
  /** @param key  the key of the example's augmentation; another one in each epoch */
  readonly at: (index: number, key: Key) => E | Promise<E>;
}

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
   * of weight 0, so that every batch has one shape. `drop` if not given.
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

/** Arrays of one shape as one array, with one more axis in front. */
const stack = (arrays: readonly HostArray[]): HostArray => {
  const [{ shape, dtype }] = arrays;
  const size = sizeOf(shape);
  const { data: first } = arrays[0];
  const data = new (first.constructor as new (length: number) => TypedArray)(arrays.length * size);
  arrays.forEach((each, i) => {
    if (!sameShape(each.shape, shape) || each.dtype !== dtype) {
      throw new RangeError(
        `examples of one batch have arrays of ${dtype} ${showShape(shape)} and ${each.dtype} ${showShape(each.shape)}; ` +
          'they must be alike',
      );
    }
    data.set(each.data as never, i * size);
  });
  return array([arrays.length, ...shape], dtype, data as never);
};

/** Examples as a batch; the last ones of it, beyond `count`, have the weight 0. */
export const stackExamples = <E extends object>(
  examples: readonly E[],
  count = examples.length,
): Batched<E> => {
  const columns = examples.map((example) => partsOf(example, isHostArray));
  let next = 0;
  const stacked = mapNest(examples[0], isHostArray, () => {
    const column = next++;
    return stack(columns.map((arrays) => arrays[column]));
  }) as E;
  const weights = Float32Array.from(examples, (_, i) => (i < count ? 1 : 0));
  return { ...stacked, exampleWeights: array([examples.length], 'float32', weights) };
};

const expectCount = (name: string, value: number): void => {
  if (!Number.isInteger(value) || value < 1)
    throw new RangeError(`${name} is ${value}, expected an integer above 0`);
};

/**
 * Examples in batches, shuffled anew in each epoch.
 * @throws RangeError where there are fewer examples than a batch has, and none are filled in
 * @example const data = batches({ length: images.length, at: (i) => images[i] }, { batchSize: 32 });
 */
export const batches = <E extends object>(examples: Examples<E>, options: BatchOptions): Data<Batched<E>> => {
  const { batchSize, shuffle = true, remainder = 'drop' } = options;
  expectKnown('batches', options, ['batchSize', 'shuffle', 'remainder']);
  expectCount('batchSize', batchSize);
  expectCount('the number of examples', examples.length);
  expectOptions('batches', { remainder: [remainder, oneOf('drop', 'pad')] });
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
    const filling = Array.from({ length: batchSize - count }, () => read[count - 1]);
    return stackExamples([...read, ...filling], count);
  };
  return { length, at, settings: { numExamples: examples.length, batchSize, shuffle, remainder } };
};

/**
 * Batches of all examples in their order, for evaluation; the last one is filled with examples of weight 0.
 * @throws RangeError where there are no examples
 */
export const inOrder = <E extends object>(examples: Examples<E>, batchSize: number): Data<Batched<E>> => {
  expectCount('the number of examples', examples.length);
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
      const read = data.at(next++, key);
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
