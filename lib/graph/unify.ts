/**
 * One graph with open sizes from graphs of the same program at several sizes: whatever differs between them must be a
 * polynomial in the sizes, and everything else the same.
 */
import { sameElements } from './constant.js';
import { type Call, type Constant, type Node, resultsOf, type Trace, type Value } from './graph.js';
import { evaluate, interpolate, type Probe, type Size, type Sizes } from './size.js';

/** The error of a program whose operations depend on the value of a size that was left open. */
export class OpenSizeError extends Error {
  override readonly name = 'OpenSizeError';
}

/** The same thing at every point, the last of which is there to check the others. */
type AtPoints<A> = readonly A[];

class Unifier {
  private readonly results = new Map<Node, readonly Value[]>();
  private readonly others = new Map<Value, Value>();
  private path = '~';

  constructor(
    private readonly probes: readonly Probe[],
    private readonly check: Sizes,
  ) {}

  private refuse(what: string): never {
    const names = this.probes.map(([name]) => `'${name}'`).join(', ');
    throw new OpenSizeError(
      `${this.path}: ${what} depends on how large ${names} is in a way that a graph cannot say; give a number`,
    );
  }

  private size(values: AtPoints<number>, what: string): Size {
    const size = interpolate(values.slice(0, -1), this.probes);
    return evaluate(size, this.check) === values.at(-1) ? size : this.refuse(what);
  }

  /** Anything that attributes and shapes are made of. */
  private plain(values: AtPoints<unknown>, what: string): unknown {
    const [first] = values;
    if (values.every((value) => Object.is(value, first))) return first;
    if (values.every((value) => typeof value === 'number')) return this.size(values, what);
    if (values.every(Array.isArray) && values.every(({ length }) => length === values[0].length))
      return values[0].map((_, i) =>
        this.plain(
          values.map((value) => (value as unknown[])[i]),
          what,
        ),
      );
    return this.refuse(what);
  }

  private shape(shapes: AtPoints<readonly Size[]>, what: string): readonly Size[] {
    return this.plain(shapes, what) as readonly Size[];
  }

  private constant(constants: AtPoints<Constant>, what: string): Constant {
    const [first] = constants;
    if (!constants.every(({ values }) => sameElements(values, first.values)))
      this.refuse(`a constant of ${what}`);
    return {
      ...first,
      shape: this.shape(
        constants.map(({ shape }) => shape),
        what,
      ),
    };
  }

  /** A value that is neither a constant nor a result is known once for all by the first graph's. */
  private value(values: AtPoints<Value>, what: string): Value {
    const [first] = values;
    if (values.some(({ kind }) => kind !== first.kind)) return this.refuse(what);
    if (first.kind === 'constant') return this.constant(values as AtPoints<Constant>, what);
    if (first.kind === 'result') return (this.results.get(first.node) as readonly Value[])[first.index];
    return this.others.get(first) as Value;
  }

  private node(nodes: AtPoints<Node>): Node {
    const [first] = nodes;
    this.path = first.path;
    const names = Object.keys(first.inputs);
    const isSame = nodes.every(
      ({ kernel, inputs }) => kernel === first.kernel && Object.keys(inputs).length === names.length,
    );
    if (!isSame) this.refuse('which operations run');
    const attrs = Object.keys(first.attrs).map((name) => [
      name,
      this.plain(
        nodes.map((node) => node.attrs[name]),
        `'${name}' of ${first.kernel}`,
      ),
    ]);
    const inputs = names.map((name) => [
      name,
      this.value(
        nodes.map((node) => node.inputs[name]),
        `'${name}' of ${first.kernel}`,
      ),
    ]);
    const outputs = first.outputs.map(({ dtype }, i) => ({
      dtype,
      shape: this.shape(
        nodes.map((node) => node.outputs[i].shape),
        first.kernel,
      ),
    }));
    const node = { ...first, attrs: Object.fromEntries(attrs), inputs: Object.fromEntries(inputs), outputs };
    this.results.set(first, resultsOf(node));
    return node;
  }

  private named<V extends Value>(values: AtPoints<readonly V[]>): V[] {
    return values[0].map((first, i) => {
      const shape = this.shape(
        values.map((all) => all[i].shape),
        'an input',
      );
      const value = { ...first, shape };
      this.others.set(first, value);
      return value;
    });
  }

  private calls(calls: AtPoints<readonly Call[]>): Call[] {
    return calls[0].map((first, i) => {
      const at = (part: 'inputs' | 'outputs') =>
        this.plain(
          calls.map((all) => all[i][part]),
          'a shape',
        ) as Call['inputs'];
      return { ...first, inputs: at('inputs'), outputs: at('outputs') };
    });
  }

  trace(traces: AtPoints<Trace>): Trace {
    const [first] = traces;
    const inputs = this.named(traces.map((each) => each.inputs));
    const weights = this.named(traces.map((each) => each.weights));
    if (traces.some(({ nodes }) => nodes.length !== first.nodes.length)) this.refuse('which operations run');
    const nodes = first.nodes.map((_, i) => this.node(traces.map((each) => each.nodes[i])));
    const outputs = first.outputs.map((output, i) => ({
      ...output,
      value: this.value(
        traces.map((each) => each.outputs[i].value),
        'an output',
      ),
    }));
    const { result } = first;
    return { inputs, weights, nodes, outputs, calls: this.calls(traces.map((each) => each.calls)), result };
  }
}

/**
 * One trace from those at the probes' points, checked at another.
 * @throws OpenSizeError, with the module's path, where they differ in what is no polynomial
 */
export const unify = (
  traces: readonly Trace[],
  probes: readonly Probe[],
  checked: Trace,
  check: Sizes,
): Trace => new Unifier(probes, check).trace([...traces, checked]);
