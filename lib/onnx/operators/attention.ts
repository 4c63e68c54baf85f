/**
 * Attention, composed: scores, their softmax, what it weighs. ONNX has an operator for it since opset 23; on processors
 * onnxruntime takes as long with either, and holds all scores at once with both. Some queries at a time hold a part.
 */
import { isSymbolic, type Size } from '../../graph/size.js';
import { reshape } from './arrangement.js';
import { cast } from './elementwise.js';
import type { Operator, Operators, Written } from './operator.js';

/** Scores held at once, at most, for a batch of one: 32 M of them are 128 MB. */
const mostScores = 2 ** 25;

/** What a masked score is replaced by, as on our own engines. */
const maskedScore = -1e30;

/** [B, N, H, C] to [B, H, N, C] or, `isTurned`, to [B, H, C, N]. */
const byHead = ({ x, node, emitter }: Written, name: 'q' | 'k' | 'v', isTurned: boolean): string => {
  const [B, N, H, C] = node.inputs[name].shape;
  // Of one head nothing moves, and runtimes multiply by a transposed matrix without turning it.
  const heads =
    H === 1
      ? reshape(emitter, x[name], [B, N, H, C], [B, H, N, C])
      : emitter.op('Transpose', [x[name]], { perm: isTurned ? [0, 2, 3, 1] : [0, 2, 1, 3] });
  return H === 1 && isTurned ? emitter.op('Transpose', [heads], { perm: [0, 1, 3, 2] }) : heads;
};

/** How many queries each part has, where all scores together would be too many. */
const partsOf = ([, T, H]: readonly Size[], S: Size): readonly number[] | undefined => {
  if (isSymbolic(T) || isSymbolic(S) || isSymbolic(H)) return undefined;
  const parts = Math.ceil((T * H * S) / mostScores);
  if (parts <= 1) return undefined;
  const size = Math.ceil(T / parts);
  return Array.from({ length: Math.ceil(T / size) }, (_, i) => Math.min(size, T - i * size));
};

/** What queries [B, H, t, D] take from all keys and values, where the mask [B, 1, t, S] lets them: [B, H, t, E]. */
const attendTo = (
  { emitter }: Written,
  q: string,
  { k, v, mask }: { readonly k: string; readonly v: string; readonly mask?: string },
): string => {
  const scores = emitter.op('MatMul', [q, k]);
  if (mask === undefined) return emitter.op('MatMul', [emitter.op('Softmax', [scores], { axis: -1 }), v]);
  const masked = emitter.op('Where', [mask, scores, emitter.scalar(maskedScore)]);
  const out = emitter.op('MatMul', [emitter.op('Softmax', [masked], { axis: -1 }), v]);
  const counted = emitter.op('ReduceMax', [cast(emitter, mask, 'int32'), emitter.sizes([3])], {
    keepdims: 1,
  });
  return emitter.op('Mul', [out, cast(emitter, counted, 'float32')]);
};

const cut = ({ emitter }: Written, x: string, sizes: readonly number[]): string[] =>
  emitter.emit('Split', [x, emitter.sizes(sizes)], { axis: 2 }, sizes.length);

/** q [B, T, H, D], k [B, S, H, D], v [B, S, H, E], mask [B, T, S] to [B, T, H, E]. */
const attention: Operator = (kernel) => {
  const { x, attrs, node, emitter } = kernel;
  const [B, T, H, D] = node.inputs.q.shape as readonly [Size, Size, Size, number];
  const scale = (attrs.scale as number | undefined) ?? 1 / Math.sqrt(D);
  const to = node.outputs[0].shape;
  const scaled = emitter.op('Mul', [byHead(kernel, 'q', false), emitter.scalar(scale)]);
  const [k, v] = [byHead(kernel, 'k', true), byHead(kernel, 'v', false)];
  const mask = x.mask === undefined ? undefined : emitter.op('Unsqueeze', [x.mask, emitter.sizes([1])]);
  const sizes = partsOf(node.inputs.q.shape, node.inputs.k.shape[1]);
  const [queries, masks] = sizes
    ? [cut(kernel, scaled, sizes), mask && cut(kernel, mask, sizes)]
    : [[scaled], mask && [mask]];
  const parts = queries.map((q, i) => attendTo(kernel, q, { k, v, mask: masks?.[i] }));
  const whole = parts.length === 1 ? parts[0] : emitter.op('Concat', parts, { axis: 2 });
  return H === 1
    ? reshape(emitter, whole, [B, H, T, to[3]], to)
    : emitter.op('Transpose', [whole], { perm: [0, 2, 1, 3] });
};

export const attentions: Operators = { RengaAttention: attention };
