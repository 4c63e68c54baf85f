/**
 * The scope: what Haiku hides in a context, made an argument. It gives a layer its parameters, state and random keys,
 * and names what the layer declares as Haiku names it. One scope belongs to one module; whichever of the module's
 * methods is running decides what the names declared at that moment begin with:
 *
 *   constructor `module/~/…`    call `module/…`    another method `module/~method/…`
 */
import { type Tensor, type TensorContainer, tidy } from '@tensorflow/tfjs-core';
import type { Shape } from '../data/array.js';
import type { Initializer } from './initializers.js';
import type { ModuleKind } from './kind.js';
import { nameOfMethod } from './names.js';
import { type LazyKey, MissingKeyError } from '../random/index.js';
import type { InitialState, Reading } from './reading.js';
import { record } from './recording.js';
import { isWithin, showTo } from './watch.js';
import type { Span } from '../engine/index.js';

/** A layer is a function of a scope and its inputs. */
export type Layer<A extends readonly unknown[], B> = (scope: Scope, ...inputs: A) => B;

/** What a module can do once it is declared: a call, and other methods beside it. */
export type Methods = {
  readonly call: (...inputs: never[]) => unknown;
  readonly [method: string]: (...inputs: never[]) => unknown;
};

/** The definition of a module; the layer that carries it is its identity. */
export interface Definition<M extends Methods> {
  readonly name: string;
  readonly kind: ModuleKind;
  readonly build: (scope: Scope) => M;
  readonly config: unknown;
}

export const definition: unique symbol = Symbol('renga.module');

/** A layer with a name and a scope of its own: `declare` fixes its path, calling it declares it. */
export type Module<M extends Methods> = Layer<Parameters<M['call']>, ReturnType<M['call']>> & {
  readonly [definition]: Definition<M>;
};

/** A declared module: call it, or call its methods; it needs no scope any more. */
export type Declared<M extends Methods> = M['call'] & Omit<M, 'call'>;

export interface Scope {
  /** The module's path, a key of the parameter tree; `~` at the top. */
  readonly path: string;
  readonly isTraining: boolean;
  /** True if somebody looks at modules' inputs and outputs, or watches an intermediate in this module. */
  readonly isObserved: boolean;
  /**
   * Shows a named intermediate; free unless a watcher asks for `path/name`.
   * @param rows  the number of rows, which are the last axis but one
   * @param make  makes some of the rows, [..., n, width]
   * @example s.show('weights', T, ([start, n]) => softmax(scores(rowsOf(q, [start, n]), k)))
   */
  show(name: string, rows: number, make: (span: Span) => Tensor): void;
  /**
   * A parameter of this module: made by the initializer in `init`, looked up in `apply`.
   * @throws ShapeError when the tree holds another shape; Error when it holds nothing
   */
  param(name: string, shape: Shape, initializer: Initializer): Tensor;
  /**
   * A state entry as it stands: its initial value until one is set.
   * @throws Error when it does not exist yet and no initial value is given
   */
  state(name: string, initial?: InitialState): Tensor;
  /** Sets a state entry. In `init`, the first value set becomes the initial one. */
  setState(name: string, value: Tensor): void;
  /** The next random key. Drawing costs nothing; a missing key is an error when it is forced. */
  key(): LazyKey;
  /**
   * Fixes a module's path here and now. The same value declared again gives the same parameters, another of the same
   * name the next path (`linear`, `linear_1`). A plain layer has no path: it declares what it uses when it is called.
   */
  declare<M extends Methods>(layer: Module<M>): Declared<M>;
  declare<A extends readonly unknown[], B>(layer: Layer<A, B>): (...inputs: A) => B;
  /** Runs `run` as a method of this module: what it declares is under `~name`, in snake case. */
  method<A extends readonly unknown[], B>(name: string, run: (...inputs: A) => B): (...inputs: A) => B;
  /** For passes that share what they declare: each one begins with the names of the moment of this call. */
  replay(): <B>(pass: () => B) => B;
  /** Runs a part of this method, and remembers what it takes to run it again, even after the method has returned. */
  rerunnable<B>(run: () => B): Rerunnable<B>;
}

/** What a part of a program gave, and how to run it again. */
export interface Rerunnable<B> {
  readonly output: B;
  /** Parameters and state that it asked for. */
  readonly tensors: readonly Tensor[];
  /** Runs it, or its like, with other tensors for those; with the same random keys, unseen, and state is not set. */
  readonly again: <C>(tensors: readonly Tensor[], run: () => C) => C;
}

/** The reading of a whole program, which a part of it may answer in another way. */
interface Program {
  reading: Reading;
}

const readBy = <B>(program: Program, reading: Reading, run: () => B): B => {
  const before = program.reading;
  program.reading = reading;
  try {
    return run();
  } finally {
    program.reading = before;
  }
};

/** The names given while one method runs, and what was declared by them. */
class Frame {
  counters = new Map<string, number>();
  declared = new Map<unknown, unknown>();

  constructor(readonly prefix: string) {}

