/**
 * Programs read for their shapes alone: inside `withoutData` every tfjs operation computes the shape and dtype of
 * its result and nothing else, on a backend of its own named 'shapes'. No memory is touched, so a model of any
 * size goes through in milliseconds. Constants keep the values that they were made of.
 */
import * as tf from '@tensorflow/tfjs-core';
import { onBackend } from '../operations/onBackend.js';
import { tidy } from '../operations/tidy.js';
import { windowCompositions } from '../operations/windowCompositions.js';
import { normalized } from './normalized.js';
import { dataDependent, shapeKernels, type ShapeKernel, type Spec } from './index.js';

export type { Spec } from './index.js';

/** The name of the data-free backend in tfjs. */
const shapesBackend = 'shapes';

/** The error of reading values of a tensor that has only a shape and a dtype. */
export class NoDataError extends Error {
  override readonly name = 'NoDataError';
  constructor(
    message = 'this tensor has a shape and a dtype but no values, which its program does not know until it runs: ' +
      'a function that is traced, or read for its shapes, cannot decide by values; choose between results by tf.where',
  ) {
    super(message);
  }
}

/** A kernel that ran without data: what it was given, and the shapes of what it gave. */
export interface KernelCall {
  readonly kernel: string;
  /** By name; those of kernels that take a row of tensors are numbered. What was not given is left out. */
  readonly inputs: Readonly<Record<string, tf.TensorInfo>>;
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly outputs: readonly tf.TensorInfo[];
}

/** Tells kernels that are run as what they are composed of, by their names and the shapes of what they are given. */
export type IsComposed = (kernel: string, inputs: readonly Pick<tf.TensorInfo, 'shape'>[]) => boolean;

/** Sees the kernels of a program go by, in the order in which they run. */
interface KernelObserver {
  readonly onKernel: (call: KernelCall) => void;
  /** Kernels that are run as what they are composed of, so that `onKernel` sees those in their place; none if not given. */
  readonly isComposed?: IsComposed;
  /** A tensor is made of values. */
  readonly onValues?: () => void;
  /** A tensor's data has no owner any more. */
  readonly onFree?: (dataId: tf.DataId) => void;
}

/** The observer of the program that is being read; undefined for none. */
let observer: KernelObserver | undefined;

interface Held {
  readonly values: tf.BackendValues | null;
  refCount: number;
}

/** Keeps count of tensors, and the values of those that were made of values; copies nothing. */
class Shapes extends tf.KernelBackend {
  private readonly held = new Map<tf.DataId, Held>();

  override write(values: tf.BackendValues | null): tf.DataId {
    if (values !== null) observer?.onValues?.();
    const dataId = {};
    this.held.set(dataId, { values, refCount: 1 });
    return dataId;
  }

  override move(
    dataId: tf.DataId,
    values: tf.BackendValues,
    _s: number[],
    _d: string,
    refCount: number,
  ): void {
    this.held.set(dataId, { values, refCount });
  }

  override readSync(dataId: tf.DataId): tf.BackendValues {
    const values = this.held.get(dataId)?.values;
    if (!values) throw new NoDataError();
    return values;
  }

  override async read(dataId: tf.DataId): Promise<tf.BackendValues> {
    return this.readSync(dataId);
  }

  override disposeData(dataId: tf.DataId, force = false): boolean {
    const held = this.held.get(dataId);
    if (!held) return true;
    held.refCount -= 1;
    if (!force && held.refCount > 0) return false;
    observer?.onFree?.(dataId);
    return this.held.delete(dataId);
  }

  override incRef(dataId: tf.DataId): void {
    const held = this.held.get(dataId);
    if (held) held.refCount += 1;
  }

  override refCount = (dataId: tf.DataId): number => this.held.get(dataId)?.refCount ?? 0;
  override numDataIds = (): number => this.held.size;
  override floatPrecision = (): 32 => 32;
  override memory = (): { unreliable: boolean } => ({ unreliable: false });
  override timerAvailable = (): boolean => true;
  override dispose = (): void => this.held.clear();

  override async time(run: () => void): Promise<tf.BackendTimingInfo> {
    run();
    return { kernelMs: 0 };
  }
}

