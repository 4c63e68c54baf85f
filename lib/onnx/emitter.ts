/**
 * Writing nodes of ONNX: operators with their attributes, numbers and lists of sizes as initialisers, each under a name
 * that a person can read. Sizes with symbols in them are computed in the model from the shapes of its inputs.
 */
import { create } from '@bufbuild/protobuf';
import { bytesOf } from '../data/array.js';
import { namer } from '../graph/names.js';
import { isSymbolic, showSize, type Size, type Sizes, type SymbolicSize, wholeTerms } from '../graph/size.js';
import {
  type AttributeProto,
  AttributeProto_AttributeType as AttributeType,
  AttributeProtoSchema,
  type NodeProto,
  NodeProtoSchema,
} from './onnx_pb.js';
import type { ElementType, Initializer } from './tensor.js';

/** Attributes of an operator: whole numbers unless they are wrapped in `float`. */
export type Attributes = Readonly<Record<string, number | string | readonly number[] | Float | undefined>>;

interface Float {
  readonly float: number;
}

/** An attribute that is a float even where it is a whole number. */
export const float = (value: number): Float => ({ float: value });

const attribute = (name: string, value: Exclude<Attributes[string], undefined>): AttributeProto => {
  if (typeof value === 'number')
    return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value) });
  if (typeof value === 'string')
    return create(AttributeProtoSchema, {
      name,
      type: AttributeType.STRING,
      s: new TextEncoder().encode(value),
    });
  if ('float' in value)
    return create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: value.float });
  return create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: value.map(BigInt) });
};

/** An operator's input: a value's name, or none where an optional one is left out. */
type Operand = string | undefined;

const arrays = {
  float32: (values: readonly number[]) => Float32Array.from(values),
  float64: (values: readonly number[]) => Float64Array.from(values),
  int32: (values: readonly number[]) => Int32Array.from(values),
  int64: (values: readonly number[]) => BigInt64Array.from(values, BigInt),
  uint32: (values: readonly number[]) => Uint32Array.from(values),
  uint8: (values: readonly number[]) => Uint8Array.from(values),
  int8: (values: readonly number[]) => Int8Array.from(values),
  bool: (values: readonly number[]) => Uint8Array.from(values),
};

export class Emitter {
  readonly nodes: NodeProto[] = [];
  readonly initializers: Initializer[] = [];
  private readonly unique = namer();
  private readonly known = new Map<string, string>();
  /** The names of outputs by those that their values had before. */
  private readonly outputs = new Map<string, string>();
  private readonly lists = new Map<string, readonly string[]>();
  /** The module whose nodes are being written. */
  path = '~';

  /**
   * @param symbols    where the value of each symbol is found: the name of an input, and the axis
   * @param multiples  for symbols that have to be multiples of a number, that number
   */
  constructor(
    private readonly symbols: ReadonlyMap<string, readonly [input: string, axis: number]>,
    readonly multiples: Sizes = {},
  ) {}

  /**
   * An input as it is where its sizes are the multiples that they have to be. Other sizes are refused by a Reshape of that
   * name: its shape has them rounded down.
   */
  expectMultiples(input: string, rank: number): string {
    const axes = [...this.symbols].flatMap(([symbol, [from, axis]]) =>
      from === input && symbol in this.multiples ? [[symbol, axis, this.multiples[symbol]] as const] : [],
    );
    if (axes.length === 0) return input;
    const factors = this.numbers(
      Array.from({ length: rank }, (_, axis) => axes.find((each) => each[1] === axis)?.[2] ?? 1),
      'int64',
    );
    const rounded = this.op('Mul', [this.op('Div', [this.op('Shape', [input]), factors]), factors]);
    const name = this.unique(
      axes.map(([symbol, , multiple]) => `${symbol} has to be a multiple of ${multiple}`).join(', '),
    );
    this.node('Reshape', name, [input, rounded], [name]);
    return name;
  }

  /** Takes a name that values have from outside. */
  reserve(name: string): string {
    return this.unique(name);
  }

  /** A node; the names of its results, as many as are asked for. */
  emit(op: string, inputs: readonly Operand[], attributes: Attributes = {}, results: number = 1): string[] {
    const name = this.unique(this.path === '~' ? op : `${this.path}/${op}`);
    const outputs = results === 1 ? [name] : Array.from({ length: results }, (_, i) => `${name}:${i}`);
    this.node(op, name, inputs, outputs, attributes);
    return outputs;
  }

