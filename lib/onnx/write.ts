/**
 * From a graph to the nodes and initialisers of an ONNX model: one node after the other by the table of operators,
 * weights by their paths, constants by what they are.
 */
import { create } from '@bufbuild/protobuf';
import { array, bytesOf, type FilePlace, type HostArray, sizeOf, toFloat32 } from '../data/array.js';
import { toFloat16 } from '../data/halfFloat.js';
import { unheld } from '../data/unheld.js';
import { refuseFile } from '../files/error.js';
import { elementsOf } from '../graph/constant.js';
import type { Constant, Graph, Node, Value, ValueType, Weight } from '../graph/graph.js';
import { isSymbolic, showSize, type Size, symbolOf } from '../graph/size.js';
import { type Levels, toLevels } from '../data/levels.js';
import type { Rounding } from '../data/rounding.js';
import { levelsAffine, type LevelWeight, type Products } from './operators/levels.js';
import { Emitter } from './emitter.js';
import { halveProducts } from './halfProducts.js';
import { type GraphProto, GraphProtoSchema, type ValueInfoProto, ValueInfoProtoSchema } from './onnx_pb.js';
import { operators } from './operators/index.js';
import { UnsupportedError } from '../graph/unsupportedError.js';
import { fewestRounded, levelOptionsOf, roundedWeights, sidesOf } from './roundedWeights.js';
import { dataTypes, type ElementType, type Initializer } from './tensor.js';

/** The type that weights are stored in. */
export type WeightType = (typeof weightTypes)[number];

/** All such types. */
export const weightTypes = ['float32', 'float16', 'int8', 'int4'] as const;

/** A graph in ONNX: its message without initialisers, and these. */
export interface Written {
  readonly graph: GraphProto;
  readonly initializers: readonly Initializer[];
  /** The matrices in fewer bits and the whole ones; undefined unless weights are int8 or int4. */
  readonly rounding: Rounding | undefined;
}

export interface WriteOptions {
  /** A weight's array. */
  readonly weight: (weight: Weight) => HostArray;
  /** The place of a weight's array in a file, if it lies in one as an array of that type. */
  readonly place?: (weight: Weight, type: ElementType) => FilePlace | undefined;
  readonly weights: WeightType;
  readonly products: Products;
  /** Paths of parameters that are never rounded to int8 or int4. */
  readonly whole: RegExp;
  readonly name: string;
}

const dimension = (size: Size) => ({
  value: isSymbolic(size)
    ? { case: 'dimParam' as const, value: showSize(size) }
    : { case: 'dimValue' as const, value: BigInt(size) },
});

const info = (name: string, { shape, dtype }: { shape: readonly Size[]; dtype: ValueType }): ValueInfoProto =>
  create(ValueInfoProtoSchema, {
    name,
    type: {
      value: {
        case: 'tensorType',
        value: { elemType: dataTypes[dtype], shape: { dim: shape.map(dimension) } },
      },
    },
  });

/** The input and the axis that each symbol is read from. */
const symbolPlaces = ({ inputs }: Graph): Map<string, readonly [string, number]> => {
  const places = new Map<string, readonly [string, number]>();
  for (const { name, shape } of inputs) {
    shape.forEach((size, axis) => {
      const symbol = symbolOf(size);
      if (symbol !== undefined && !places.has(symbol)) places.set(symbol, [name, axis]);
    });
  }
  return places;
};

/** Refuses a number of a weight that the type of the file cannot hold. */
const refuseNumber = (path: string, found: number, type: WeightType): never =>
  refuseFile(`at ${path}: found the number ${found}, expected numbers that ${type} can hold`);

/** The bytes of an array as a type of the graph; an array that has that type already is not copied. */
const bytesAs = (path: string, given: HostArray, type: ElementType): Uint8Array => {
  if (given.dtype === type) return given.rowMajorBytes ?? bytesOf(given.data);
  const values = toFloat32(given);
  if (type !== 'float16') return bytesOf(values);
  const halves = Uint16Array.from(values, toFloat16);
  const found = unheld(values, halves, type);
  return found === undefined ? bytesOf(halves) : refuseNumber(path, found, type);
};

/** The module of a kernel, as errors name it. */
const whereOf = ({ path }: Node): string => (path === '~' ? 'the program' : path);

class GraphWriter {
  readonly emitter: Emitter;
  private readonly names = new Map<Value, string>();
  private readonly results = new Map<Node, readonly string[]>();
  private readonly rounded: ReadonlySet<Weight>;
  private readonly rounding: Rounding | undefined;
  /** The weight that was rounded last: its levels and its scales are asked for one after the other. */
  private last: { readonly weight: Weight; readonly levels: Levels } | undefined;

  constructor(
    private readonly graph: Graph,
    private readonly options: WriteOptions,
  ) {
    this.emitter = new Emitter(symbolPlaces(graph), graph.multiples);
    const { weights, products, whole } = options;
    const isRounded = weights === 'int8' || weights === 'int4';
    const judged = isRounded
      ? roundedWeights(graph, { bits: weights === 'int8' ? 8 : 4, products, whole })
      : undefined;
    this.rounded = judged?.weights ?? new Set();
    this.rounding = judged?.rounding;
    for (const input of graph.inputs) this.emitter.reserve(input.name);
    for (const { name } of graph.outputs) this.emitter.reserve(name);
  }

  /** True for an array of floats that is stored as float16, because weights are stored in fewer bits. */
  private isHalved(shape: readonly number[], type: ElementType): boolean {
    return this.options.weights !== 'float32' && type === 'float32' && sizeOf(shape) >= fewestRounded;
  }

