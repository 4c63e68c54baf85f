/**
 * Haiku's programs, transcribed by hand. Sizes come from the case's arguments in `index.json` or from the inputs; where
 * Python constructs a module before it calls it, the transcription declares it first.
 */
import * as tf from '@tensorflow/tfjs-core';
import { flatten, type Tree } from '../../../lib/data/tree.js';
import {
  constant,
  orthogonal,
  randomNormal,
  randomUniform,
  truncatedNormal,
  varianceScaling,
} from '../../../lib/language/initializers.js';
import type { Module } from '../../../lib/language/scope.js';
import { batchApply } from '../../../modules/batchApply.js';
import { batchNorm } from '../../../modules/batchNorm.js';
import { bias } from '../../../modules/bias.js';
import { groupNorm } from '../../../modules/groupNorm.js';
import { gru } from '../../../modules/gru.js';
import { layerNorm } from '../../../modules/layerNorm.js';
import { lstm } from '../../../modules/lstm.js';
import { netsMlp } from '../../../modules/netsMlp.js';
import { emaParamsTree, snParamsTree } from '../../../modules/paramsTrees.js';
import {
  type RecurrentCore,
  type RecurrentState,
  type RecurrentStep,
  unroll,
  type UnrollOptions,
} from '../../../modules/recurrent.js';
import { spectralNorm } from '../../../modules/spectralNorm.js';
import { vanillaRnn } from '../../../modules/vanillaRnn.js';
import { linear } from '../../../modules/linear.js';
import { exponentialMovingAverage } from '../../../modules/exponentialMovingAverage.js';
import type { Golden, IndexEntry } from '../case.js';
import type { Check } from '../compare.js';
import type { Inputs, Program } from '../program.js';

/** A program and the inputs of its calls. */
export type Transcription = Pick<Program, 'layer' | 'inputsAt'>;

/** Cases whose state begins in training, whatever the mode of the calls that follow. */
export const isInitTraining: readonly string[] = ['vector-quantizer-ema-train-false'];

/** Initializers and paddings of classes, which are functions in Python, by the case's name. */
export const initializers: Readonly<Record<string, object>> = {
  'multi-head-attention-no-bias': { wInit: randomNormal({ stddev: 0.2 }) },
  'multi-head-attention-b-init': {
    wInit: truncatedNormal({ stddev: 0.3 }),
    bInit: randomUniform({ min: -0.1, max: 0.1 }),
  },
  'linear-inits': { wInit: orthogonal({ scale: 0.7 }), bInit: truncatedNormal({ stddev: 0.2 }) },
  'bias-first': { bInit: randomNormal() },
  'conv1d-causal': { padding: 'CAUSAL' },
};

/** The numbers that a case's program tells in words, where a pattern's group stands. */
const numbersIn = (program = '', pattern: RegExp): readonly number[] => {
  const said = pattern.exec(program);
  if (!said) throw new Error(`the program '${program}' does not match ${String(pattern)}`);
  return said[1].split(',').map(Number);
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

/** A recurrent core over a sequence; its states are outputs by number, in the order of their names. */
const unrolled =
  <S extends RecurrentState>(
    make: (entry: IndexEntry) => Module<RecurrentCore<S>>,
    {
      batch = (x) => x.shape[1],
      ...options
    }: UnrollOptions & { batch?: (x: tf.Tensor) => number | undefined } = {},
  ) =>
  (entry: IndexEntry): Transcription => ({
    layer: (s, { x }) => {
      const core = s.declare(make(entry));
      const [out, state] = unroll(core as RecurrentStep<S>, x, core.initialState(batch(x)), options);
      const states: readonly tf.Tensor[] =
        state instanceof tf.Tensor ? [state] : [state.hidden as tf.Tensor, state.cell as tf.Tensor];
      return { '': out, ...Object.fromEntries(states.map((one, i) => [`state${i}`, one])) };
    },
  });

const hiddenSize = ({ config }: IndexEntry) => config.hidden_size as number;
const lstmOf = (entry: IndexEntry) => lstm({ hiddenSize: hiddenSize(entry) });
const rnnOf = (entry: IndexEntry) =>
  vanillaRnn({ hiddenSize: hiddenSize(entry), doubleBias: entry.config.double_bias as boolean | undefined });

const dropping = ({ config, call }: IndexEntry): Transcription => ({
  layer: (s, { x }) => {
    const key = s.key();
    const net = s.declare(
      netsMlp({
        outputSizes: config.output_sizes as number[],
        activateFinal: config.activate_final as boolean | undefined,
      }),
    );
    return net.dropping(x, call?.dropout_rate as number, key);
  },
});

/** Three leaves as a tree of parameters. */
const byPath = (tree: Tree<tf.Tensor>): Inputs => Object.fromEntries(flatten(tree));

const treeOf = ({ a, b, c }: Inputs) => ({ 'net/~/linear': { w: a, b }, 'net/linear_1': { w: c } });

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
  'nets-mlp-dropout': dropping,
  'nets-mlp-dropout-activate-final': dropping,
  'nets-mlp-reverse': ({ program }) => ({
    layer: (s, { x }) => {
      const net = s.declare(netsMlp({ outputSizes: numbersIn(program, /MLP\(\[([\d, ]+)\]\)/) }));
      const y = net(x);
      return net.reverse()(y);
    },
  }),
  lstm: unrolled(lstmOf),
  'lstm-static': unrolled(lstmOf),
  'lstm-batch-major': unrolled(lstmOf, { isTimeMajor: false, batch: (x) => x.shape[0] }),
  'lstm-all-states': unrolled(lstmOf, { returnAllStates: true }),
  'lstm-reverse': unrolled(lstmOf, { reverse: true }),
  'lstm-no-batch': unrolled(lstmOf, { batch: () => undefined }),
  gru: unrolled((entry) => gru({ hiddenSize: hiddenSize(entry) })),
  'gru-inits': unrolled((entry) =>
    gru({
      hiddenSize: hiddenSize(entry),
      wIInit: orthogonal(),
      wHInit: varianceScaling({ scale: 0.5 }),
      bInit: constant(0.1),
    }),
  ),
  'vanilla-rnn': unrolled(rnnOf),
  'vanilla-rnn-one-bias': unrolled(rnnOf),
  'spectral-norm-frozen': ({ call }) => ({
    layer: (s, { x }) => spectralNorm()(s, x, { updateStats: call?.update_stats as boolean }),
  }),
  'sn-params-tree': ({ config }) => ({
    layer: (s, inputs) =>
      byPath(snParamsTree({ ignoreRegex: config.ignore_regex as string })(s, treeOf(inputs))),
  }),
  'ema-params-tree': ({ config }) => ({
    layer: (s, inputs) => {
      const options = { decayRate: config.decay as number, ignoreRegex: config.ignore_regex as string };
      return byPath(emaParamsTree(options)(s, treeOf(inputs)));
    },
    inputsAt: timesN,
  }),
  ema: average,
  'ema-no-debias': average,
  'ema-warm-up': average,
};

/** Cases that are no program on inputs. */
export const checks: Readonly<Record<string, (golden: Golden, entry: IndexEntry) => Check[]>> = {};
