/**
 * Kernels that look up and put down by indices.
 */
import type { Size } from '../../graph/size.js';
import type { Emitter } from '../emitter.js';
import { dataTypes } from '../tensor.js';
import { axisOf, type Operator, type Operators } from './operator.js';
import { UnsupportedError } from '../../graph/unsupportedError.js';

/** Indices as most operators want them. */
const wide = (emitter: Emitter, indices: string): string =>
  emitter.op('Cast', [indices], { to: dataTypes.int64 });

const gather: Operator = ({ x, attrs, node, emitter }) => {
  const axis = axisOf((attrs.axis as number) ?? 0, node.inputs.x.shape.length);
  const batchDims = (attrs.batchDims as number | undefined) ?? 0;
  if (batchDims === 0) return emitter.op('Gather', [x.x, x.indices], { axis });
  if (axis !== batchDims)
    throw new UnsupportedError('gathering along another axis than that after the batch');
  const places = emitter.op('Unsqueeze', [wide(emitter, x.indices), emitter.sizes([-1])]);
  return emitter.op('GatherND', [x.x, places], { batch_dims: batchDims });
};

/** True where an index is the place along a last axis of its own. */
const oneHot: Operator = ({ x, attrs, node, emitter }) => {
  const { depth, onValue, offValue } = attrs as { depth: number; onValue: number; offValue: number };
  const places = emitter.numbers([...Array(depth).keys()], 'int32');
  const isThere = emitter.op('Equal', [emitter.op('Unsqueeze', [x.indices, emitter.sizes([-1])]), places]);
  const { dtype } = node.outputs[0];
  return emitter.op('Where', [isThere, emitter.scalar(onValue, dtype), emitter.scalar(offValue, dtype)]);
};

/** Adds updates up where indices say, on zeros. */
const addUp = (
  emitter: Emitter,
  { indices, updates }: { readonly indices: string; readonly updates: string },
  { shape, dtype }: { readonly shape: readonly Size[]; readonly dtype: 'float32' | 'int32' | 'bool' },
): string => {
  const zeros = emitter.op('Expand', [emitter.scalar(0, dtype), emitter.sizes(shape)]);
  return emitter.op('ScatterND', [zeros, wide(emitter, indices), updates], { reduction: 'add' });
};

export const indexing: Operators = {
  GatherV2: gather,
  OneHot: oneHot,
  GatherNd: ({ x, emitter }) => emitter.op('GatherND', [x.params, wide(emitter, x.indices)]),
  ScatterNd: ({ x, node, emitter }) =>
    addUp(emitter, { indices: x.indices, updates: x.updates }, node.outputs[0]),
  TensorScatterUpdate: ({ x, emitter }) =>
    emitter.op('ScatterND', [x.tensor, wide(emitter, x.indices), x.updates]),
  UnsortedSegmentSum: ({ x, node, emitter }) => {
    const indices = emitter.op('Unsqueeze', [x.segmentIds, emitter.sizes([-1])]);
    return addUp(emitter, { indices, updates: x.x }, node.outputs[0]);
  },
};
