/**
 * Programs: one run of a layer. A program has a reading, which answers scopes, and remembers every module value that was
 * declared, so that a value has one path wherever it is declared again.
 */
import type { Span } from '../data/spans.js';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Shape } from '../data/array.js';
import { isTensor } from '../data/leaf.js';
import { ShapeError, sameShape, showShape } from '../data/shape.js';
import { joinPath } from '../data/tree.js';
import { keepingAll, tidy } from '../engine/index.js';
import { type LazyKey, MissingKeyError } from '../random/index.js';
import { Frame } from './frame.js';
import type { Initializer } from './initializers.js';
import { nameOfMethod } from './names.js';
import type { FirstState, Reading } from './reading.js';
import { record } from './recording.js';
import {
  type Declared,
  type Definition,
  definition,
  type Layer,
  type Methods,
  type Module,
  type Scope,
} from './scope.js';
import { isWithin, showTo } from './watch.js';

/** A part of a program that can be run again. */
interface Rerunnable<B> {
  readonly output: B;
  /** Parameters and state that the part asked for. */
  readonly tensors: readonly Tensor[];
  /**
   * Runs the part again with other tensors for its parameters and state, and with the same random keys. Observers and
   * watchers see nothing, and state stays as it is.
   */
  readonly again: <C>(tensors: readonly Tensor[], run: () => C) => C;
}

/** The interface of scopes for combinators: running parts of a method again, or not at once. */
interface Passes {
  /**
   * True if the module has to compute whole arrays: in training, where random numbers are drawn for all rows, and where
   * somebody looks at modules, or changes them, in this one.
   */
  readonly isWhole: boolean;
  /** For passes that share the modules that they declare: each pass begins with the names of the moment of this call. */
  replay(): <B>(pass: () => B) => B;
  /** Runs a part of the method with its questions answered by another reading. */
  readBy<B>(change: (reading: Reading) => Reading, run: (reading: Reading) => B): B;
  /** The number of keys that the program has drawn, where a reading counts them. */
  drawn(): number | undefined;
  /** Runs a part of the method that is running, and remembers how to run it again, even after the method has ended. */
  rerunnable<B>(run: () => B): Rerunnable<B>;
}

/** The interface of a scope for combinators. */
export const passesOf = (scope: Scope): Passes => scope as ModuleScope;

/** Layers that hand a module on, changed but with its identity, carry this. */
export const handsOn: unique symbol = Symbol('renga.handsOn');

/** A layer that declares another one and changes what was declared. */
export interface Handing {
  readonly [handsOn]: {
    readonly layer: Module<Methods>;
    readonly change: (scope: Scope, declared: Declared<Methods>) => unknown;
  };
}

/** A module value that was declared. */
interface Known {
  /** The prefix of the frame in which the value was declared first, and the name that it took there. */
  readonly prefix: string;
  readonly name: string;
  /** Undefined while the constructor runs. */
  declared?: unknown;
}

type Method = (...inputs: unknown[]) => unknown;

interface Program {
  reading: Reading;
  known: Map<unknown, Known>;
  isRunning: boolean;
}

/** Runs with some of a program's fields changed, and sets them back. */
const changed = <B>(program: Program, fields: Partial<Program>, run: () => B): B => {
  const before = { ...program };
  try {
    return run.call(Object.assign(program, fields));
  } finally {
    Object.assign(program, before);
  }
};

const identifier = /^(?!__proto__$)[a-zA-Z_]\w*$/;

const located = new WeakSet<Error>();

/** Puts the innermost module's path before an error's message, once. */
const locate = (error: unknown, path: string): unknown => {
  if (!(error instanceof Error) || located.has(error)) return error;
  if (error instanceof MissingKeyError && error.where !== undefined) return error;
  error.message = `${path}: ${error.message}`;
  located.add(error);
  return error;
};

const locating = <B>(path: string, run: () => B): B => {
  try {
    return run();
  } catch (error) {
    throw locate(error, path);
  }
};

