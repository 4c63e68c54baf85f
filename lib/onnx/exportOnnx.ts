/**
 * Exporting: a model and its weights as ONNX, which serving engines in every language run.
 */
import { create } from '@bufbuild/protobuf';
import { expectNoAdapters } from '../data/adapters.js';
import { type Leaf, isTensor, toHostSync, type Weights } from '../data/leaf.js';
import type { Layer } from '../language/scope.js';
import type { Rounding } from '../data/rounding.js';
import { ShapeError } from '../data/shape.js';
import { expectKnown } from '../data/nearest.js';
import { expectWeights } from '../data/weights.js';
import { expectInputs } from '../language/outline.js';
import { checkOptions } from '../graph/checkTraced.js';
import { splitPath, type Tree } from '../data/tree.js';
import type { Graph, Weight } from '../graph/graph.js';
import type { OpenSpecOf } from '../graph/openSizes.js';
import { trace } from '../graph/trace.js';
import type { TraceOptions } from '../graph/traceFunction.js';
import { type ModelProto, ModelProtoSchema } from './onnx_pb.js';
import { foldIntoProducts } from '../graph/passes/foldIntoProducts.js';
import { shareCommon } from '../graph/passes/shareCommon.js';
import { reassociate } from '../graph/passes/reassociate.js';
import { ownDomain, type Products, productTypes } from './operators/levels.js';
import { isComposedInOnnx } from './operators/index.js';
import type { ElementType, Initializer } from './tensor.js';
import { expectWhole } from './expectWhole.js';
import { type WeightType, weightTypes, writeGraph } from './write.js';

/** ONNX's operators as they were in 2024, and the format of that time: what runtimes since then read. */
const opset = 20n;
const irVersion = 9n;

const crossAttentions = /(^|\/)cross_attention/;

/** An ONNX model: its message without initialisers, and these. `onnxFile` has its bytes, `writeOnnx` writes it. */
export interface OnnxModel {
  readonly message: ModelProto;
  readonly initializers: readonly Initializer[];
  /** The matrices in fewer bits and the whole ones, with the reason; undefined unless weights are int8 or int4. */
  readonly rounding?: Rounding;
}

