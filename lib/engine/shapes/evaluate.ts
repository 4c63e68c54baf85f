/**
 * One kernel on values, at once: for numbers that are needed while a program is read for its shapes. WebAssembly
 * computes them where it runs, else plain JavaScript.
 */
import * as tf from '@tensorflow/tfjs-core';
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import { isStarted } from '../wasm/start.js';
import { isOurs } from './withoutData.js';

/** A tensor's values, row-major; of a bool each element is 0 or 1. */
export interface Values {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly values: Float32Array | Int32Array | Uint8Array;
}

const arrayFor = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

const takeOut = ({ shape, dtype }: tf.TensorInfo, found: tf.BackendValues): Values => {
  const type = dtype as Values['dtype'];
  const values = found as Float32Array;
  return {
    shape,
    dtype: type,
    values: values instanceof arrayFor[type] ? values : arrayFor[type].from(values),
  };
};

/** A row of tensors has numbers for names; operations of our own take one, too. */
const asGiven = (
  kernel: string,
  entries: readonly (readonly [string, tf.TensorInfo])[],
): tf.NamedTensorInfoMap =>
  isOurs(kernel) || entries.every(([name], i) => name === String(i))
    ? (entries.map(([, info]) => info) as unknown as tf.NamedTensorInfoMap)
    : Object.fromEntries(entries);

/** On a backend of its own, so that what it holds is gone with it. */
const inPlainJavaScript = (kernel: string, inputs: Inputs, attrs: tf.NamedAttrMap): Values[] => {
  const backend = new MathBackendCPU();
  Object.assign(backend, { firstUse: false });
  const placed = Object.entries(inputs).map(
    ([name, { shape, dtype, values }]) => [name, backend.makeTensorInfo([...shape], dtype, values)] as const,
  );
  const config = tf.getKernel(kernel, 'cpu');
  if (!config) throw new Error(`plain JavaScript has no kernel ${kernel}`);
  const made = config.kernelFunc({ inputs: asGiven(kernel, placed), attrs, backend });
  return (Array.isArray(made) ? made : [made]).map((info) => takeOut(info, backend.readSync(info.dataId)));
};

const onEngine = (kernel: string, inputs: Inputs, attrs: tf.NamedAttrMap): Values[] => {
  const engine = tf.engine();
  engine.startScope();
  try {
    const placed = Object.entries(inputs).map(
      ([name, { shape, dtype, values }]) => [name, tf.tensor(values, [...shape], dtype)] as const,
    );
    const made = engine.runKernel(kernel, asGiven(kernel, placed) as unknown as tf.NamedTensorMap, attrs);
    return [made].flat().map((tensor) => takeOut(tensor as tf.Tensor, (tensor as tf.Tensor).dataSync()));
  } finally {
    engine.endScope();
  }
};

type Inputs = Readonly<Record<string, Values>>;

/** True where the engine computes in WebAssembly: results of graphics processors have to be awaited. */
const isInWasm = (): boolean => isStarted() && tf.getBackend() === 'wasm';

/** Tells kernels that can be evaluated: those of WebAssembly where it runs, or else of plain JavaScript. */
export const canEvaluate = (kernel: string): boolean =>
  tf.getKernel(kernel, isInWasm() ? 'wasm' : 'cpu') !== undefined;

/**
 * Runs a kernel on values.
 * @param inputs  by the kernel's names for them; numbered for kernels that take a row of them
 * @throws Error when there is no such kernel (see `canEvaluate`)
 */
export const evaluateKernel = (
  kernel: string,
  inputs: Inputs,
  attrs: Readonly<Record<string, unknown>>,
): Values[] => {
  const all = isOurs(kernel) ? { ...attrs, given: Object.keys(inputs) } : attrs;
  return (isInWasm() ? onEngine : inPlainJavaScript)(kernel, inputs, all as tf.NamedAttrMap);
};
