/**
 * jax-js on its WebAssembly backend: programs compiled by its `jit`, trained arrays as arguments.
 */
import type * as jax from '@jax-js/jax';
import { count } from '../count.js';
import type { Engine, Prepared } from '../engine.js';
import { paramValues } from '../fill.js';
import { inputValues } from '../inputs.js';
import { serve } from '../serve.js';
import type { InputSpec, Work } from '../work.js';
import { jaxOps, owner } from './jaxjs/ops.js';
import { offerWorkers } from './jaxjs/webWorkers.js';

type Jax = typeof jax;
type A = jax.Array;

const inputArray = ({ numpy: np }: Jax, input: InputSpec): A => {
  const shape = [...input.shape];
  const values = inputValues(input) as never;
  return input.kind === 'ids' ? np.array(values, { shape, dtype: np.int32 }) : np.array(values, { shape });
};

const learningRate = 0.01;

/** Mean cross-entropy of logits [..., V] with labels [N]. */
const crossEntropy = ({ numpy: np, nn }: Jax, logits: A, labels: A): A => {
  const classes = logits.shape[logits.ndim - 1];
  const likelihoods = nn.logSoftmax(logits.reshape([-1, classes]), -1);
  return np.mean(np.sum(likelihoods.mul(nn.oneHot(labels, classes)), 1)).mul(-1);
};

/** Trained arrays by the names that programs ask for them by. */
const compile = (jax: Jax, { group, program, inputs }: Work) => {
  const { params } = count(
    program,
    inputs.map(({ shape }) => shape),
  );
  const names = params.map(({ path, leaf }) => `${path}/${leaf}`);
  const weights = params.map(({ path, leaf, shape }) =>
    jax.numpy.array(paramValues(path, leaf, shape) as never, { shape: [...shape] }),
  );
  const forward = (given: A[], feeds: A[]): A[] => {
    const { own, release } = owner();
    [...given, ...feeds].forEach(own);
    const ops = jaxOps(jax, { own, release }, (path, leaf) => given[names.indexOf(`${path}/${leaf}`)]);
    const outputs = program(ops, feeds).map((output) => output.ref);
    release();
    return outputs;
  };
  /** The loss, its gradients and the arrays one step of gradient descent further. */
  const step = (given: A[], feeds: A[]): A[] => {
    const labels = feeds[feeds.length - 1];
    const lossOf = (trained: A[]): A => crossEntropy(jax, forward(trained, feeds.slice(0, -1))[0], labels);
    const [loss, grads] = jax.valueAndGrad(lossOf)(given.map(({ ref }) => ref));
    const next = given.map((array, i) => array.sub(grads[i].ref.mul(learningRate)));
    return [loss, ...grads, ...next];
  };
  return { weights, compiled: jax.jit(group === 'training' ? step : forward) };
};

const prepare = async (jax: Jax, work: Work): Promise<Prepared> => {
  if (work.group === 'initialisation') throw new Error('it does not draw these numbers');
  const { weights, compiled } = compile(jax, work);
  const feeds = work.inputs.map((input) => inputArray(jax, input));
  const run = async (): Promise<A[]> => {
    const outputs = compiled(
      weights.map(({ ref }) => ref),
      feeds.map(({ ref }) => ref),
    ) as A[];
    return jax.blockUntilReady(outputs);
  };
  return {
    run: async () => (await run()).forEach((output) => output.dispose()),
    outputs: async () =>
      Promise.all(
        (await run()).map(async (output) => Float32Array.from((await output.data()) as Float32Array)),
      ),
  };
};

let loaded: Jax | undefined;

const engine: Engine = {
  start: async (threads) => {
    offerWorkers(threads);
    loaded = await import('@jax-js/jax');
    loaded.defaultDevice('wasm');
  },
  prepare: (work) => prepare(loaded as Jax, work),
};

serve(engine);