export interface OnnxOptions extends Omit<TraceOptions, 'isComposed'> {
  /** The model's name. */
  readonly name?: string;
  /**
   * The type that weights are stored in: float32 if not given. `int8` and `int4` are for the matrices of products, which are
   * nearly all of a large model, with a scale for each 32 rows of a column, where that takes fewer bytes than float16; other
   * leaves are then float16, and arrays of fewer than 1,024 numbers float32. The model's `rounding` says which are rounded.
   */
  readonly weights?: WeightType;
  /**
   * The type that products and convolutions are computed in; float32 if not given. int8 and int4 weights are then widened
   * part by part, by an operator of onnxruntime's own (MatMulNBits). `float16` rounds the inputs and results of products to
   * half precision, for graphics processors: about 1e-3 of the largest number is lost, and a sum beyond 65,504 overflows.
   * `int8`, for int8 and int4 weights, rounds the products' inputs row by row: the fastest on processors, and less exact.
   * Products of int8 by int8 are standard operators, with a scale for each column.
   */
  readonly products?: Products;
  /**
   * Paths of parameters that int8 and int4 leave whole. If not given, cross-attentions: they are few, and read numbers that
   * nothing has averaged yet, or write the outputs.
   */
  readonly whole?: RegExp;
  /** Entries of the file's metadata, such as the source of its parameters. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The names of options that tracing does not have. */
const modelOptions: readonly string[] = ['name', 'weights', 'products', 'whole', 'metadata'];

const leafOf = (tree: Tree<Leaf>, { path, shape }: Weight): Leaf => {
  const [module, name] = splitPath(path);
  const leaf = Object.hasOwn(tree, module) ? tree[module][name] : undefined;
  if (!leaf) throw new Error(`there is no '${path}' to export`);
  if (leaf.shape.join() === shape.join()) return leaf;
  throw new ShapeError(`${path}: shape is [${leaf.shape.join(', ')}], expected [${shape.join(', ')}]`);
};

/** @throws RangeError for types that are none, and int8 products of weights that are not int8 or int4 */
const checkTypes = (weights: WeightType, products: Products): void => {
  if (!weightTypes.includes(weights))
    throw new RangeError(`weights are asked for in '${weights}', expected one of ${weightTypes.join(', ')}`);
  if (!productTypes.includes(products))
    throw new RangeError(
      `products are asked for in '${products}', expected one of ${productTypes.join(', ')}`,
    );
  if (products === 'int8' && !weights.startsWith('int'))
    throw new RangeError(
      `products of int8 are for weights of int8 or int4, not ${weights}: choose one of these`,
    );
};

/**
 * A graph with its weights as an ONNX model.
 * @param weights  parameters and state by the paths that the graph names; none for a graph whose weights are inputs, such
 * as one of `traceFunction`
 * @throws UnsupportedError, which names the module, for a kernel that ONNX has no form for; RangeError for weights with
 *   low-rank adapters that are not merged
 */
export const graphToOnnx = (
  graph: Graph,
  { params, state = {} }: Partial<Weights> = {},
  options: Omit<OnnxOptions, keyof TraceOptions> = {},
): OnnxModel => {
  expectKnown('graphToOnnx', options, modelOptions);
  const { name = 'renga', weights = 'float32', products = 'float32', metadata = {} } = options;
  const { whole = crossAttentions } = options;
  checkTypes(weights, products);
  expectWhole('graphToOnnx', options, params);
  const read = new Set(graph.weights.map(({ path }) => path));
  if (params)
    expectNoAdapters(
      'exportOnnx',
      params,
      'merge them before, adapters.merge(params), as `lora` of renga/train has it',
      (path) => read.has(path),
    );
  const leaf = (asked: Weight) => leafOf(asked.kind === 'param' ? (params ?? {}) : state, asked);
  const weight = (asked: Weight) => {
    const found = leaf(asked);
    return isTensor(found) ? toHostSync(found) : found;
  };
  const place = (asked: Weight, type: ElementType) => {
    const found = leaf(asked);
    return isTensor(found) || found.dtype !== type ? undefined : found.place;
  };
  const {
    graph: message,
    initializers,
    rounding,
  } = writeGraph(shareCommon(foldIntoProducts(reassociate(graph))), {
    weight,
    place,
    weights,
    whole,
    products,
    name,
  });
  return {
    initializers,
    ...(rounding && { rounding }),
    message: create(ModelProtoSchema, {
      irVersion,
      producerName: 'renga',
      graph: message,
      opsetImport: [
        { domain: '', version: opset },
        ...(message.node.some(({ domain }) => domain !== '') ? [{ domain: ownDomain, version: 1n }] : []),
      ],
      metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    }),
  };
};

/**
 * A layer with its weights as an ONNX model.
 * @param inputs  shapes of the inputs, as for `trace`: 'batch' in the place of a size leaves it open
 * @throws UnsupportedError, which names the module, for an operation that ONNX has no form for; and what `trace` throws
 */
export const exportOnnx = <A extends readonly unknown[], B>(
  layer: Layer<A, B>,
  given: Weights,
  inputs: OpenSpecOf<A>,
  options: OnnxOptions = {},
): OnnxModel => {
  expectInputs('exportOnnx', layer, inputs);
  expectWeights('exportOnnx', given);
  checkOptions('exportOnnx', options, ['names', 'sizes', ...modelOptions]);
  const { names, sizes, ...others } = options;
  expectWhole('exportOnnx', others, given.params);
  return graphToOnnx(trace(layer, inputs, { names, sizes, isComposed: isComposedInOnnx }), given, others);
};
