/**
 * The cost of a graph: floating-point operations of products and convolutions, where a multiplication and an addition
 * count two, as Perceiver IO's authors count them. All other kernels count nothing.
 * Source: arXiv:2107.14795, appendix D.
 */
import { sizeOf } from '../data/array.js';
import { bandOf, pairsSeen } from '../engine/index.js';
import type { Node } from './graph.js';
import { isSymbolic, type Size } from './size.js';

/** The number of operations of a kernel. */
type Cost = (node: Node) => number;

const shape = (sizes: readonly Size[]): readonly number[] => {
  if (sizes.some(isSymbolic)) throw new Error('operations are counted where every size is a number');
  return sizes as readonly number[];
};

const input = (node: Node, name: string): readonly number[] => shape(node.inputs[name].shape);

const output = (node: Node): readonly number[] => shape(node.outputs[0].shape);

const matMul: Cost = (node) => {
  const inner = input(node, 'a').at(node.attrs.transposeA ? -2 : -1) as number;
  return 2 * sizeOf(output(node)) * inner;
};

const affine: Cost = (node) => 2 * sizeOf(output(node)) * input(node, 'x')[1];

/** Every output is a sum over a window's pixels and channels. */
const convolution: Cost = (node) => {
  const filter = input(node, 'filter');
  return (2 * sizeOf(output(node)) * sizeOf(filter)) / (filter.at(-1) as number);
};

/** Each output channel sees one input channel. */
const depthwise: Cost = (node) => 2 * sizeOf(output(node)) * sizeOf(input(node, 'filter').slice(0, 2));

/** Every input paints a window of outputs. */
const transposed: Cost = (node) => {
  const filter = input(node, 'filter');
  return (2 * sizeOf(input(node, 'dy')) * sizeOf(filter)) / (filter.at(-1) as number);
};

/** One product for each combination of values of the letters. */
const einsum: Cost = (node) => {
  const operands = (node.attrs.equation as string).replace(/\s/g, '').split('->')[0].split(',');
  const sizes = new Map(
    operands.flatMap((letters, i) =>
      [...letters].map((letter, axis) => [letter, input(node, String(i))[axis]]),
    ),
  );
  return operands.length < 2 ? 0 : 2 * sizeOf([...sizes.values()]);
};

/** Products of the widths of keys and of values, for the pairs that the order lets see each other. */
const attending =
  (ofKeys: number, ofValues: number): Cost =>
  (node) => {
    const [B, T, H, D] = input(node, 'q');
    const [S, E] = [input(node, 'k')[1], input(node, 'v')[3]];
    return 2 * B * H * pairsSeen(bandOf(node.attrs, T, S), T, S) * (ofKeys * D + ofValues * E);
  };

/** The gradient of a filter: every cotangent meets every element of a window. */
const filterGradient: Cost = (node) => {
  const filter = output(node);
  return (2 * sizeOf(input(node, 'dy')) * sizeOf(filter)) / (filter.at(-1) as number);
};

const depthwiseGradient: Cost = (node) => {
  const filter = node.inputs.filter ? input(node, 'filter') : output(node);
  return 2 * sizeOf(input(node, 'dy')) * sizeOf(filter.slice(0, 2));
};

const costs: Readonly<Record<string, Cost>> = {
  BatchMatMul: matMul,
  _FusedMatMul: matMul,
  Einsum: einsum,
  Conv2D: convolution,
  FusedConv2D: convolution,
  Conv3D: convolution,
  DepthwiseConv2dNative: depthwise,
  FusedDepthwiseConv2D: depthwise,
  Conv2DBackpropInput: transposed,
  Conv3DBackpropInputV2: transposed,
  Conv2DBackpropFilter: filterGradient,
  Conv3DBackpropFilterV2: filterGradient,
  DepthwiseConv2dNativeBackpropInput: depthwiseGradient,
  DepthwiseConv2dNativeBackpropFilter: depthwiseGradient,
  RengaAffine: affine,
  // Queries with keys, and weights with values.
  RengaAttention: attending(1, 1),
  // Scores again, and the cotangents of queries and keys; those of weights and of values.
  RengaAttentionGradient: attending(3, 2),
};

/** Kernels without products of matrices, which count as no operations. */
const free: ReadonlySet<string> = new Set([
  ...['Identity', 'Reshape', 'ExpandDims', 'Transpose', 'Concat', 'Pack', 'Unpack', 'Slice', 'StridedSlice'],
  ...['SplitV', 'Tile', 'BroadcastTo', 'PadV2', 'MirrorPad', 'Reverse', 'GatherV2', 'GatherNd', 'ScatterNd'],
  ...['UnsortedSegmentSum', 'OneHot', 'Fill', 'Range', 'LinSpace', 'ZerosLike', 'OnesLike', 'Cast', 'Select'],
  ...['Add', 'AddN', 'Sub', 'Multiply', 'RealDiv', 'FloorDiv', 'Mod', 'Pow', 'Maximum', 'Minimum'],
  ...['SquaredDifference', 'Abs', 'Ceil', 'Floor', 'Round', 'Neg', 'Sign', 'Step', 'Square', 'Sqrt', 'Rsqrt'],
  ...['Reciprocal', 'Exp', 'Expm1', 'Log', 'Log1p', 'Erf', 'Sin', 'Cos', 'Tanh', 'Sigmoid', 'Softplus'],
  ...['Relu', 'Relu6', 'Elu', 'LeakyRelu', 'ClipByValue', 'Equal', 'NotEqual', 'Greater', 'GreaterEqual'],
  ...['Less', 'LessEqual', 'LogicalAnd', 'LogicalOr', 'LogicalNot', 'IsNan', 'IsInf', 'IsFinite'],
  ...['Sum', 'Mean', 'Max', 'Min', 'Prod', 'All', 'Any', 'ArgMax', 'ArgMin', 'Cumsum', 'TopK', 'Softmax'],
  ...['MaxPool', 'AvgPool', 'MaxPool3D', 'AvgPool3D', 'MaxPoolGrad', 'AvgPoolGrad', 'MaxPool3DGrad'],
  ...['AvgPool3DGrad', 'ResizeBilinear', 'ResizeNearestNeighbor', 'FusedBatchNorm', 'RengaLayerNorm'],
  ...['RengaLayerNormGradient', 'RengaGelu', 'RengaGeluGradient', 'RengaSoftmaxGradient', 'RengaFourier'],
  ...['RengaPatches', 'RengaPatchesGradient', 'RengaPack', 'RengaUnpack', 'RengaSums', 'RengaChoose'],
  ...['RengaSplitKey', 'RengaFoldIn', 'RengaBits', 'RengaUniform', 'RengaOffsets', 'RengaSize'],
]);

/** Tells kernels whose operations are known, none for most, from those that nobody has counted. */
export const hasCost = (kernel: string): boolean => kernel in costs || free.has(kernel);

/**
 * Floating-point operations of a node.
 * @throws Error where a size is not known
 */
export const flopsOf = (node: Node): number => costs[node.kernel]?.(node) ?? 0;
