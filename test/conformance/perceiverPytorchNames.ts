/**
 * The state dict of lucidrains' `Perceiver` (perceiver-pytorch) from a tree of the first Perceiver. That package has no
 * biases of queries, keys and values, one matrix for keys and values, and a gated MLP, `x · GELU(gates)`: with `x` of
 * ones it is the MLP of the paper.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { HostArray } from '../../lib/data/array.js';
import { type Params, toHostSync, toTensor } from '../../lib/data/leaf.js';
import { flatten } from '../../lib/data/tree.js';

/** Facts of the network that the tree is of. */
export interface Form {
  readonly numBlocks: number;
  readonly numSelfAttendsPerBlock: number;
  readonly shareWeights: boolean;
  /** True if our MLPs have gates, too: their first layer then has the values and the gates side by side. */
  readonly isGated: boolean;
  /** For each channel of their input, the number of ours. */
  readonly channels: readonly number[];
  /** The path of the layer norm before the logits, which the paper has not. */
  readonly headNorm?: string;
  /** The path of the layer that makes the logits. */
  readonly head: string;
}

/** The module at a number of its kind, as names are given: `mlp`, `mlp_1`, … */
const numbered = (name: string, n: number): string => (n === 0 ? name : `${name}_${n}`);

/**
 * The channels of positions: theirs lie dimension by dimension, sines, cosines, the position; ours are all positions,
 * all sines, all cosines.
 */
export const positionChannels = (numDims: number, numBands: number, start: number): readonly number[] =>
  Array.from({ length: numDims }, (_, dim) => {
    const sines = Array.from(
      { length: numBands },
      (_unused, band) => start + numDims + dim * numBands + band,
    );
    return [...sines, ...sines.map((channel) => channel + numDims * numBands), start + dim];
  }).flat();

type Named = Readonly<Record<string, tf.Tensor>>;

const prefixed = (prefix: string, named: Named): Named =>
  Object.fromEntries(Object.entries(named).map(([name, tensor]) => [`${prefix}.${name}`, tensor]));

/** Their tensors by name. */
const theirs = (params: Params, form: Form): Named => {
  const leaves = new Map(flatten(params));
  const at = (path: string): tf.Tensor => {
    const leaf = leaves.get(path);
    if (!leaf) throw new Error(`no parameter '${path}'`);
    return toTensor(leaf as HostArray);
  };
  const reordered = (x: tf.Tensor): tf.Tensor => tf.gather(x, [...form.channels], 0);
  const norm = (path: string, order = (x: tf.Tensor) => x): Named => ({
    weight: order(at(`${path}/scale`)),
    bias: order(at(`${path}/offset`)),
  });
  const linear = (path: string): Named => ({ weight: tf.transpose(at(`${path}/w`)), bias: at(`${path}/b`) });
  const attention = (path: string, order = (x: tf.Tensor) => x): Named => {
    const [keys, values] = ['linear_1', 'linear_2'].map((name) => order(at(`${path}/${name}/w`)));
    return {
      'to_q.weight': tf.transpose(at(`${path}/linear/w`)),
      'to_kv.weight': tf.transpose(tf.concat([keys, values], 1)),
      ...prefixed('to_out', linear(`${path}/linear_3`)),
    };
  };
  const gates = (path: string): Named => {
    const { weight, bias } = linear(path);
    if (form.isGated) return { weight, bias };
    return {
      weight: tf.concat([tf.zerosLike(weight), weight], 0),
      bias: tf.concat([tf.onesLike(bias), bias], 0),
    };
  };
  const mlp = (path: string): Named => ({
    ...prefixed('net.0', gates(`${path}/linear`)),
    ...prefixed('net.2', linear(`${path}/linear_1`)),
  });
  const cross = (path: string): Named => ({
    ...prefixed('cross_attn.norm', norm(`${path}/layer_norm`)),
    ...prefixed('cross_attn.norm_context', norm(`${path}/layer_norm_1`, reordered)),
    ...prefixed('cross_attn.fn', attention(`${path}/attention`, reordered)),
    ...prefixed('cross_ff.norm', norm(`${path}/layer_norm_2`)),
    ...prefixed('cross_ff.fn', mlp(`${path}/mlp`)),
  });
  const self = (path: string): Named => ({
    ...prefixed('0.norm', norm(`${path}/layer_norm`)),
    ...prefixed('0.fn', attention(`${path}/attention`)),
    ...prefixed('1.norm', norm(`${path}/layer_norm_1`)),
    ...prefixed('1.fn', mlp(`${path}/mlp`)),
  });
  const inEncoder = (name: string, n: number): string => `perceiver_encoder/~/${numbered(name, n)}`;
  const { numSelfAttendsPerBlock: depth, shareWeights } = form;
  const block = (i: number): Named =>
    Object.assign(
      {},
      cross(inEncoder('cross_attention', shareWeights ? Math.min(i, 1) : i)),
      ...Array.from({ length: depth }, (_, j) =>
        prefixed(`self_attns.${j}`, self(inEncoder('self_attention', (shareWeights ? 0 : i * depth) + j))),
      ),
    ) as Named;
  return {
    latents: at('perceiver_encoder/~/trainable_position_encoding/pos_embs'),
    ...(Object.assign(
      {},
      ...Array.from({ length: form.numBlocks }, (_, i) => prefixed(`layers.${i}`, block(i))),
    ) as Named),
    ...(form.headNorm !== undefined && prefixed('to_logits.1', norm(form.headNorm))),
    ...prefixed('to_logits.2', linear(form.head)),
  };
};

/** Their arrays by name. */
export const perceiverPytorchNames = (
  params: Params<HostArray>,
  form: Form,
): readonly (readonly [name: string, array: HostArray])[] => {
  const named = tf.tidy(() => theirs(params, form) as tf.NamedTensorMap);
  try {
    return Object.entries(named).map(([name, tensor]) => [name, toHostSync(tensor)] as const);
  } finally {
    tf.dispose(named);
  }
};
