/** Operations that rearrange, join, cut and index. */
import * as tf from '@tensorflow/tfjs-core';
import { bools, floats, ints, smooth, stepwise, type Case } from './case.js';

type T = tf.Tensor;

const cube = floats([2, 3, 4]);
const matrix = floats([3, 4]);

export const arrangementCases: readonly Case[] = [
  smooth('reshape', [cube], (a: T) => tf.reshape(a, [4, -1])),
  smooth('reshape to a scalar', [floats([1, 1])], (a: T) => tf.reshape(a, [])),
  smooth('expandDims', [matrix], (a: T) => tf.expandDims(a, 1)),
  smooth('expandDims at the end', [matrix], (a: T) => tf.expandDims(a, -1)),
  smooth('squeeze', [floats([2, 1, 3])], (a: T) => tf.squeeze(a, [1])),
  smooth('transpose', [cube], (a: T) => tf.transpose(a, [2, 0, 1])),
  smooth('transpose of a matrix', [matrix], (a: T) => tf.transpose(a)),
  smooth('transpose of rank 6', [floats([1, 2, 1, 3, 2, 2])], (a: T) => tf.transpose(a, [0, 1, 3, 5, 2, 4])),
  smooth('concat along the last axis', [matrix, floats([3, 2])], (a: T, b: T) => tf.concat([a, b], -1)),
  smooth('concat along the first axis', [matrix, floats([1, 4])], (a: T, b: T) => tf.concat([a, b], 0)),
  smooth('concat of one', [matrix], (a: T) => tf.concat([a], 0)),
  smooth('stack', [matrix, floats([3, 4], 0, 1)], (a: T, b: T) => tf.stack([a, b], 1)),
  smooth('stack at the end', [matrix, floats([3, 4], 0, 1)], (a: T, b: T) => tf.stack([a, b], -1)),
  smooth('unstack', [cube], (a: T) => tf.unstack(a, 1)),
  smooth('unstack of which one part is used', [cube], (a: T) => tf.unstack(a, -1)[2]),
  smooth('split into equal parts', [cube], (a: T) => tf.split(a, 2, 2)),
  smooth('split into given sizes', [cube], (a: T) => tf.split(a, [1, 3], -1)),
  smooth('many parts by split', [floats([2, 13])], (a: T) => tf.split(a, 13, 1)),
  smooth('many parts by unstack', [floats([13, 2])], (a: T) => tf.unstack(a, 0)),
  smooth('many parts by concat', [floats([2, 3]), floats([2, 1])], (a: T, b: T) =>
    tf.concat(
      Array.from({ length: 13 }, (_, i) => (i % 2 ? a : b)),
      1,
    ),
  ),
  smooth('many parts by stack', [floats([2, 3]), floats([2, 3], 0, 1)], (a: T, b: T) =>
    tf.stack(
      Array.from({ length: 13 }, (_, i) => (i % 2 ? a : b)),
      1,
    ),
  ),
  smooth('many parts by addN', [floats([2, 3]), floats([2, 3], 0, 1)], (a: T, b: T) =>
    tf.addN(Array.from({ length: 13 }, (_, i) => (i % 2 ? a : b))),
  ),
  smooth('split of which one part is used', [cube], (a: T) => tf.split(a, [1, 2], 1)[1]),
  smooth('slice', [cube], (a: T) => tf.slice(a, [0, 1, 2], [2, -1, 1])),
  smooth('slice of the first axis', [cube], (a: T) => tf.slice(a, 1)),
  smooth('stridedSlice', [matrix], (a: T) => tf.stridedSlice(a, [0, 1], [3, 4], [2, 2])),
  smooth('stridedSlice backwards', [matrix], (a: T) => tf.stridedSlice(a, [2, 3], [0, 0], [-1, -2])),
  smooth('stridedSlice that drops an axis', [matrix], (a: T) =>
    tf.stridedSlice(a, [1, 0], [2, 4], [1, 3], 0, 0, 0, 0, 1),
  ),
  smooth('stridedSlice that turns an axis around', [matrix], (a: T) =>
    tf.stridedSlice(a, [0, 3], [3, 0], [2, -2], 0, 2),
  ),
  smooth('stridedSlice that adds an axis and keeps the rest', [floats([2, 3, 4])], (a: T) =>
    tf.stridedSlice(a, [0, 0, 1], [0, 0, 4], [1, 1, 2], 0, 0, 2, 1),
  ),
  smooth('stridedSlice of a part that is whole', [matrix], (a: T) =>
    tf.stridedSlice(a, [0, 1], [3, 3], [1, 1]),
  ),
  smooth('pad', [matrix], (a: T) =>
    tf.pad(
      a as tf.Tensor2D,
      [
        [1, 0],
        [0, 2],
      ],
      5,
    ),
  ),
  smooth('pad of rank 4', [floats([1, 2, 2, 1])], (a: T) =>
    tf.pad(a, [
      [0, 0],
      [1, 1],
      [0, 1],
      [2, 0],
    ]),
  ),
  smooth('mirrorPad, reflect', [matrix], (a: T) =>
    tf.mirrorPad(
      a,
      [
        [1, 2],
        [2, 0],
      ],
      'reflect',
    ),
  ),
  smooth('mirrorPad, symmetric', [matrix], (a: T) =>
    tf.mirrorPad(
      a,
      [
        [1, 2],
        [2, 1],
      ],
      'symmetric',
    ),
  ),
  smooth('tile', [floats([2, 3])], (a: T) => tf.tile(a, [2, 3])),
  smooth('tile of rank 5', [floats([1, 2, 1, 1, 2])], (a: T) => tf.tile(a, [2, 1, 2, 1, 2])),
  smooth('broadcastTo', [floats([3, 1])], (a: T) => tf.broadcastTo(a, [2, 3, 4])),
  smooth('reverse', [cube], (a: T) => tf.reverse(a, [0, 2])),
  smooth('gather along the first axis', [matrix], (a: T) => tf.gather(a, tf.tensor1d([2, 0, 2, 1], 'int32'))),
  smooth('gather of a matrix of indices', [floats([5, 2])], (a: T) =>
    tf.gather(
      a,
      tf.tensor2d(
        [
          [4, 0, 0],
          [1, 4, 2],
        ],
        [2, 3],
        'int32',
      ),
    ),
  ),
  smooth('gather along the last axis', [cube], (a: T) => tf.gather(a, tf.tensor1d([3, 3, 0], 'int32'), -1)),
  smooth('gather along the middle axis', [cube], (a: T) => tf.gather(a, tf.tensor1d([2, 0], 'int32'), 1)),
  smooth('gather of a scalar index', [cube], (a: T) => tf.gather(a, tf.scalar(1, 'int32'), 1)),
  smooth('gather with a batch', [cube], (a: T) =>
    tf.gather(
      a,
      tf.tensor2d(
        [
          [0, 2],
          [1, 1],
        ],
        [2, 2],
        'int32',
      ),
      1,
      1,
    ),
  ),
  smooth('gather along the axis after a batch', [matrix], (a: T) =>
    tf.gather(
      a,
      tf.tensor2d(
        [
          [0, 0, 1, 2],
          [2, 1, 0, 0],
          [1, 3, 3, 2],
        ].slice(0, a.shape[0]),
        undefined,
        'int32',
      ),
      1,
      1,
    ),
  ),
  smooth('gather with given indices', [matrix, ints([2], [1, 2])], (a: T, i: tf.Tensor1D) => tf.gather(a, i)),
  smooth('gatherND', [matrix], (a: T) =>
    tf.gatherND(
      a,
      tf.tensor2d(
        [
          [0, 1],
          [2, 3],
          [0, 1],
        ],
        [3, 2],
        'int32',
      ),
    ),
  ),
  smooth('gatherND of slices', [matrix], (a: T) => tf.gatherND(a, tf.tensor2d([[2], [0]], [2, 1], 'int32'))),
  smooth('scatterND', [floats([3])], (a: T) =>
    tf.scatterND(tf.tensor2d([[1], [3], [1]], [3, 1], 'int32'), a, [5]),
  ),
  stepwise('tensorScatterUpdate', [floats([5]), floats([2])], (a: T, u: T) =>
    tf.tensorScatterUpdate(a, tf.tensor2d([[1], [3]], [2, 1], 'int32'), u),
  ),
  smooth('unsortedSegmentSum', [floats([4, 2])], (a: T) =>
    tf.unsortedSegmentSum(a, tf.tensor1d([2, 0, 2, 1], 'int32'), 4),
  ),
  smooth('depthToSpace', [floats([1, 2, 2, 8])], (a: tf.Tensor4D) => tf.depthToSpace(a, 2)),
  smooth('spaceToBatchND', [floats([1, 3, 4, 1])], (a: T) =>
    tf.spaceToBatchND(
      a,
      [2, 2],
      [
        [1, 0],
        [0, 0],
      ],
    ),
  ),
  smooth('batchToSpaceND', [floats([4, 2, 2, 1])], (a: T) =>
    tf.batchToSpaceND(
      a,
      [2, 2],
      [
        [1, 0],
        [0, 0],
      ],
    ),
  ),
  smooth('diag', [floats([3])], (a: T) => tf.diag(a)),
  smooth('meshgrid', [floats([3]), floats([2])], (a: T, b: T) => tf.meshgrid(a, b)),
  smooth('matrix band', [floats([3, 3])], (a: T) => tf.linalg.bandPart(a, 1, 0)),
  smooth('space to depth by reshape and transpose', [floats([2, 4, 4, 3])], (a: T) =>
    tf.reshape(tf.transpose(tf.reshape(a, [2, 2, 2, 2, 2, 3]), [0, 1, 3, 2, 4, 5]), [2, 2, 2, 12]),
  ),
  stepwise('oneHot', [ints([2, 2], [0, 2, 1, 2])], (i: T) => tf.oneHot(i, 3)),
  stepwise('oneHot to other floats', [ints([3], [0, 2, 1])], (i: T) => tf.oneHot(i, 4, 0.5, -1, 'float32')),
  stepwise('reverse of booleans', [bools([2, 3], [1, 0, 0, 1, 1, 0])], (a: T) => tf.reverse(a, 1)),
  stepwise('where of booleans', [bools([3], [1, 0, 0]), bools([3], [0, 1, 1])], (a: T, b: T) =>
    tf.where(a, b, a),
  ),
  stepwise('oneHot to integers', [ints([3], [0, 2, 1])], (i: T) => tf.oneHot(i, 4, 5, -1, 'int32')),
  stepwise('fill', [], () => tf.fill([2, 3], 7)),
  stepwise('fill of integers', [], () => tf.fill([2], 7, 'int32')),
  stepwise('zeros', [], () => tf.zeros([2, 3])),
  stepwise('linspace', [], () => tf.linspace(-1, 1, 5)),
  stepwise('range', [], () => tf.range(1, 7, 2, 'int32')),
  stepwise('range down', [], () => tf.range(5, 1, -1)),
  stepwise('range of nothing', [], () => tf.range(5, 5)),
  stepwise('eye', [], () => tf.eye(3)),
  stepwise('gather of integers', [ints([3], [5, 6, 7])], (a: T) =>
    tf.gather(a, tf.tensor1d([2, 0], 'int32')),
  ),
  stepwise('concat of integers', [ints([2], [1, 2]), ints([1], [3])], (a: T, b: T) => tf.concat([a, b])),
  stepwise('reshape of booleans', [bools([4], [1, 0, 0, 1])], (a: T) => tf.reshape(a, [2, 2])),
  stepwise('where of integers', [ints([2], [1, 2]), ints([2], [3, 4])], (a: T, b: T) =>
    tf.where(tf.tensor1d([1, 0], 'bool'), a, b),
  ),
  stepwise('an empty slice', [matrix], (a: T) => tf.slice(a, [1, 0], [0, 4])),
  stepwise('concat with nothing', [matrix], (a: T) => tf.concat([tf.zeros([0, 4]), a])),
];