/** The tfjs kernel that a shape kernel stands for. Inputs are never read, so they stay on the backend they are on. */
const kernelOf = (kernelName: string, shapeOf: ShapeKernel): tf.KernelConfig => {
  const infer = shapeOf as (inputs: unknown, attrs: unknown) => Spec | Spec[];
  return {
    kernelName,
    backendName: shapesBackend,
    kernelFunc: ({ inputs, attrs: given, backend }) => {
      const attrs = normalized[kernelName]?.(inputs as never, given as never) ?? given;
      const empty = ({ shape, dtype }: Spec): tf.TensorInfo => ({
        dataId: (backend as Shapes).write(null),
        shape,
        dtype,
      });
      const isComposed = observer?.isComposed?.(kernelName, Object.values(givenOf(inputs)));
      const compose = isComposed ? compositions.get(kernelName) : undefined;
      if (compose) return tf.tidy(() => compose(inputs as never, attrs as never) as tf.Tensor);
      const out = infer(inputs, attrs);
      const outputs = Array.isArray(out) ? out.map(empty) : [empty(out)];
      try {
        observer?.onKernel({ kernel: kernelName, inputs: givenOf(inputs), attrs: { ...attrs }, outputs });
      } catch (error) {
        outputs.forEach(({ dataId }) => (backend as Shapes).disposeData(dataId));
        throw error;
      }
      return Array.isArray(out) ? outputs : outputs[0];
    },
  };
};

const givenOf = (inputs: unknown): Record<string, tf.TensorInfo> =>
  Object.fromEntries(
    Object.entries((inputs ?? {}) as Record<string, tf.TensorInfo | undefined>).filter(
      (entry): entry is [string, tf.TensorInfo] => !!entry[1],
    ),
  );

const refusal = (kernelName: string): tf.KernelConfig => ({
  kernelName,
  backendName: shapesBackend,
  kernelFunc: () => {
    throw new NoDataError(`the shape of ${kernelName}'s result depends on values, and there are none here`);
  },
});

/** A kernel computed by other kernels, from its inputs and attributes as tfjs hands them over. */
type Composition = (inputs: never, attrs: never) => tf.Tensor | readonly tf.Tensor[];

const compositions = new Map<string, Composition>(Object.entries(windowCompositions));

/** The composition of a kernel; undefined for kernels that are not composed of others. */
export const compositionOf = (kernelName: string): Composition | undefined => compositions.get(kernelName);

/** Says what a kernel is composed of. */
export const registerComposition = (kernelName: string, compose: Composition): void =>
  void compositions.set(kernelName, compose);

/** Shape kernels of operations of our own. */
const ours = new Map<string, ShapeKernel>();

const isThere = (): boolean => tf.engine().backendNames().includes(shapesBackend);

/** The backend, registered with its kernels when first asked for. */
const shapes = (): Shapes => {
  if (!isThere()) {
    // Priority 0: tfjs never chooses it by itself.
    tf.registerBackend(shapesBackend, () => new Shapes(), 0);
    [...Object.entries(shapeKernels), ...ours].forEach(([name, kernel]) =>
      tf.registerKernel(kernelOf(name, kernel)),
    );
    dataDependent.forEach((name) => tf.registerKernel(refusal(name)));
  }
  return tf.findBackend(shapesBackend) as Shapes;
};

/** A kernel of the data-free backend: from shapes, dtypes and attributes to those of the result. */
export const registerShape = (kernelName: string, shapeOf: ShapeKernel): void => {
  ours.set(kernelName, shapeOf);
  if (isThere()) tf.registerKernel(kernelOf(kernelName, shapeOf));
};

/** True for kernels whose result's shape is known without data. */
export const hasShape = (kernelName: string): boolean => kernelName in shapeKernels || ours.has(kernelName);

/** True for operations of our own, whose kernels get a row of tensors, and the names of these beside their attributes. */
export const isOurs = (kernelName: string): boolean => ours.has(kernelName);

/** True while a program is read for its shapes alone. */
export const isWithoutData = (): boolean => tf.engine().backendName === shapesBackend;

/** True if a program is read for its shapes alone and nobody writes down its kernels, so that no value is needed. */
export const isUnseen = (): boolean => isWithoutData() && observer === undefined;

/**
 * Runs a program for its shapes alone and disposes of the tensors that it made, but those in its result.
 *
 * Works before any engine was started, and nested. Tensors that a program closes over stay where they are.
 * @param run a synchronous program of tfjs operations
 * @param seen sees its kernels go by, but for those of programs nested in it
 * @throws NoDataError when the program reads a value that was not computed
 */
export const withoutData = <A>(run: () => A, seen?: KernelObserver): A => {
  const outer = observer;
  return onBackend(shapesBackend, shapes(), () => {
    observer = seen;
    try {
      const result = tidy(run);
      if (result instanceof Promise) throw new TypeError('withoutData: the program must be synchronous');
      return result;
    } finally {
      observer = outer;
    }
  });
};

/**
 * A tensor of a shape and a dtype with no data behind it.
 * @throws Error outside of `withoutData`
 */
export const emptyLike = (like: {
  readonly shape: readonly number[];
  readonly dtype: tf.DataType;
}): tf.Tensor => {
  if (!isWithoutData()) throw new Error('emptyLike: only inside withoutData(…) can a tensor have no data');
  const backend = shapes();
  const info = { dataId: backend.write(null), shape: [...like.shape], dtype: like.dtype };
  return tf.engine().makeTensorFromTensorInfo(info, backend);
};
