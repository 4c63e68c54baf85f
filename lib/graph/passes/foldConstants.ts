/**
 * Folding of constants: what a program computes from its own constants is computed while it is traced, where the result
 * takes no more room than they do.
 */
import { sizeOf } from '../../data/array.js';
import { sum } from '../../data/lists.js';
import { canEvaluate, evaluateKernel, type Values } from '../../engine/index.js';
import { arrayOf, constant, elementsOf } from '../constant.js';
import { type Constant, type Graph, inputsOf, type Node, type Value } from '../graph.js';
import { rewriteGraph } from '../rewrite.js';
import { isSymbolic } from '../size.js';

/** Kernels that only arrange elements: those of one number are that number again. */
export const arranging: ReadonlySet<string> = new Set([
  ...['Identity', 'Reshape', 'ExpandDims', 'Transpose', 'Tile', 'BroadcastTo', 'Slice', 'StridedSlice'],
  ...['Concat', 'Pack', 'Unpack', 'SplitV', 'Reverse', 'GatherV2'],
]);

/** Kernels of which each element of the result depends on one element of each input. */
export const elementwise: ReadonlySet<string> = new Set([
  ...['Abs', 'Ceil', 'Floor', 'Neg', 'Round', 'Sign', 'Square', 'Exp', 'Log', 'Sqrt', 'Rsqrt', 'Reciprocal'],
  ...['Sin', 'Cos', 'Tanh', 'Sigmoid', 'Relu', 'Cast', 'LogicalNot', 'ZerosLike', 'OnesLike'],
  ...['Add', 'Sub', 'Multiply', 'RealDiv', 'FloorDiv', 'Mod', 'Pow', 'Maximum', 'Minimum'],
  ...['SquaredDifference', 'Equal', 'NotEqual', 'Greater', 'GreaterEqual', 'Less', 'LessEqual'],
  ...['LogicalAnd', 'LogicalOr', 'Select'],
]);

/** Reductions of one number to that number. */
const reducing: ReadonlySet<string> = new Set(['Max', 'Min', 'Mean', 'All', 'Any']);

/**
 * A constant is stored where that takes no more than the constants that it is computed from, or no more than this many
 * elements: a grid of positions and its Fourier features are left to be computed, and files stay small.
 */
const alwaysFolded = 2 ** 10;

const isConstant = (value: Value): value is Constant => value.kind === 'constant';

const results = (node: Node, value: number): Constant[] =>
  node.outputs.map(({ shape, dtype }) => constant(shape, dtype, value));

/** A constant of one number, of any size, from constants of one number each. */
const foldUniform = (node: Node, inputs: readonly Constant[]): Constant[] | undefined => {
  const looked = node.kernel === 'GatherV2' ? inputs.slice(0, 1) : inputs;
  const numbers = looked.map(({ values }) => values);
  if (!numbers.every((value): value is number => typeof value === 'number')) return undefined;
  const isSame = numbers.every((number) => Object.is(number, numbers[0]));
  if ((arranging.has(node.kernel) || reducing.has(node.kernel)) && isSame) return results(node, numbers[0]);
  if (!elementwise.has(node.kernel) || !canEvaluate(node.kernel)) return undefined;
  const scalars = Object.entries(node.inputs as Record<string, Constant>).map(
    ([name, { dtype, values }]): [string, Values] => [
      name,
      { shape: [], dtype, values: arrayOf(dtype, 1).fill(values as number) },
    ],
  );
  const [{ values }] = evaluateKernel(node.kernel, Object.fromEntries(scalars), node.attrs);
  return results(node, values[0]);
};

const isKnown = ({ shape }: { readonly shape: Node['outputs'][number]['shape'] }): boolean =>
  !shape.some(isSymbolic);

const storedSize = ({ shape, values }: Constant): number =>
  typeof values === 'number' ? 1 : sizeOf(shape as number[]);

/** True where folding a node would store more than is stored without it. */
const isGrowing = ({ outputs }: Node, inputs: readonly Constant[]): boolean => {
  const result = sum(outputs, ({ shape }) => sizeOf(shape as number[]));
  return result > Math.max(alwaysFolded, sum(inputs, storedSize));
};

const foldWhole = (node: Node, inputs: readonly Constant[]): Constant[] | undefined => {
  if (![...inputs, ...node.outputs].every(isKnown)) return undefined;
  if (isGrowing(node, inputs) || !canEvaluate(node.kernel)) return undefined;
  const given = Object.entries(node.inputs as Record<string, Constant>).map(
    ([name, value]): [string, Values] => [
      name,
      {
        shape: value.shape as number[],
        dtype: value.dtype,
        values: elementsOf(value) as Values['values'],
      },
    ],
  );
  return evaluateKernel(node.kernel, Object.fromEntries(given), node.attrs).map(({ values }, i) =>
    constant(node.outputs[i].shape, node.outputs[i].dtype, values),
  );
};

/** The constants that a node of constants gives; undefined where they are left to be computed. */
const fold = (node: Node): Constant[] | undefined => {
  const inputs = inputsOf(node);
  if (node.kernel === 'Fill') return results(node, Number(node.attrs.value));
  if (node.kernel === 'ZerosLike') return results(node, 0);
  if (node.kernel === 'OnesLike') return results(node, 1);
  if (!inputs.every(isConstant)) return undefined;
  return foldUniform(node, inputs) ?? foldWhole(node, inputs);
};

/** The graph with constants in the places of what is computed from constants alone. */
export const foldConstants = <G extends Graph>(graph: G): G =>
  rewriteGraph(graph, (node, keep) => fold(node) ?? keep(node));
