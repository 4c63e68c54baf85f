/**
 * Common parts of engines on tfjs: inputs and trained arrays as tensors that stay, runs that leave nothing, and the
 * largest sum of live tensors. Works with whichever copy of tfjs it is handed.
 */
import type * as tf from '@tensorflow/tfjs-core';
import type { Prepared } from './engine.js';
import { paramValues } from './fill.js';
import { inputValues } from './inputs.js';
import type { Ops, Shape } from './ops.js';
import { profile } from './profile.js';
import type { InputSpec } from './work.js';

type Tfjs = typeof tf;

/** Trained arrays by name, uploaded when first asked for and never freed. */
export const keptParams = (tfjs: Tfjs): Ops<tf.Tensor>['param'] => {
  const kept = new Map<string, tf.Tensor>();
  return (path: string, leaf: string, shape: Shape) => {
    const name = `${path}/${leaf}`;
    const known = kept.get(name);
    if (known) return known;
    const tensor = tfjs.keep(tfjs.tensor(paramValues(path, leaf, shape), [...shape]));
    kept.set(name, tensor);
    return tensor;
  };
};

export const inputTensor = (tfjs: Tfjs, input: InputSpec): tf.Tensor =>
  tfjs.keep(tfjs.tensor(inputValues(input), [...input.shape], input.kind === 'ids' ? 'int32' : 'float32'));

/** Sums the bytes of tensors' data as they come and go; aliases of the same data count once. */
const watchData = (tfjs: Tfjs): { readonly most: () => number; readonly stop: () => void } => {
  const { tensorInfo } = tfjs.engine().state;
  const [set, remove] = [tensorInfo.set, tensorInfo.delete];
  let [now, most] = [0, 0];
  const sizes = new WeakMap<object, number>();
  tensorInfo.set = function (id, info) {
    const bytes = tfjs.util.sizeFromShape(info.shape) * tfjs.util.bytesPerElement(info.dtype);
    if (!tensorInfo.has(id)) sizes.set(id, bytes);
    if (!tensorInfo.has(id)) now += bytes;
    most = Math.max(most, now);
    return set.call(this, id, info);
  };
  tensorInfo.delete = function (id) {
    now -= sizes.get(id) ?? 0;
    return remove.call(this, id);
  };
  return { most: () => most, stop: () => Object.assign(tensorInfo, { set, delete: remove }) };
};

/**
 * A synchronous program of tfjs operations, made ready. Trained arrays may come with its first run; every run is
 * watched, so that nothing has to be run again to tell of it.
 * @param settle waits until the last kernel is done, for engines whose kernels return before
 */
export const preparedTensors = (
  tfjs: Tfjs,
  program: () => readonly tf.Tensor[],
  settle: () => void = () => undefined,
): Prepared => {
  let most = 0;
  const watched = (): tf.Tensor[] => {
    const watch = watchData(tfjs);
    try {
      return tfjs.tidy(() => [...program()]);
    } finally {
      watch.stop();
      most = watch.most();
    }
  };
  return {
    run: () => {
      tfjs.dispose(watched());
      settle();
    },
    outputs: async () => {
      const outputs = watched();
      const values = outputs.map((output) => Float32Array.from(output.dataSync()));
      tfjs.dispose(outputs);
      return values;
    },
    live: () => most,
    profile: async () => profile(tfjs, () => tfjs.dispose(tfjs.tidy(() => [...program()])), settle),
  };
};
