/** Haiku's normalisations. */
import * as E from 'fp-ts/lib/Either.js';
import { batchNorm, batchNormConfig } from '../batchNorm.js';
import { exponentialMovingAverage, exponentialMovingAverageConfig } from '../exponentialMovingAverage.js';
import { groupNorm, groupNormConfig } from '../groupNorm.js';
import { instanceNorm, instanceNormConfig } from '../instanceNorm.js';
import { layerNorm, layerNormConfig } from '../layerNorm.js';
import { axesCodec } from '../norm.js';
import { emaParamsTree, emaParamsTreeConfig, snParamsTree, snParamsTreeConfig } from '../paramsTrees.js';
import { rmsNorm, rmsNormConfig } from '../rmsNorm.js';
import { spectralNorm, spectralNormConfig } from '../spectralNorm.js';
import { type Arguments, byDefault, insisted, only, renamed, unread, worked } from './arguments.js';
import { haikuClass } from './haikuClass.js';

const number = (text: string): number | undefined => (text === 'None' ? undefined : Number(text));

/** Axes as Python has them: a number, a list, or a slice in its own spelling, `slice(1, None)`. */
const axes = (python: string, option: string): Arguments =>
  worked(python, option, (value) => {
    if (axesCodec.is(value)) return E.right(value);
    const said = /^slice\((-?\d+|None), (-?\d+|None)(?:, None)?\)$/.exec(String(value));
    if (!said) return E.left('an axis, a list of axes or slice(from, to)');
    const [from = 0, to] = said.slice(1).map(number);
    return E.right(to === undefined ? { from } : { from, to });
  });

const affine = { create_scale: 'withScale', create_offset: 'withOffset' };
const initializers = byDefault('scale_init', 'offset_init');
const epsilon = renamed({ eps: 'epsilon' });
const channelsLast = only({ data_format: 'channels_last' });
const normalization: readonly Arguments[] = [insisted(renamed(affine)), epsilon, initializers];

export const normClasses = {
  'hk.LayerNorm': haikuClass(
    'layerNorm',
    layerNormConfig,
    [
      insisted(axes('axis', 'axes')),
      ...normalization,
      axes('param_axis', 'paramAxes'),
      unread('use_fast_variance'),
    ],
    layerNorm,
  ),
  'hk.RMSNorm': haikuClass(
    'rmsNorm',
    rmsNormConfig,
    [
      insisted(axes('axis', 'axes')),
      renamed({ create_scale: 'withScale' }),
      epsilon,
      byDefault('scale_init'),
      axes('param_axis', 'paramAxes'),
    ],
    rmsNorm,
  ),
  'hk.GroupNorm': haikuClass(
    'groupNorm',
    groupNormConfig,
    [renamed({ groups: 'groups', ...affine }), axes('axis', 'axes'), epsilon, initializers, channelsLast],
    groupNorm,
  ),
  'hk.InstanceNorm': haikuClass(
    'instanceNorm',
    instanceNormConfig,
    [...normalization, channelsLast],
    instanceNorm,
  ),
  'hk.BatchNorm': haikuClass(
    'batchNorm',
    batchNormConfig,
    [
      ...normalization,
      renamed({ decay_rate: 'decayRate' }),
      channelsLast,
      byDefault('axis', 'cross_replica_axis', 'cross_replica_axis_index_groups'),
    ],
    batchNorm,
  ),
  'hk.ExponentialMovingAverage': haikuClass(
    'exponentialMovingAverage',
    exponentialMovingAverageConfig,
    [renamed({ decay: 'decayRate', zero_debias: 'zeroDebias', warmup_length: 'warmupLength' })],
    exponentialMovingAverage,
  ),
  'hk.EMAParamsTree': haikuClass(
    'emaParamsTree',
    emaParamsTreeConfig,
    [
      renamed({
        decay: 'decayRate',
        zero_debias: 'zeroDebias',
        warmup_length: 'warmupLength',
        ignore_regex: 'ignoreRegex',
      }),
    ],
    emaParamsTree,
  ),
  'hk.SpectralNorm': haikuClass(
    'spectralNorm',
    spectralNormConfig,
    [renamed({ eps: 'epsilon', n_steps: 'numSteps' })],
    spectralNorm,
  ),
  'hk.SNParamsTree': haikuClass(
    'snParamsTree',
    snParamsTreeConfig,
    [renamed({ eps: 'epsilon', n_steps: 'numSteps', ignore_regex: 'ignoreRegex' })],
    snParamsTree,
  ),
};
