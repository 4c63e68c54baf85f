/**
 * Exporting to JAX: a function of nests of arrays, with its gradient if asked for, as the file that
 * `jax.export.deserialize` reads; or as the text of a StableHLO module for other compilers.
 */
import * as tf from '@tensorflow/tfjs-core';
import { isTensor } from '../data/leaf.js';
import { mapNest, partsOf, refill } from '../data/nest.js';
import { checkCall } from '../graph/checkTraced.js';
import type { Input, Output } from '../graph/graph.js';
import { byLeaves } from '../graph/passes/byLeaves.js';
import type { OpenSpec, OpenSpecOf } from '../graph/openSizes.js';
import { inMultiples } from '../graph/size.js';
import { isInput, type TracedFunction, traceFunction, type TraceOptions } from '../graph/traceFunction.js';
import { valueAndGrad } from '../language/valueAndGrad.js';
import { byPaths, type Specified } from './byPaths.js';
import { type Aval, type Exported, exportedFile } from './exportedFile.js';
import { type Absent, isAbsent, moduleText, type Signature, typeOf } from './moduleText.js';
import { expectArrays, withArrays } from './onlyArrays.js';
import { isComposedInStablehlo } from './operators/index.js';
import { type Flat, type PyTree, pyTreeOf, tupleOf } from './pyTree.js';
import { isOpen } from './value.js';

export interface JaxOptions extends Omit<TraceOptions, 'isComposed'> {
  /** The function's name. `renga` if not given. */
  readonly name?: string;
  /**
   * True to write the gradient too, so that `jax.grad` goes through the function: those of its float results in its float
   * arguments. False if not given.
   */
  readonly withGradient?: boolean;
}

type AnyFunction = (...args: readonly unknown[]) => unknown;

/** JAX's names of what programs run on. */
const platforms = ['cpu', 'cuda', 'rocm', 'tpu'];

const leaf: PyTree = { kind: 'leaf' };
const empty: PyTree = { kind: 'dict', names: [], children: [] };

/** JAX's tree of a call: a tuple of arguments, and no named ones. */
const callTree = (args: PyTree): PyTree => ({ kind: 'tuple', children: [args, empty] });

/** A traced function with the trees of its arguments and of its result. */
interface Signed {
  readonly traced: TracedFunction;
  readonly inputs: Flat<Input>;
  readonly outputs: Flat<Output>;
}

/** The place of an input among a graph's. */
class Place {
  constructor(readonly index: number) {}
}

const isPlace = (part: unknown): part is Place => part instanceof Place;
const isName = (part: unknown): part is string => typeof part === 'string';

const signed = (f: AnyFunction, specs: readonly unknown[], options: TraceOptions): Signed => {
  const whole = traceFunction(f, specs as OpenSpecOf<readonly unknown[]>, {
    ...options,
    isComposed: isComposedInStablehlo,
  });
  const { graph, parts } = byLeaves(whole);
  // An array of a person's own, as large as a matrix of leaves, stays whole.
  const traced = parts.size === 0 ? graph : whole;
  let count = 0;
  const places = mapNest(specs, isInput, () => new Place(count++)) as readonly unknown[];
  const given = tupleOf(places.map((spec) => pyTreeOf(spec, isPlace)));
  const result = pyTreeOf(traced.result, isName);
  const byName = new Map(traced.outputs.map((output) => [output.name, output]));
  return {
    traced,
    inputs: { tree: given.tree, leaves: given.leaves.map(({ index }) => traced.inputs[index]) },
    outputs: { tree: result.tree, leaves: result.leaves.map((name) => byName.get(name) as Output) },
  };
};

/**
 * The type of an argument or result for JAX. A size that has to be a multiple of 2 is `2*h` there, so that JAX itself refuses
 * others by name.
 */
const avalOf =
  ({ multiples = {} }: TracedFunction) =>
  (part: Input | Output | Absent): Aval => {
    const { shape, type } = typeOf(part);
    return {
      shape: shape.map((size) => inMultiples(size, multiples)),
      type: isAbsent(part) ? 'absent' : type,
    };
  };

const exportedOf = (
  name: string,
  traced: TracedFunction,
  signature: Signature,
  trees: Pick<Exported, 'inTree' | 'outTree'>,
): Exported => ({
  name,
  ...trees,
  inAvals: signature.inputs.map(avalOf(traced)),
  outAvals: signature.outputs.map(avalOf(traced)),
  platforms,
  module: moduleText(traced, signature, { name, hasPlatform: true }),
  hasOpenSizes: signature.inputs.some(({ shape }) => isOpen(shape)),
});

/** The function and its specs as JAX knows them: arrays in the places of whatever holds them. */
const specified = (where: string, f: AnyFunction, specs: readonly unknown[]): Specified => {
  expectArrays(where, specs);
  return byPaths({ f: withArrays(where, f), specs });
};

const isFloat = (part: unknown): part is tf.Tensor => isTensor(part) && part.dtype === 'float32';

/** The gradients of Σ result · cotangent in all float arguments, in the order of the nests. */
export const pullback =
  (f: AnyFunction) =>
  (args: readonly unknown[], cotangents: readonly tf.Tensor[]): readonly tf.Tensor[] => {
    const product = (floats: readonly tf.Tensor[]): tf.Tensor => {
      const results = partsOf(f(...refill<readonly unknown[]>(args, isFloat, floats)), isFloat);
      return tf.addN(results.map((result, i) => tf.sum(tf.mul(result, cotangents[i]))));
    };
    return valueAndGrad(product)(partsOf(args, isFloat)).grads as readonly tf.Tensor[];
  };

