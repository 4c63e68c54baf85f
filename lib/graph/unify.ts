/**
 * One graph with open sizes from graphs of the same program at several sizes: whatever differs between them must be a
 * polynomial in the sizes, and everything else the same. Constants of one number may be such a polynomial, or 1 through one.
 */
import { isRecord } from '../data/nest.js';
import { sameElements } from './constant.js';
import { type Call, type Constant, type Node, resultsOf, type Trace, type Value } from './graph.js';
import { evaluate, interpolate, type Probe, type Size, type Sizes } from './size.js';

/** The error of a program whose operations depend on the value of a size that was left open. */
export class OpenSizeError extends Error {
  override readonly name = 'OpenSizeError';
}

/** The kernel of a number that is a size, or 1 through a size: it has no inputs, and exists in graphs with open sizes alone. */
const sizeKernel = 'RengaSize';

/** Attributes that are numbers to compute with, and no sizes or places. */
const realAttributes: ReadonlySet<string> = new Set([
  ...['scale', 'epsilon', 'varianceEpsilon', 'clipValueMin', 'clipValueMax', 'alpha', 'constantValue'],
]);

type Typed = Pick<Constant, 'shape' | 'dtype'>;

/** The same thing at every point, those of the probes first, then those that are there to check. */
type AtPoints<A> = readonly A[];

/** True for nests with the same parts. */
const isSame = (a: unknown, b: unknown): boolean => {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((part, i) => isSame(part, b[i]));
  if (!isRecord(a) || !isRecord(b)) return Object.is(a, b);
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length && names.every((name) => name in b && isSame(a[name], b[name]))
  );
};

class Unifier {
  private readonly results = new Map<Node, readonly Value[]>();
  private readonly others = new Map<Value, Value>();
  private readonly nodes: Node[] = [];
  private path = '~';

  constructor(
    private readonly probes: readonly Probe[],
    private readonly points: AtPoints<Sizes>,
  ) {}

  /** The names that a thing differs by at the probes' points; all of them where it differs at none. */
  private namesOf(values: AtPoints<unknown>): readonly string[] {
    const all = this.probes.map(([name]) => name);
    const [first] = this.points;
    const by = all.filter((name) => {
      const i = this.points.findIndex((point) =>
        all.every((each) => (point[each] !== first[each]) === (each === name)),
      );
      return i >= 0 && !isSame(values[i], values[0]);
    });
    return by.length > 0 ? by : all;
  }

  private refuse(what: string, values: AtPoints<unknown> = []): never {
    const names = this.namesOf(values);
    const tried = names.map((name) => {
      const sizes = [...new Set(this.points.map((point) => point[name]))].sort((a, b) => a - b);
      return `${name} = ${sizes.join(', ')}`;
    });
    throw new OpenSizeError(
      `${this.path}: ${what} depends on how large ${names.map((name) => `'${name}'`).join(', ')} is in a way that a graph cannot say ` +
        `(read with ${tried.join('; ')}); give a number in its place or, where it is always a multiple of one, that one, such as sizes: { ${names[0]}: 2 }`,
    );
  }

  private size(values: AtPoints<number>, what: string): Size {
    const size = this.fitted(values);
    return size === undefined ? this.refuse(what, values) : size;
  }

  /** The size that is these numbers at all points; undefined where there is none. */
  private fitted(values: AtPoints<number>): Size | undefined {
    const count = 2 ** this.probes.length;
    if (!values.every(Number.isInteger)) return undefined;
    const size = interpolate(values.slice(0, count), this.probes);
    return values.every((value, i) => evaluate(size, this.points[i]) === value) ? size : undefined;
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
    if (values.every(isRecord)) {
      const names = Object.keys(values[0]);
      const part = (name: string) =>
        values.map((value) => (value as Readonly<Record<string, unknown>>)[name]);
      return Object.fromEntries(names.map((name) => [name, this.plain(part(name), what)]));
    }
    return this.refuse(what, values);
  }

  private shape(shapes: AtPoints<readonly Size[]>, what: string): readonly Size[] {
    return this.plain(shapes, what) as readonly Size[];
  }

  private constant(constants: AtPoints<Constant>, what: string): Value {
    const [first] = constants;
    const all = constants.map(({ values }) => values);
    const shape = this.shape(
      constants.map((each) => each.shape),
      what,
    );
    if (all.every((values) => sameElements(values, first.values))) return { ...first, shape };
    return this.computed(all, { ...first, shape }) ?? this.refuse(`a constant of ${what}`, all);
  }