  /** Haiku's numbering: `a`, `a_1`, …; a name that ends in a number takes that number, or is refused if it is taken. */
  unique(name: string): string {
    const [, base, number] = /^(.*?)(?:_(0|[1-9]\d*))?$/.exec(name) as RegExpExecArray;
    const next = this.counters.get(base) ?? 0;
    if (number !== undefined && this.counters.has(`=${name}`))
      throw new Error(`module name '${name}' is taken`);
    const index = number === undefined ? next : Number(number);
    const given = number === undefined && index === 0 ? base : `${base}_${index}`;
    this.counters.set(base, Math.max(next, index + 1)).set(`=${given}`, 1);
    return this.prefix ? `${this.prefix}/${given}` : given;
  }
}

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

class ModuleScope implements Scope {
  private readonly frames: Frame[];

  constructor(
    private readonly program: Program,
    readonly path: string,
    prefix: string,
  ) {
    this.frames = [new Frame(prefix)];
  }

  get isTraining(): boolean {
    return this.program.reading.isTraining;
  }

  get isObserved(): boolean {
    const { observe, watch } = this.program.reading;
    return observe !== undefined || (watch !== undefined && isWithin(watch.of)(this.path));
  }

  show(name: string, rows: number, make: (span: Span) => Tensor): void {
    const { watch } = this.program.reading;
    if (watch) showTo(watch, { path: this.path, name, rows, make });
  }

  param(name: string, shape: Shape, initializer: Initializer): Tensor {
    return this.program.reading.param(this.path, name, shape, initializer);
  }

  state(name: string, initial?: InitialState): Tensor {
    return this.program.reading.getState(this.path, name, initial);
  }

  setState(name: string, value: Tensor): void {
    this.program.reading.setState(this.path, name, value);
  }

  key(): LazyKey {
    return this.program.reading.nextKey(this.path);
  }

  declare<M extends Methods>(layer: Module<M>): Declared<M>;
  declare<A extends readonly unknown[], B>(layer: Layer<A, B>): (...inputs: A) => B;
  declare(layer: Layer<unknown[], unknown> | Module<Methods>): unknown {
    const made = (layer as Module<Methods>)[definition];
    if (!made) return (...inputs: unknown[]) => layer(this, ...(inputs as never[]));
    const here = this.frames[this.frames.length - 1];
    const known = here.declared.get(layer) ?? this.frames[0].declared.get(layer);
    if (known) return known;
    if (!identifier.test(made.name)) throw new Error(`module name '${made.name}' is not an identifier`);
    const path = here.unique(made.name);
    const declared = new ModuleScope(this.program, path, `${path}/~`).construct(made);
    here.declared.set(layer, declared);
    return declared;
  }

  method<A extends readonly unknown[], B>(name: string, run: (...inputs: A) => B): (...inputs: A) => B {
    const prefix = name === 'call' ? this.path : `${this.path}/~${nameOfMethod(name)}`;
    return (...inputs) => {
      this.frames.push(new Frame(prefix));
      return this.locating(
        // What a method makes on its way is freed when it returns; a gradient keeps what it needs by itself.
        () => tidy(() => run(...inputs) as TensorContainer) as B,
        () => void this.frames.pop(),
      );
    };
  }

  replay(): <B>(pass: () => B) => B {
    const frame = this.frames[this.frames.length - 1];
    const { counters, declared } = frame;
    return (pass) => {
      frame.counters = new Map(counters);
      frame.declared = new Map(declared);
      return pass();
    };
  }

  rerunnable<B>(run: () => B): Rerunnable<B> {
    const { program } = this;
    const frame = this.frames[this.frames.length - 1];
    const pass = this.replay();
    const { reading, tensors, replay } = record(program.reading);
    const output = readBy(program, reading, () => pass(run));
    const again = <C>(given: readonly Tensor[], run: () => C): C => {
      this.frames.push(frame);
      return this.locating(
        () => readBy(program, replay(given), () => pass(run)),
        () => void this.frames.pop(),
      );
    };
    return { output, tensors: tensors(), again };
  }

  private locating<B>(run: () => B, after?: () => void): B {
    try {
      return run();
    } catch (error) {
      throw locate(error, this.path);
    } finally {
      after?.();
    }
  }

  private construct({ build, kind, config }: Definition<Methods>): unknown {
    this.program.reading.onDeclared?.(this.path, kind);
    const methods = this.locating(() => build(this));
    const bound = Object.entries(methods).map(([name, run]) => {
      const method = this.method(name, run as (...inputs: unknown[]) => unknown);
      const observed = (...inputs: unknown[]) => {
        const { within = (_path, run) => run(), observe } = this.program.reading;
        const output = within(this.path, () => method(...inputs));
        observe?.({ path: this.path, method: name, kind, config, inputs, output });
        return output;
      };
      return [name, observed] as const;
    });
    const { call, ...others } = Object.fromEntries(bound);
    return Object.defineProperties(call, Object.getOwnPropertyDescriptors(others)); // `name`, too
  }
}

/** The scope that a program starts in. */
export const rootScope = (reading: Reading): Scope => new ModuleScope({ reading }, '~', '');