/** @throws Error for a promise */
const atOnce = <B>(output: B): B => {
  if (typeof (output as PromiseLike<unknown> | undefined)?.then !== 'function') return output;
  (output as unknown as Promise<unknown>).catch?.(() => undefined);
  throw new Error(
    'found a promise, expected an output: layers are synchronous, since names and random keys follow the order of calls',
  );
};

const expectLayer = (layer: unknown): void => {
  if (typeof layer !== 'function') throw new Error(`declare: found ${typeof layer}, expected a layer`);
};

class ModuleScope implements Scope, Passes {
  private readonly frames: Frame[];
  /** The names of functions that are methods of this module already. */
  private readonly methods = new Map<unknown, string>();

  constructor(
    private readonly program: Program,
    readonly path: string,
    prefix: string,
    private readonly about: Pick<Definition<Methods>, 'kind' | 'config'> = { kind: 'other', config: {} },
  ) {
    this.frames = [new Frame(prefix)];
  }

  get isTraining(): boolean {
    const { isTraining } = this.program.reading;
    return typeof isTraining === 'function' ? isTraining(this.path) : isTraining;
  }

  get isWhole(): boolean {
    const { isTraining, observe, watch, intercept = [] } = this.program.reading;
    const named = [...(watch ? [watch] : []), ...intercept];
    return isTraining !== false || observe !== undefined || named.some(({ of }) => isWithin(of)(this.path));
  }

  param(name: string, shape: Shape, initializer: Initializer): Tensor {
    const { param, changeParam } = this.program.reading;
    const raw = param(this.path, name, shape, initializer);
    if (!changeParam) return raw;
    const value = changeParam(raw, { path: joinPath(this.path, name), module: this.path, name });
    if (sameShape(value.shape, raw.shape)) return value;
    throw new ShapeError(
      `parameter '${name}' was changed to shape ${showShape(value.shape)}, expected ${showShape(raw.shape)}`,
    );
  }

  state(name: string, first?: FirstState): Tensor {
    return this.program.reading.getState(this.path, name, first);
  }

  setState(name: string, value: Tensor): void {
    this.program.reading.setState(this.path, name, value);
  }

  key(): LazyKey {
    return this.program.reading.nextKey(this.path);
  }

  show(name: string, rows: number, make: (span: Span) => Tensor): void {
    const { watch } = this.program.reading;
    if (watch) showTo(watch, { path: this.path, name, rows, make });
  }

  declare<M extends Methods>(layer: Module<M>): Declared<M>;
  declare<A extends readonly unknown[], B>(layer: Layer<A, B>): (...inputs: A) => B;
  declare(layer: Layer<unknown[], unknown> | Module<Methods> | Handing): unknown {
    expectLayer(layer);
    if (handsOn in layer) {
      const { layer: handed, change } = layer[handsOn];
      return change(this, this.declare(handed));
    }
    if (!(definition in layer)) return (...inputs: unknown[]) => layer(this, ...inputs);
    const { known } = this.program;
    return known.has(layer) ? this.declareAgain(layer, known.get(layer) as Known) : this.declareFirst(layer);
  }

  private get frame(): Frame {
    return this.frames[this.frames.length - 1];
  }

  private declareFirst(layer: Module<Methods>): unknown {
    const { name, build, ...about } = layer[definition];
    if (!identifier.test(name)) throw new Error(`module name '${name}' is not an identifier`);
    const { frame, program } = this;
    const known: Known = { prefix: frame.prefix, name: frame.take(name, layer) };
    program.known.set(layer, known);
    const path = frame.pathOf(known.name);
    program.reading.onDeclared?.(path, about.kind);
    known.declared = new ModuleScope(program, path, `${path}/~`, about).construct(build);
    return known.declared;
  }

  private declareAgain(layer: Module<Methods>, { prefix, name, declared }: Known): unknown {
    if (declared === undefined)
      throw new Error(`module '${name}' declares itself in its own constructor, which would never end`);
    if (prefix === this.frame.prefix) this.frame.takeAgain(name, layer);
    return declared;
  }

