/**
 * ONNX models run by onnxruntime, and how far its numbers are from ours.
 */
import type * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { onnxBytes, type OnnxModel } from '../../../lib/onnx/index.js';

/** One thread: tests run beside each other. */
const options: ort.InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  logSeverityLevel: 3,
};

const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

const feedOf = (tensor: tf.Tensor): ort.Tensor => {
  const type = tensor.dtype as keyof typeof arrays;
  return new ort.Tensor(
    type as 'float32',
    arrays[type].from(tensor.dataSync()) as Float32Array,
    tensor.shape,
  );
};

/** A runtime's outputs by name. */
export interface Found {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** A model in a runtime, as a function of its inputs in their order. */
export const started = async (model: OnnxModel | Uint8Array | string) => {
  const source = typeof model === 'string' || model instanceof Uint8Array ? model : onnxBytes(model);
  const session = await ort.InferenceSession.create(source as Uint8Array, options);
  const run = async (inputs: readonly tf.Tensor[]): Promise<Readonly<Record<string, Found>>> => {
    const feeds = session.inputNames.map((name, i) => [name, feedOf(inputs[i])]);
    return (await session.run(Object.fromEntries(feeds))) as unknown as Readonly<Record<string, Found>>;
  };
  return { names: { inputs: session.inputNames, outputs: session.outputNames }, run };
};

/** Largest difference, as a share of the largest value; infinite where shapes differ. */
export const difference = ({ dims, data }: Found, expected: tf.Tensor): number => {
  if (dims.join() !== expected.shape.join()) return Infinity;
  const values = expected.dataSync();
  let [most, largest] = [0, 1e-9];
  for (let i = 0; i < values.length; i++) {
    const [a, b] = [Number(data[i]), Number(values[i])];
    if (Number.isNaN(a) !== Number.isNaN(b)) return Infinity;
    if (a !== b && !Number.isNaN(a)) most = Math.max(most, Math.abs(a - b));
    if (Number.isFinite(b)) largest = Math.max(largest, Math.abs(b));
  }
  return most / largest;
};
