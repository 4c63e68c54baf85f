/**
 * The programs' operations as the library has them: tfjs's, with the library's kernels behind them, and its primitives.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { layerNorm } from '../../lib/engine/index.js';
import { attend } from '../../modules/attend.js';
import { fourierFeatures, gridPositions } from '../../modules/fourierPosition.js';
import { affine } from '../../modules/linear.js';
import { lookUp } from '../../modules/embed.js';
import { gelu, geluExact } from '../../modules/mlp.js';
import { baselineOps } from '../baseline/ops.js';
import type { Ops } from '../ops.js';

/** @param param  where trained arrays come from */
export const rengaOps = (param: Ops<tf.Tensor>['param']): Ops<tf.Tensor> => ({
  ...baselineOps(param),
  gelu,
  geluExact,
  layerNorm: (x, scale, offset) => layerNorm({ x, scale, offset }, { epsilon: 1e-5 }),
  affine,
  attend: (q, k, v, mask, isCausal) => attend(q, k, v, isCausal ? { causal: true } : { mask }),
  lookUp,
  fourier: ({ indexDims, ...features }) => fourierFeatures(gridPositions(indexDims), features),
});
