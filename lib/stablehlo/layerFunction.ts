/** A layer as the function of its parameters, its state and its inputs that it is in evaluation. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Params, State } from '../data/leaf.js';
import type { SpecOf } from '../data/nest.js';
import { map } from '../data/tree.js';
import { checkOptions } from '../graph/checkTraced.js';
import type { Names } from '../graph/names.js';
import { closeSizes, openSizes, type OpenSpecOf } from '../graph/openSizes.js';
import type { Sizes } from '../graph/size.js';
import { expectInputs, outline } from '../language/outline.js';
import type { Layer } from '../language/scope.js';
import { transformWithState } from '../language/transform.js';

/** A function with the shapes of its arguments and the names of them and of its result. */
export interface LayerFunction {
  readonly f: (...args: readonly unknown[]) => unknown;
  readonly specs: OpenSpecOf<readonly unknown[]>;
  readonly names: Names;
}

/**
 * A layer as a function of `(params, …inputs)`, or of `(params, state, …inputs)` where it has state.
 * @param sizes  a number that the layer takes for each open size; 3 if not given
 */
export const layerFunction = <A extends readonly unknown[], B>(
  layer: Layer<A, B>,
  inputs: OpenSpecOf<A>,
  options: { readonly names?: Names; readonly sizes?: Sizes } = {},
): LayerFunction => {
  expectInputs('layerFunction', layer, inputs);
  checkOptions('layerFunction', options, ['names', 'sizes']);
  const { names = {}, sizes = {} } = options;
  const open = openSizes(inputs as unknown as readonly unknown[]);
  const closed = closeSizes(inputs, Object.fromEntries(open.map((name) => [name, sizes[name] ?? 3])));
  const { params, state } = outline(layer, closed as unknown as SpecOf<A>);
  const shapes = (tree: typeof params | typeof state) =>
    map(tree as typeof state, ({ shape, dtype = 'float32' }) => ({ shape, dtype }));
  const { apply } = transformWithState(layer);
  const hasState = Object.keys(state).length > 0;
  const own = hasState ? [shapes(params), shapes(state)] : [shapes(params)];
  const givenNames = ['params', ...(hasState ? ['state'] : []), ...(names.inputs ?? [])];
  return {
    f: (given, ...rest) => {
      const [before, args] = hasState ? [rest[0], rest.slice(1)] : [{}, rest];
      return apply(given as Params<Tensor>, before as State<Tensor>, {}, ...(args as unknown as A)).output;
    },
    specs: [...own, ...(inputs as OpenSpecOf<readonly unknown[]>)],
    names: { ...names, inputs: givenNames },
  };
};
