/**
 * A graph as the text of a StableHLO module: one function, `main`, whose arguments are the graph's inputs.
 */
import { elementsOf } from '../graph/constant.js';
import type { Graph, Input, Node, Output, Value } from '../graph/graph.js';
import { namer } from '../graph/names.js';
import { type Size, symbolOf } from '../graph/size.js';
import { Emitter } from './emitter.js';
import { operators } from './operators/index.js';
import { UnsupportedError } from '../graph/unsupportedError.js';
import { elementTypeOf, type Ref, type Typed, typeText } from './value.js';

/**
 * An argument or result that carries nothing, in the place of the derivative of whole numbers: truth values of a shape,
 * as JAX lays out its type `float0`.
 */
export interface Absent {
  readonly kind: 'absent';
  readonly shape: readonly Size[];
}

/** Arguments and results in the order that the caller has them in. */
export interface Signature {
  readonly inputs: readonly (Input | Absent)[];
  readonly outputs: readonly (Output | Absent)[];
}

export const isAbsent = (part: Input | Output | Absent): part is Absent =>
  'kind' in part && part.kind === 'absent';

/** The type of an argument or result, as callers see it. */
export const typeOf = (part: Input | Output | Absent): Typed => {
  if (isAbsent(part)) return { shape: part.shape, type: 'i1' };
  const { shape, dtype } = 'value' in part ? part.value : part;
  return { shape, type: part.isKey ? 'ui32' : elementTypeOf(dtype) };
};

export interface ModuleOptions {
  /** The module's name. */
  readonly name: string;
  /** True where the first argument is the number of a platform, as in files for several of them. False if not given. */
  readonly hasPlatform?: boolean;
}

const identifier = (name: string): string => name.replace(/[^\w.$]/g, '_').replace(/^(?=\d)/, '_');

class ModuleWriter {
  private readonly emitter: Emitter;
  private readonly args: readonly Ref[];
  private readonly values = new Map<Value, Ref>();
  private readonly results = new Map<Node, readonly Ref[]>();
  private path = '~';

  constructor(
    private readonly graph: Graph,
    private readonly signature: Signature,
  ) {
    const unique = namer();
    this.args = signature.inputs.map((input): Ref => {
      const name = isAbsent(input) ? 'absent' : identifier(input.name);
      return { name: `%${unique(name)}`, ...typeOf(input) };
    });
    const places = new Map<string, readonly [Ref, number]>();
    for (const arg of this.args)
      arg.shape.forEach((size, axis) => {
        const symbol = symbolOf(size);
        if (symbol !== undefined && !places.has(symbol)) places.set(symbol, [arg, axis]);
      });
    this.emitter = new Emitter(places, graph.multiples);
    signature.inputs.forEach((input, i) => {
      if (!isAbsent(input)) this.values.set(input, this.asInGraph(this.args[i]));
    });
  }

  /** The words of keys are i32 in the graph. */
  private asInGraph(arg: Ref): Ref {
    return arg.type === 'ui32' ? this.emitter.bitcast(arg, 'i32') : arg;
  }

  private valueOf(value: Value): Ref {
    if (value.kind === 'result') return (this.results.get(value.node) as readonly Ref[])[value.index];
    const known = this.values.get(value);
    if (known) return known;
    if (value.kind !== 'constant')
      throw new Error(`'${'name' in value ? value.name : value.path}' is no input`);
    const typed = { shape: value.shape, type: elementTypeOf(value.dtype) };
    const made =
      typeof value.values === 'number'
        ? this.emitter.fill(value.values, typed)
        : this.emitter.array(elementsOf(value), { ...typed, shape: value.shape as number[] });
    // Copies in an open shape are operations, which belong where they are first needed, and nowhere else.
    if (typeof value.values !== 'number') this.values.set(value, made);
    return made;
  }

  private write(node: Node): void {
    const operator = Object.hasOwn(operators, node.kernel) ? operators[node.kernel] : undefined;
    const where = node.path === '~' ? 'the program' : node.path;
    if (!operator) throw new UnsupportedError(`${where}: StableHLO has no form for ${node.kernel}`);
    if (node.path !== this.path) this.emitter.remark(node.path);
    this.path = node.path;
    const x = Object.fromEntries(
      Object.entries(node.inputs).map(([name, value]) => [name, this.valueOf(value)]),
    );
    const [{ shape, dtype }] = node.outputs;
    const out = { shape, type: elementTypeOf(dtype) };
    try {
      const made = operator({ node, x, attrs: node.attrs, out, emitter: this.emitter });
      this.results.set(node, [made].flat() as Ref[]);
    } catch (error) {
      if (!(error instanceof UnsupportedError)) throw error;
      throw new UnsupportedError(`${where}: StableHLO has no form for ${error.message} (${node.kernel})`);
    }
  }

  private output(output: Output | Absent): Ref {
    if (isAbsent(output)) return this.emitter.fill(0, typeOf(output));
    const value = this.valueOf(output.value);
    return output.isKey ? this.emitter.bitcast(value, 'ui32') : value;
  }

  text({ name, hasPlatform = false }: ModuleOptions): string {
    this.graph.nodes.forEach((node) => this.write(node));
    const results = this.signature.outputs.map((output) => this.output(output));
    const types = results.map(typeText).join(', ');
    const args = [
      ...(hasPlatform ? ['%platform_index: tensor<i32>'] : []),
      ...this.args.map((arg) => `${arg.name}: ${typeText(arg)}`),
    ];
    return [
      `module @${identifier(name)} {`,
      '  func.func public @main(',
      args.map((arg) => `      ${arg}`).join(',\n'),
      `  ) -> (${types}) {`,
      ...this.emitter.text(results).map((line) => `    ${line}`),
      `    return ${results.map((result) => result.name).join(', ')} : ${types}`,
      '  }',
      '}',
      '',
    ].join('\n');
  }
}

/**
 * A graph as the text of a StableHLO module.
 * @param signature  the graph's inputs and outputs, in the order of the arguments and results
 * @throws UnsupportedError, which names the module, for a kernel that StableHLO has no form for
 */
export const moduleText = (graph: Graph, signature: Signature, options: ModuleOptions): string =>
  new ModuleWriter(graph, signature).text(options);