/** A result's shape for its cotangent. */
const cotangentOf = ({ value: { shape } }: Output): OpenSpec => ({ shape });

const isFloatValue = ({ dtype }: { readonly dtype: string }): boolean => dtype === 'float32';

/** The program of arguments and cotangents that gives the gradients of all float arguments. */
const vjpOf = (f: AnyFunction, specs: readonly unknown[], forward: Signed, options: JaxOptions): Exported => {
  const { inputs, outputs } = forward;
  const floats = forward.traced.outputs.filter(({ value }) => isFloatValue(value));
  if (floats.length === 0)
    throw new Error(
      'exportJax: there is no gradient of a function without float results; leave withGradient out',
    );
  if (!forward.traced.inputs.some(isFloatValue))
    throw new Error('exportJax: there is no gradient in arguments without floats; leave withGradient out');
  const { name = 'renga' } = options;
  const traced = traceFunction(
    (args: readonly unknown[], cotangents: readonly tf.Tensor[]) => pullback(f)(args, cotangents),
    [specs, floats.map(cotangentOf)] as never,
    {
      sizes: options.sizes,
      names: { inputs: ['argument', 'cotangent'], output: 'gradient' },
      isComposed: isComposedInStablehlo,
    },
  );
  const arguments_ = forward.traced.inputs;
  const places = new Map(arguments_.map((input, i) => [input, i]));
  const cotangents = new Map(floats.map((output, i) => [output, traced.inputs[arguments_.length + i]]));
  const gradients = new Map(arguments_.filter(isFloatValue).map((input, i) => [input, traced.outputs[i]]));
  const absent = ({ shape }: Pick<Input, 'shape'>): Absent => ({ kind: 'absent', shape });
  const signature: Signature = {
    inputs: [
      ...inputs.leaves.map((input) => traced.inputs[places.get(input) as number]),
      ...outputs.leaves.map((output) => cotangents.get(output) ?? absent(output.value)),
    ],
    outputs: inputs.leaves.map((input) => gradients.get(input) ?? absent(input)),
  };
  const row = (parts: readonly unknown[]): PyTree => ({ kind: 'tuple', children: parts.map(() => leaf) });
  const trees = { inTree: callTree(row(signature.inputs)), outTree: row(signature.outputs) };
  return exportedOf(`${name}_vjp`, traced, signature, trees);
};

/**
 * A function as the file that `jax.export.deserialize` of JAX 0.10.0 or later reads. It is called as the function is, with
 * trees of arrays in the places of nests: records are dicts. Random keys, as arguments and results, are uint32 [2], as
 * `jax.random.PRNGKey` has them. The file has one program for all platforms, and takes any sharding. Packed leaves, such as an optimizer's moments, are dicts of dicts of arrays under their paths. Host arrays in the result are
 * constants, and null and undefined are None.
 * @param specs  the arguments, as for `traceFunction`; a name such as 'batch' leaves a size open
 * @returns the bytes of the file
 * @throws UnsupportedError, which names the module, for an operation that StableHLO has no form for; TypeError for numbers,
 * booleans, texts and the like, with their place: among the arguments, where JAX's users would expect inputs, and in the
 * result; and what `traceFunction` throws
 * @example
 * writeFileSync('linear.jax', exportJax((w: Tensor, x: Tensor) => tf.matMul(x, w), [{ shape: [4, 3] }, { shape: ['batch', 4] }]));
 */
export const exportJax = <A extends readonly unknown[], B>(
  f: (...args: A) => B,
  specs: A | OpenSpecOf<A>,
  options: JaxOptions = {},
): Uint8Array<ArrayBuffer> => {
  checkCall('exportJax', f, specs, { options, known: ['name', 'withGradient', 'names', 'sizes'] });
  const { name = 'renga', withGradient = false, ...tracing } = options;
  if (name === '') throw new RangeError('exportJax: the name is empty, expected letters and digits');
  const { f: any, specs: given } = specified(
    'exportJax',
    f as unknown as AnyFunction,
    specs as readonly unknown[],
  );
  const forward = signed(any, given, tracing);
  const { traced, inputs, outputs } = forward;
  const signature = { inputs: inputs.leaves, outputs: outputs.leaves };
  const trees = { inTree: callTree(inputs.tree), outTree: outputs.tree };
  return exportedFile({
    ...exportedOf(name, traced, signature, trees),
    ...(withGradient && { vjp: vjpOf(any, given, forward, options) }),
  });
};

/**
 * A function as the text of a StableHLO module. The arguments of its function `main` are the arrays of the arguments, in
 * JAX's order: parts of records by their sorted keys.
 */
export const stablehloText = <A extends readonly unknown[], B>(
  f: (...args: A) => B,
  specs: A | OpenSpecOf<A>,
  options: Omit<JaxOptions, 'withGradient'> = {},
): string => {
  checkCall('stablehloText', f, specs, { options, known: ['name', 'names', 'sizes'] });
  const { name = 'renga', ...tracing } = options;
  const { f: any, specs: given } = specified(
    'stablehloText',
    f as unknown as AnyFunction,
    specs as readonly unknown[],
  );
  const { traced, inputs, outputs } = signed(any, given, tracing);
  return moduleText(traced, { inputs: inputs.leaves, outputs: outputs.leaves }, { name });
};
