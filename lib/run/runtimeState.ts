/**
 * States of training that a runtime holds between compiled steps, and the memory that outputs of steps are written to. A step
 * writes the next state to the arrays of the state before the last one, so that no memory is asked for and nothing is copied.
 */
import { array, type HostArray, sizeOf } from '../data/array.js';
import { isArray, isTensor, type Leaf, tensorType, toTensor } from '../data/leaf.js';
import { mapNest } from '../data/nest.js';
import { own } from '../engine/index.js';
import { isKey } from '../graph/traceFunction.js';
import type { Key } from '../random/index.js';
import { type OnnxRuntime, runtimeTensor, type RuntimeTensor, type RuntimeType } from './onnxruntime.js';

type Path = readonly (string | number)[];

/** An array or a random key: the parts of states and batches that become inputs. */
export type Part = Leaf | Key;

export const isPart = (part: unknown): part is Part => isKey(part) || isArray(part);

/** One text for a path in a nest. */
export const keyOf = (path: Path): string => path.join('\n');

/** The words of random keys are int32 in the graph. */
export const isWords = ({ dtype }: Leaf): boolean => (dtype as string) === 'uint32';

/** The type of a part in the graph. */
export const typeOf = (part: Part): RuntimeType =>
  isKey(part) || isWords(part) ? 'int32' : tensorType(part as HostArray);

/** True for tensors in a graphics processor's memory, which nobody but their owner frees. */
const isOnDevice = ({ location }: RuntimeTensor): boolean => location === 'gpu-buffer';

type Numbers = Float32Array | Int32Array | Uint8Array;

const arrayOf = (type: RuntimeType, length: number): Numbers => {
  if (type === 'float32') return new Float32Array(length);
  return type === 'int32' ? new Int32Array(length) : new Uint8Array(length);
};

/** Arrays in the processor's memory that outputs are written to, used again once they are free. */
export class OutputMemory {
  private readonly free = new Map<string, RuntimeTensor[]>();
  private readonly own = new WeakSet<RuntimeTensor>();
  private readonly lenders = new WeakMap<RuntimeTensor, Set<RuntimeTensor>>();

  /** Notes a tensor in a graphics processor's memory among those that its program has lent, until it is given back. */
  lend(tensor: RuntimeTensor, lent: Set<RuntimeTensor>): void {
    if (!isOnDevice(tensor)) return;
    lent.add(tensor);
    this.lenders.set(tensor, lent);
  }

  /** An array for an output; undefined where the runtime has to make it, as all but onnxruntime-node do. */
  take(runtime: OnnxRuntime, type: RuntimeType, shape: readonly number[]): RuntimeTensor | undefined {
    if (runtime.env.versions.node === undefined || shape.includes(0)) return undefined;
    const known = this.free.get(`${type} ${shape}`)?.pop();
    if (known) return known;
    const made = runtimeTensor(runtime, type, shape, arrayOf(type, sizeOf(shape))) as RuntimeTensor;
    this.own.add(made);
    return made;
  }

  /** Takes a tensor back that nobody reads any more; one in a graphics processor's memory is freed. */
  give(tensor: RuntimeTensor): void {
    if (isOnDevice(tensor)) {
      this.lenders.get(tensor)?.delete(tensor);
      return tensor.dispose?.();
    }
    if (!this.own.has(tensor)) return;
    const key = `${tensor.type} ${tensor.dims}`;
    this.free.set(key, [...(this.free.get(key) ?? []), tensor]);
  }
}

/** The numbers of tensors, one behind the other: a copy. */
const joined = async (tensors: readonly RuntimeTensor[]): Promise<Numbers> => {
  const parts = (await Promise.all(
    tensors.map((tensor) => (isOnDevice(tensor) ? tensor.getData?.() : tensor.data)),
  )) as Numbers[];
  if (parts.length === 1) return parts[0].slice();
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
};

/** A state that a compiled step has returned: its arrays are the runtime's. */
export class RuntimeState<S> {
  private isFreed = false;

  constructor(
    /** The first state, of which the structure and the shapes are used. */
    readonly like: S,
    /** By the paths that lead to them; packed leaves are in parts. */
    readonly tensors: ReadonlyMap<string, readonly RuntimeTensor[]>,
    private readonly memory: OutputMemory,
  ) {}

  private expectAlive(): void {
    if (this.isFreed)
      throw new Error(
        'the state was freed, by its owner or by the step that it was handed to; read it before',
      );
  }

  /**
   * The state as the step itself takes it: tensors where the first state had tensors, else host arrays. It belongs to the
   * step that it is handed to, compiled or not.
   * @throws Error where its arrays were freed
   */
  async read(): Promise<S> {
    this.expectAlive();
    const entries = [...this.tensors].map(async ([path, parts]) => [path, await joined(parts)] as const);
    const read = new Map(await Promise.all(entries));
    const state = mapNest(this.like, isPart, (leaf, path) => {
      const data = read.get(keyOf(path)) as Numbers;
      if (isKey(leaf)) return { mode: leaf.mode, words: [...Uint32Array.from(data as Int32Array)] };
      const { shape } = leaf;
      if (isWords(leaf)) return array(shape, 'uint32', Uint32Array.from(data as Int32Array));
      const host = array(shape, typeOf(leaf), data as never) as HostArray;
      return isTensor(leaf) ? toTensor(host) : host;
    }) as S & object;
    return own(state, state);
  }

  /** Hands the arrays to a step, or back where the step failed. @throws Error where they were freed */
  hand(isHanded: boolean): void {
    if (isHanded) this.expectAlive();
    this.isFreed = isHanded;
  }

  /** Frees the arrays, but for those that go on as parts of another state. */
  free(kept: ReadonlySet<RuntimeTensor>): void {
    for (const tensor of [...this.tensors.values()].flat()) if (!kept.has(tensor)) this.memory.give(tensor);
    this.isFreed = true;
  }

  /** Frees the arrays; the state cannot be read any more. */
  dispose(): void {
    if (!this.isFreed) this.free(new Set());
  }
}