  /** One number that is a size, or 1 through a size, such as a mean over an open axis divides by; undefined for others. */
  private computed(numbers: AtPoints<unknown>, { shape, dtype }: Typed): Value | undefined {
    if (dtype === 'bool' || !numbers.every((each) => typeof each === 'number')) return undefined;
    const node = (size: Size, isInverse: boolean): Value => {
      const made: Node = {
        kernel: sizeKernel,
        attrs: { size, isInverse },
        inputs: {},
        outputs: [{ shape, dtype }],
        path: this.path,
      };
      this.nodes.push(made);
      return resultsOf(made)[0];
    };
    const size = this.fitted(numbers);
    if (size !== undefined) return node(size, false);
    const divisors = numbers.map((each) => Math.round(1 / each));
    const isInverse = divisors.every((each, i) => Math.fround(1 / each) === Math.fround(numbers[i]));
    const divisor = isInverse && dtype === 'float32' ? this.fitted(divisors) : undefined;
    return divisor === undefined ? undefined : node(divisor, true);
  }

  /** A value that is neither a constant nor a result is known once for all by the first graph's. */
  private value(values: AtPoints<Value>, what: string): Value {
    const [first] = values;
    if (values.some(({ kind }) => kind !== first.kind))
      return this.refuse(
        what,
        values.map(({ kind }) => kind),
      );
    if (first.kind === 'constant') return this.constant(values as AtPoints<Constant>, what);
    if (first.kind === 'result') return (this.results.get(first.node) as readonly Value[])[first.index];
    return this.others.get(first) as Value;
  }

  private node(nodes: AtPoints<Node>): void {
    const [first] = nodes;
    this.path = first.path;
    const names = Object.keys(first.inputs);
    const isAlike = nodes.every(
      ({ kernel, inputs }) => kernel === first.kernel && Object.keys(inputs).length === names.length,
    );
    if (!isAlike)
      this.refuse(
        'which operations run',
        nodes.map(({ kernel, inputs }) => [kernel, Object.keys(inputs).length]),
      );
    const filled = first.kernel === 'Fill' ? this.filled(nodes) : undefined;
    if (filled) return void this.results.set(first, [filled]);
    const attrs = Object.keys(first.attrs).map((name) => [
      name,
      this.attribute(
        name,
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
    this.nodes.push(node);
    this.results.set(first, resultsOf(node));
  }

  private attribute(name: string, values: AtPoints<unknown>, what: string): unknown {
    if (realAttributes.has(name) && !values.every((value) => isSame(value, values[0])))
      this.refuse(what, values);
    return this.plain(values, what);
  }

  /** A tensor filled with a number that depends on sizes; undefined where it does not. */
  private filled(nodes: AtPoints<Node>): Value | undefined {
    const numbers = nodes.map(({ attrs }) => attrs.value);
    if (numbers.every((each) => Object.is(each, numbers[0]))) return undefined;
    const shape = this.shape(
      nodes.map(({ outputs }) => outputs[0].shape),
      'Fill',
    );
    return (
      this.computed(numbers, { ...nodes[0].outputs[0], shape }) ?? this.refuse("'value' of Fill", numbers)
    );
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
    if (traces.some(({ nodes }) => nodes.length !== first.nodes.length)) {
      const at = first.nodes.findIndex(({ kernel, path }, i) =>
        traces.some(({ nodes }) => nodes[i]?.kernel !== kernel || nodes[i].path !== path),
      );
      this.path = first.nodes[at]?.path ?? '~';
      this.refuse(
        'which operations run',
        traces.map(({ nodes }) => nodes.length),
      );
    }
    first.nodes.forEach((_, i) => this.node(traces.map((each) => each.nodes[i])));
    const outputs = first.outputs.map((output, i) => ({
      ...output,
      value: this.value(
        traces.map((each) => each.outputs[i].value),
        'an output',
      ),
    }));
    const { result } = first;
    if (!traces.every((each) => isSame(each.result, result)))
      this.refuse(
        'a part of the result that is no array',
        traces.map((each) => each.result),
      );
    return {
      inputs,
      weights,
      nodes: this.nodes,
      outputs,
      calls: this.calls(traces.map((each) => each.calls)),
      result,
    };
  }
}

/**
 * One trace from those at points: every combination of the probes' sizes, and others that check what follows from these.
 * @throws OpenSizeError, with the module's path, where they differ in what is no polynomial
 */
export const unify = (traces: readonly Trace[], probes: readonly Probe[], points: readonly Sizes[]): Trace =>
  new Unifier(probes, points).trace(traces);
