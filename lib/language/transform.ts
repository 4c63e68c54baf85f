/**
 * Transforms: from a layer, which asks a scope for its parameters, to pure functions of explicit ones. Same arguments,
 * same result, arguments untouched, and no tensor left behind but the result.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { HostArray } from '../data/array.js';
import { isTensor, type Leaf, type Params, type State } from '../data/leaf.js';
import { mapNest, type SpecOf } from '../data/nest.js';
import { initialParams, initialState, outline } from './outline.js';
import type { Key } from '../random/index.js';
import { expectKnown } from '../data/nearest.js';
import { type ChangeParam, intercepting, type Interceptor } from './intercept.js';
import { applyReading, type Observer } from './reading.js';
import { runProgram } from './program.js';
import type { Asynchronous, Layer, Scope } from './scope.js';
import { paths, splitPath, type Tree } from '../data/tree.js';
import type { Watcher } from './watch.js';

/** Options of one run of a model. */
export interface ApplyOptions {
  /** The key of random draws: dropout in training, a masking probability between 0 and 1. Needed only for those. */
  readonly key?: Key;
  /** True in training, of all modules or of the module at a path; false if not given. */
  readonly isTraining?: boolean | ((path: string) => boolean);
  /** Looks at every module's inputs and outputs. */
  readonly observe?: Observer;
  /** Receives the intermediates that it asks for, such as attention weights. */
  readonly watch?: Watcher;
  /** Changes the inputs or outputs of the modules that it names; of several, the first is the outermost. */
  readonly intercept?: Interceptor | readonly Interceptor[];
  /** Changes parameters as modules read them; gradients reach the tensors that it closes over. */
  readonly param?: ChangeParam;
}

const optionNames = ['key', 'isTraining', 'observe', 'watch', 'intercept', 'param'];

/** A layer as pure functions. */
export interface Transformed<A extends readonly unknown[], B> {
  /** Haiku's parameters for the same key. Inputs give shapes: arrays, or `{ shape, dtype }` in their places. */
  readonly init: (key: Key, ...inputs: SpecOf<A>) => Params<HostArray>;
  readonly apply: (params: Params, options: ApplyOptions, ...inputs: A) => B;
}

/** A layer with state as pure functions. */
export interface TransformedWithState<A extends readonly unknown[], B> {
  /**
   * Runs in training mode, as batch norm asks for: its first averages are those of the first batch, so that where
   * there is state the inputs must be arrays, on the engine or on the host.
   */
  readonly init: (key: Key, ...inputs: SpecOf<A>) => { params: Params<HostArray>; state: State<HostArray> };
  /** The new state's tensors are the caller's, as the output is. */
  readonly apply: (
    params: Params,
    state: State,
    options: ApplyOptions,
    ...inputs: A
  ) => { output: B; state: State };
}

/** Options of `init`. */
export interface InitOptions {
  /** True if not given, as batch norm needs. It decides the keys of parameters if layers draw keys in training. */
  readonly isTraining?: boolean;
}

/**
 * A layer as `init` and `apply`, with state carried beside the parameters.
 * @example const { output, state: next } = model.apply(params, state, { isTraining: true }, images);
 */
export function transformWithState<A extends readonly unknown[]>(
  layer: Layer<A, PromiseLike<unknown>>,
  initOptions?: InitOptions,
): Asynchronous;
export function transformWithState<A extends readonly unknown[], B>(
  layer: Layer<A, B>,
  initOptions?: InitOptions,
): TransformedWithState<A, B>;
export function transformWithState<A extends readonly unknown[], B>(
  layer: Layer<A, B>,
  initOptions: InitOptions = {},
): unknown {
  return withState(layer, initOptions);
}

const withState = <A extends readonly unknown[], B>(
  layer: Layer<A, B>,
  initOptions: InitOptions,
): TransformedWithState<A, B> => ({
  init: (key, ...inputs) => {
    const outlined = outline(layer, inputs as unknown as SpecOf<A>, initOptions);
    const params = initialParams(outlined, key);
    const hasState = Object.keys(outlined.state).length > 0;
    return {
      params,
      state: hasState
        ? initialState(layer, params, key, inputs, {
            ...initOptions,
            stateChanges: outlined.stateChanges,
            stateful: [...new Set(paths(outlined.state).map((path) => splitPath(path)[0]))],
          })
        : {},
    };
  },
  apply: (params, state, options, ...inputs) =>
    tf.tidy(() => {
      expectKnown('apply', options, optionNames);
      const { param: changeParam, intercept, ...others } = options;
      const hooks = { ...others, changeParam, intercept: intercepting(intercept) };
      const { reading, newState, release } = applyReading(params, state, hooks);
      try {
        const output = runProgram(reading, layer, inputs);
        return { output: mapNest(output, isTensor, (tensor) => tensor.clone()), state: newState() } as never;
      } finally {
        release();
      }
    }),
});