  /** An array of the model, as float16 where `isHalf`. */
  private array(
    name: string,
    shape: readonly number[],
    type: ElementType,
    values: () => HostArray,
    isHalf: boolean,
    place?: (type: ElementType) => FilePlace | undefined,
  ): string {
    const { emitter } = this;
    const stored = isHalf ? 'float16' : type;
    const bytes = () => bytesAs(name, values(), stored);
    const given = emitter.initializer({ name, shape, type: stored, bytes, place: () => place?.(stored) });
    if (!isHalf) return given;
    const widened = emitter.reserve(`${name}/float32`);
    emitter.node('Cast', widened, [given], [widened], { to: dataTypes.float32 });
    return widened;
  }

  private constant(value: Constant): string {
    const { emitter } = this;
    const { shape, dtype, values } = value;
    if (typeof values === 'number' && shape.length === 0) return emitter.scalar(values, dtype);
    if (typeof values === 'number')
      return emitter.op('Expand', [emitter.scalar(values, dtype), emitter.sizes(shape)]);
    const name = emitter.reserve(emitter.path === '~' ? 'constant' : `${emitter.path}/constant`);
    const elements = elementsOf(value) as Float32Array;
    // Numbers such as the -1e30 of a mask, which float16 cannot hold, are the program's own: its array stays whole.
    const isHalf =
      this.isHalved(shape as number[], dtype) &&
      unheld(elements, Uint16Array.from(elements, toFloat16), 'float16') === undefined;
    return this.array(
      name,
      shape as number[],
      dtype,
      () => array(shape as number[], dtype, elements as never),
      isHalf,
    );
  }

  /** A weight in fewer bits, for the product that reads it. */
  private levelsOf(weight: Weight, isTransposed: boolean): LevelWeight {
    const name = weight.path.replace(/^~\//, '');
    const { rows, columns } = sidesOf(weight, isTransposed);
    const { products, weights } = this.options;
    const bits = weights === 'int4' ? 4 : 8;
    const how = levelOptionsOf({ bits, products });
    const levels = (): Levels => {
      if (this.last?.weight === weight) return this.last.levels;
      const values = toFloat32(this.options.weight(weight));
      const made = toLevels(values, { rows, columns, isTransposed }, how, (found) =>
        refuseNumber(name, found, bits === 8 ? 'int8' : 'int4'),
      );
      this.last = { weight, levels: made };
      return made;
    };
    return { name, rows, columns, bits, blockSize: how.blockSize ?? rows, products, levels };
  }

  private nameOf(value: Value): string {
    if (value.kind === 'result') return (this.results.get(value.node) as readonly string[])[value.index];
    const known = this.names.get(value);
    if (known !== undefined) return known;
    const name = this.newName(value);
    this.names.set(value, name);
    return name;
  }

  private newName(value: Exclude<Value, { kind: 'result' }>): string {
    if (value.kind === 'constant') return this.constant(value);
    if (value.kind === 'input') return value.name;
    const { path, shape, dtype } = value;
    const name = this.emitter.reserve(path.replace(/^~\//, ''));
    return this.array(
      name,
      shape as number[],
      dtype,
      () => this.options.weight(value),
      this.isHalved(shape as number[], dtype),
      (type) => this.options.place?.(value, type),
    );
  }

  /** Writes a kernel; where it has no form, the error names its module. */
  private inModule<T>(node: Node, write: () => T): T {
    try {
      return write();
    } catch (error) {
      if (!(error instanceof UnsupportedError)) throw error;
      throw new UnsupportedError(`${whereOf(node)}: ONNX has no form of ${error.message} (${node.kernel})`);
    }
  }

  private write(node: Node): void {
    const operator = Object.hasOwn(operators, node.kernel) ? operators[node.kernel] : undefined;
    if (!operator) throw new UnsupportedError(`${whereOf(node)}: ONNX has no form of ${node.kernel}`);
    this.emitter.path = node.path;
    const { w } = node.inputs;
    const weight = w?.kind === 'param' && this.rounded.has(w) ? w : undefined;
    const x = Object.fromEntries(
      Object.entries(node.inputs).flatMap(([name, value]) =>
        value === weight ? [] : [[name, this.nameOf(value)]],
      ),
    );
    const kernel = { node, x, attrs: node.attrs, emitter: this.emitter };
    const written = this.inModule(node, () =>
      weight ? levelsAffine(kernel, this.levelsOf(weight, node.attrs.transposed === true)) : operator(kernel),
    );
    this.results.set(node, typeof written === 'string' ? [written] : written);
  }

  /** @throws UnsupportedError, which names the module, for a kernel that has no form in ONNX */
  run(): Written {
    const { graph, emitter } = this;
    for (const input of graph.inputs)
      this.names.set(input, emitter.expectMultiples(input.name, input.shape.length));
    graph.nodes.forEach((node) => this.write(node));
    emitter.path = '~';
    for (const { name, value } of graph.outputs) emitter.output(name, this.nameOf(value));
    if (this.options.products === 'float16')
      halveProducts(
        emitter,
        graph.outputs.map(({ name }) => name),
      );
    const message = create(GraphProtoSchema, {
      name: this.options.name,
      node: emitter.nodes,
      input: graph.inputs.map((input) => info(input.name, input)),
      output: graph.outputs.map(({ name, value }) => info(name, value)),
    });
    return { graph: message, initializers: emitter.initializers, rounding: this.rounding };
  }
}

/** Writes a graph in ONNX. */
export const writeGraph = (graph: Graph, options: WriteOptions): Written =>
  new GraphWriter(graph, options).run();