  method<A extends readonly unknown[], B>(name: string, run: (...inputs: A) => B): (...inputs: A) => B {
    const prefix = name === 'call' ? this.path : `${this.path}/~${nameOfMethod(name)}`;
    const inFrame = (...inputs: A): B => {
      this.frames.push(new Frame(prefix));
      try {
        // Tensors that the method makes on its way are freed when it returns; a gradient keeps those that it needs.
        return locating(this.path, () => tidy(() => atOnce(run(...inputs))));
      } finally {
        this.frames.pop();
      }
    };
    const method = (...inputs: A): B => this.call(name, inFrame, inputs);
    this.methods.set(method, name);
    return method;
  }

  /** Calls a method through interceptors, and shows the call to observers. */
  private call<A extends readonly unknown[], B>(name: string, run: (...inputs: A) => B, inputs: A): B {
    const { path, program } = this;
    if (!program.isRunning) {
      throw new Error(
        `${path}: ${name} is called after its init or apply has ended; declare modules anew in each run`,
      );
    }
    const { within = (_path, call) => call(), observe, intercept = [] } = program.reading;
    if (!observe && intercept.length === 0) return within(path, () => run(...inputs));
    const call = { ...this.about, path, method: name };
    const named = intercept.filter(({ isNamed }) => isNamed(path));
    const intercepted = named.reduceRight<Method>(
      (next, { around }) =>
        (...given) =>
          locating(path, () => atOnce(around({ ...call, inputs: given }, next))),
      run as unknown as Method,
    );
    const output = within(path, () => intercepted(...inputs)) as B;
    observe?.({ ...call, inputs, output });
    return output;
  }

  replay(): <B>(pass: () => B) => B {
    const back = this.frame.mark();
    return (pass) => {
      back();
      return pass();
    };
  }

  readBy<B>(change: (reading: Reading) => Reading, run: (reading: Reading) => B): B {
    const reading = change(this.program.reading);
    return changed(this.program, { reading }, () => run(reading));
  }

  drawn(): number | undefined {
    return this.program.reading.drawn?.();
  }

  rerunnable<B>(run: () => B): Rerunnable<B> {
    const { frame, program } = this;
    const back = frame.mark();
    const known = new Map(program.known);
    const { reading, tensors, replay } = record(program.reading);
    const output = changed(program, { reading }, run);
    const again = <C>(given: readonly Tensor[], part: () => C): C => {
      const { reading: answers, release } = replay(given);
      this.frames.push(frame);
      back();
      const fields = { reading: answers, known: new Map(known), isRunning: true };
      try {
        return locating(this.path, () => changed(program, fields, part));
      } finally {
        this.frames.pop();
        release();
      }
    };
    return { output, tensors: tensors(), again };
  }

  private construct(build: Definition<Methods>['build']): unknown {
    // Tensors of a constructor belong to the module's methods, which may run until the program ends.
    const { result, made } = locating(this.path, () => keepingAll(() => atOnce(build(this))));
    made.forEach((tensor) => this.program.reading.keep(tensor));
    const methods = Object.entries(result).map(([name, run]) => [
      name,
      this.methods.get(run) === name ? run : this.method(name, run as (...inputs: unknown[]) => unknown),
    ]);
    const { call, ...others } = Object.fromEntries(methods);
    return Object.defineProperties(call, Object.getOwnPropertyDescriptors(others)); // `name`, too
  }
}

/** Runs a layer as a program whose scopes are answered by a reading. */
export const runProgram = <A extends readonly unknown[], B>(
  reading: Reading,
  layer: Layer<A, B>,
  inputs: A,
): B => {
  const program: Program = { reading, known: new Map(), isRunning: true };
  const isDisposed = inputs.some((input) => isTensor(input) && input.isDisposed);
  try {
    return locating('~', () => {
      if (isDisposed) throw new Error('an input is a tensor that was disposed of, expected a live one');
      return atOnce(layer(new ModuleScope(program, '~', ''), ...inputs));
    });
  } finally {
    program.isRunning = false;
  }
};

/** Tells whether a value is a scope. */
export const isScope = (value: unknown): value is Scope =>
  typeof (value as Partial<Scope> | null | undefined)?.declare === 'function';
