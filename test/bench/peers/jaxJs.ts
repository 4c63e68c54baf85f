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

/** Trained arrays by the names that programs ask for them by. */
const compile = (jax: Jax, { program, inputs }: Work) => {
  const { params } = count(
    program,
    inputs.map(({ shape }) => shape),
  );
  const names = params.map(({ path, leaf }) => `${path}/${leaf}`);
  const weights = params.map(({ path, leaf, shape }) =>
    jax.numpy.array(paramValues(path, leaf, shape) as never, { shape: [...shape] }),
  );
  const compiled = jax.jit((given: A[], feeds: A[]): A[] => {
    const { own, release } = owner();
    [...given, ...feeds].forEach(own);
    const ops = jaxOps(jax, { own, release }, (path, leaf) => given[names.indexOf(`${path}/${leaf}`)]);
    const outputs = program(ops, feeds).map((output) => output.ref);
    release();
    return outputs;
  });
  return { weights, compiled };
};

const prepare = async (jax: Jax, work: Work): Promise<Prepared> => {
  if (work.group === 'initialisation') throw new Error('it does not draw these numbers');
  if (work.group === 'training') throw new Error('its training step is not written');
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
