/**
 * The graph: a tensor program written down. Values are inputs, parameters, constants or results of nodes; a node is one
 * kernel with its attributes. Graphs are immutable, and nothing in one knows how it is computed.
 */
import type { DType, TypedArray } from '../data/array.js';
import type { ModuleKind } from '../data/moduleKind.js';
import type { Size, Sizes } from './size.js';

/** Element types of values in a graph. */
export type ValueType = Extract<DType, 'float32' | 'int32' | 'bool'>;

interface Typed {
  /** Sizes are numbers, or polynomials where a graph was traced with symbols. */
  readonly shape: readonly Size[];
  readonly dtype: ValueType;
}

/** An input of the program, given on each run. */
export interface Input extends Typed {
  readonly kind: 'input';
  readonly name: string;
  /** True for the words of a random key: int32 here, and uint32 where keys are arrays. */
  readonly isKey?: true;
}

/** A leaf of a model's parameters or of its state. */
export interface Weight extends Typed {
  readonly kind: 'param' | 'state';
  /** `module/leaf` */
  readonly path: string;
}

/** An array that the program itself holds: its elements, or the one number that all of them are. */
export interface Constant extends Typed {
  readonly kind: 'constant';
  readonly values: TypedArray | number;
}

/** One of the outputs of a node. */
export interface Result extends Typed {
  readonly kind: 'result';
  readonly node: Node;
  readonly index: number;
}

export type Value = Input | Weight | Constant | Result;

/** One kernel. */
export interface Node {
  /** Its name in tfjs, or that of an operation of ours. */
  readonly kernel: string;
  readonly attrs: Readonly<Record<string, unknown>>;
  /** By the kernel's names for them; numbered where it takes a row of them. */
  readonly inputs: Readonly<Record<string, Value>>;
  readonly outputs: readonly Typed[];
  /** The module that ran it, as in the parameter tree; `~` outside of any. */
  readonly path: string;
  /** The number of the part that is computed again for a gradient, so that less is held; undefined outside of any. */
  readonly repetition?: number;
}

/** A value under the name that a graph gives it to the outside. */
export interface Output {
  readonly name: string;
  readonly value: Value;
  /** True for the words of a random key: int32 here, and uint32 where keys are arrays. */
  readonly isKey?: true;
}

/** A tensor program, from inputs and weights to outputs. */
export interface Graph {
  readonly inputs: readonly Input[];
  /** Those that the outputs depend on, in the order in which they were asked for. */
  readonly weights: readonly Weight[];
  readonly nodes: readonly Node[];
  readonly outputs: readonly Output[];
  /** For open sizes that have to be multiples of a number, that number; undefined where all take any size. */
  readonly multiples?: Sizes;
}

/** A node's results as values. */
export const resultsOf = (node: Node): Result[] =>
  node.outputs.map(({ shape, dtype }, index) => ({ kind: 'result', node, index, shape, dtype }));

/** The inputs of a node, in the kernel's order. */
export const inputsOf = (node: Node): Value[] => Object.values(node.inputs);

/** One call of one module's method, as it was traced. */
export interface Call {
  /** The module's path, as in the parameter tree. */
  readonly path: string;
  /** `call`, or the name of another method. */
  readonly method: string;
  readonly kind: ModuleKind;
  readonly config: unknown;
  /** Shapes of the tensors among its arguments, and of those that it gives. */
  readonly inputs: readonly (readonly Size[])[];
  readonly outputs: readonly (readonly Size[])[];
}

/** A layer written down. */
export interface Trace extends Graph {
  /** The layer's result, with the name of an output in the place of each array. */
  readonly result: unknown;
  /** Calls of modules, in the order in which they end: what a module calls comes before it. */
  readonly calls: readonly Call[];
}