/**
 * A layer as `init` and `apply`.
 * @throws Error when the layer has state; it asks for `transformWithState`
 * @example
 * const model = transform(linear(3));
 * const params = model.init(key(42), x);
 * const y = model.apply(params, {}, x);
 */
export function transform<A extends readonly unknown[]>(
  layer: Layer<A, PromiseLike<unknown>>,
  initOptions?: InitOptions,
): Asynchronous;
export function transform<A extends readonly unknown[], B>(
  layer: Layer<A, B>,
  initOptions?: InitOptions,
): Transformed<A, B>;
export function transform<A extends readonly unknown[], B>(
  layer: Layer<A, B>,
  initOptions: InitOptions = {},
): unknown {
  return stateless(withState(layer, initOptions));
}

const stateless = <A extends readonly unknown[], B>({
  init,
  apply,
}: TransformedWithState<A, B>): Transformed<A, B> => {
  const without = <X>(state: Tree<Leaf>, result: X): X => {
    const [path] = Object.keys(state);
    if (path) throw new Error(`${path}: has state; use transformWithState`);
    return result;
  };
  return {
    init: (key, ...inputs) => {
      const { params, state } = init(key, ...inputs);
      return without(state, params);
    },
    apply: (params, options, ...inputs) =>
      tf.tidy(() => {
        const { output, state } = apply(params, {}, options, ...inputs);
        return without(state, output as never);
      }),
  };
};

type Calls<S> = { readonly [name: string]: (shared: S) => (...inputs: never[]) => unknown };

type InputsOf<C> = C extends (shared: never) => (...inputs: infer A) => unknown ? A : never;
type OutputOf<C> = C extends (shared: never) => (...inputs: never[]) => infer B ? B : never;

/** Several applies over one tree of parameters. */
export interface TransformedMany<S, M extends Calls<S>> {
  readonly init: Transformed<InputsOf<M['init']>, unknown>['init'];
  readonly apply: { readonly [K in keyof M]: Transformed<InputsOf<M[K]>, OutputOf<M[K]>>['apply'] };
}

/** Several applies over one tree of parameters and one of state. */
export interface TransformedManyWithState<S, M extends Calls<S>> {
  readonly init: TransformedWithState<InputsOf<M['init']>, unknown>['init'];
  readonly apply: { readonly [K in keyof M]: TransformedWithState<InputsOf<M[K]>, OutputOf<M[K]>>['apply'] };
}

/** The layer of each call, after the declarations that all calls share. */
const sharing = <S>(share: (scope: Scope) => S, calls: Calls<S>) =>
  Object.entries(calls).map(
    ([name, call]) => [name, (scope: Scope, ...inputs: never[]) => call(share(scope))(...inputs)] as const,
  );

/**
 * Several applies over one tree, with state: `share` declares the modules that all of them share, each entry of `calls`
 * is an apply of its own, and the entry `init` asks for every parameter. A module value that is declared outside of
 * `share` has its path from the call that runs, so that calls may not find each other's parameters.
 * @example
 * const { init, apply } = transformManyWithState(
 *   (s) => ({ encoder: s.declare(encode), norm: s.declare(batchNorm()) }),
 *   {
 *     init: ({ encoder, norm }) => (x: Tensor) => norm(encoder(x)),
 *     encode: ({ encoder, norm }) => (x: Tensor) => norm(encoder(x)),
 *   },
 * );
 * const { output, state: next } = apply.encode(params, state, { isTraining: true }, x);
 */
export const transformManyWithState = <S, M extends Calls<S> & { readonly init: Calls<S>[string] }>(
  share: (scope: Scope) => S,
  calls: M,
  initOptions: InitOptions = {},
): TransformedManyWithState<S, M> => {
  const programs = sharing(share, calls).map(
    ([name, layer]) => [name, withState(layer, initOptions)] as const,
  );
  const apply = Object.fromEntries(programs.map(([name, program]) => [name, program.apply]));
  return { init: new Map(programs).get('init')?.init, apply } as never;
};

/**
 * Several applies over one tree: `transformManyWithState` for layers without state.
 * @example
 * const { init, apply } = transformMany(
 *   (s) => ({ encoder: s.declare(encode), decoder: s.declare(decode) }),
 *   {
 *     init: ({ encoder, decoder }) => (x: Tensor) => decoder(encoder(x)),
 *     encode: ({ encoder }) => encoder,
 *     decode: ({ decoder }) => decoder,
 *   },
 * );
 * const z = apply.encode(params, {}, video);
 */
export const transformMany = <S, M extends Calls<S> & { readonly init: Calls<S>[string] }>(
  share: (scope: Scope) => S,
  calls: M,
  initOptions: InitOptions = {},
): TransformedMany<S, M> => {
  const programs = sharing(share, calls).map(
    ([name, layer]) => [name, stateless(withState(layer, initOptions))] as const,
  );
  const apply = Object.fromEntries(programs.map(([name, program]) => [name, program.apply]));
  return { init: new Map(programs).get('init')?.init, apply } as never;
};