  /** A node of one result, by its name. */
  op(op: string, inputs: readonly Operand[], attributes: Attributes = {}): string {
    return this.emit(op, inputs, attributes)[0];
  }

  /** A node under given names. */
  node(
    op: string,
    name: string,
    inputs: readonly Operand[],
    outputs: readonly string[],
    { domain, ...attributes }: Attributes & { readonly domain?: string } = {},
  ): void {
    const given = Object.entries(attributes).flatMap(([key, value]) =>
      value === undefined ? [] : [attribute(key, value)],
    );
    const input = inputs.map((operand) => operand ?? '');
    while (input.at(-1) === '') input.pop();
    this.nodes.push(
      create(NodeProtoSchema, { opType: op, domain, name, input, output: [...outputs], attribute: given }),
    );
  }

  /**
   * An output: the value is called by the output's name from now on, so that runtimes do not copy it. One that is no node's
   * result, or an output already, is copied.
   */
  output(name: string, value: string): void {
    const known = this.outputs.get(value);
    const maker = known ? undefined : this.nodes.find(({ output }) => output.includes(value));
    if (!maker) return this.node('Identity', name, [known ?? value], [name]);
    this.outputs.set(value, name);
    const renamed = (names: readonly string[]): string[] =>
      names.map((each) => (each === value ? name : each));
    maker.output = renamed(maker.output);
    for (const node of this.nodes) if (node.input.includes(value)) node.input = renamed(node.input);
  }

  /** An initialiser; its name. */
  initializer(initializer: Initializer): string {
    this.initializers.push(initializer);
    return initializer.name;
  }

  /** A few numbers, shared by all that ask for the same. */
  numbers(
    values: readonly number[],
    type: Exclude<ElementType, 'float16'>,
    shape: readonly number[] = [values.length],
  ): string {
    const kind = shape.length ? `${type}s` : type;
    return this.once(`${kind} ${shape} ${values.map((value) => (Object.is(value, -0) ? '-0' : value))}`, () =>
      this.initializer({
        name: this.unique([kind, ...values].join('_')),
        shape,
        type,
        bytes: () => bytesOf(arrays[type](values)),
      }),
    );
  }

  /** A number without axes. */
  scalar(value: number, type: Exclude<ElementType, 'float16'> = 'float32'): string {
    return this.numbers([value], type, []);
  }

  /** Sizes or places as ONNX wants them: a list of int64. */
  sizes(sizes: readonly Size[]): string {
    if (!sizes.some(isSymbolic)) return this.numbers(sizes as number[], 'int64');
    const parts = sizes.map((size) => (isSymbolic(size) ? this.size(size) : this.numbers([size], 'int64')));
    if (parts.length === 1) return parts[0];
    return this.once(`sizes ${sizes.map(showSize)}`, () =>
      this.atTop(() => this.op('Concat', parts, { axis: 0 })),
    );
  }

  /** Makes a value the first time that its key is asked for. */
  private once(key: string, make: () => string): string {
    const name = this.known.get(key) ?? make();
    this.known.set(key, name);
    return name;
  }

  /** Values that several nodes read, made the first time that their key is asked for. */
  shared(key: string, make: () => readonly string[]): readonly string[] {
    const names = this.lists.get(key) ?? make();
    this.lists.set(key, names);
    return names;
  }

  private atTop(make: () => string): string {
    const { path } = this;
    this.path = 'sizes';
    const name = make();
    this.path = path;
    return name;
  }

  /** A size with symbols, as a list of one. */
  private size(size: SymbolicSize): string {
    return this.once(`size ${showSize(size)}`, () =>
      this.atTop(() => {
        const { denominator, terms: whole } = wholeTerms(size);
        const terms = whole.map(({ coefficient: factor, symbols }) => {
          const factors = symbols.map((name) => this.symbol(name));
          const all =
            factor === 1 && factors.length ? factors : [this.numbers([factor], 'int64'), ...factors];
          return all.reduce((product, each) => this.op('Mul', [product, each]));
        });
        const sum = terms.reduce((total, term) => this.op('Add', [total, term]));
        return denominator === 1 ? sum : this.op('Div', [sum, this.numbers([denominator], 'int64')]);
      }),
    );
  }

  private symbol(name: string): string {
    const place = this.symbols.get(name);
    if (!place) throw new Error(`no input has an axis of size '${name}'`);
    const [input, axis] = place;
    return this.once(`symbol ${name}`, () => this.op('Shape', [input], { start: axis, end: axis + 1 }));
  }
}
