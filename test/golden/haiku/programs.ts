/**
 * Haiku's programs, transcribed by hand. Sizes come from the case's arguments in `index.json` or from the inputs; where
 * Python constructs a module before it calls it, the transcription declares it first.
 */
import * as tf from '@tensorflow/tfjs-core';
import { orthogonal, randomNormal, truncatedNormal } from '../../../lib/language/initializers.js';
import { batchApply } from '../../../modules/batchApply.js';
import { batchNorm } from '../../../modules/batchNorm.js';
import { bias } from '../../../modules/bias.js';
import { groupNorm } from '../../../modules/groupNorm.js';
import { layerNorm } from '../../../modules/layerNorm.js';
import { linear } from '../../../modules/linear.js';
import { exponentialMovingAverage } from '../../../modules/exponentialMovingAverage.js';
import type { Golden, IndexEntry } from '../case.js';
import type { Check } from '../compare.js';
import type { Inputs, Program } from '../program.js';

/** A program and the inputs of its calls. */
export type Transcription = Pick<Program, 'layer' | 'inputsAt'>;

/** Initializers and paddings of classes, which are functions in Python, by the case's name. */
export const initializers: Readonly<Record<string, object>> = {
  'linear-inits': { wInit: orthogonal({ scale: 0.7 }), bInit: truncatedNormal({ stddev: 0.2 }) },
  'bias-first': { bInit: randomNormal() },
  'conv1d-causal': { padding: 'CAUSAL' },
};

/** The n-th call gets n times the inputs. */
const timesN = (inputs: Inputs, n: number): Inputs =>
  Object.fromEntries(Object.entries(inputs).map(([name, x]) => [name, tf.mul(x, n)]));

const average = ({ config }: IndexEntry): Transcription => ({
  layer: (s, { x }) =>
    exponentialMovingAverage({
      decayRate: config.decay as number,
      zeroDebias: config.zero_debias as boolean | undefined,
      warmupLength: config.warmup_length as number | undefined,
    })(s, x),
  inputsAt: timesN,
});

/** Programs by the case's name. */
export const programs: Readonly<Record<string, (entry: IndexEntry) => Transcription>> = {
  'group-norm-given': ({ config }) => ({
    layer: (s, { x, scale, offset }) =>
      s
        .declare(groupNorm({ groups: config.groups as number, withScale: false, withOffset: false }))
        .affine(x, { scale, offset }),
  }),
  'layer-norm-given': () => ({
    layer: (s, { x, scale, offset }) =>
      s.declare(layerNorm({ withScale: false, withOffset: false })).affine(x, { scale, offset }),
  }),
  'batch-norm-local-stats': ({ config, call }) => ({
    layer: (s, { x }) =>
      batchNorm({ decayRate: config.decay_rate as number, withScale: false })(s, x, {
        useBatchStatistics: call?.test_local_stats as boolean,
      }),
  }),
  'bias-last': ({ config, call }) => ({
    layer: (s, { x }) => bias({ biasDims: config.bias_dims as number[] })(s, x, call?.multiplier as number),
  }),
  'batch-apply': () => ({ layer: (s, { x }) => batchApply(linear(3))(s, x) }),
  ema: average,
  'ema-no-debias': average,
  'ema-warm-up': average,
};

/** Cases that are no program on inputs. */
export const checks: Readonly<Record<string, (golden: Golden, entry: IndexEntry) => Check[]>> = {};
