/**
 * The scope: Haiku's hidden context, made an argument. It gives a layer its parameters, state and random keys, and names
 * the modules that the layer declares as Haiku names them. One scope belongs to one module; the path of a module that is
 * declared begins with the method that is running:
 *
 *   constructor `module/~/…`    call `module/…`    another method `module/~method/…`
 */
import type { Span } from '../data/spans.js';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Shape } from '../data/array.js';
import type { Initializer } from './initializers.js';
import type { ModuleKind } from '../data/moduleKind.js';
import type { LazyKey } from '../random/index.js';
import type { FirstState } from './reading.js';

/** A layer is a function of a scope and its inputs. */
export type Layer<A extends readonly unknown[], B> = (scope: Scope, ...inputs: A) => B;

/** The type in the place of an asynchronous layer; nothing takes it. */
export type Asynchronous = 'layers are synchronous: found a promise, expected an output';

/** The methods of a declared module: its call, and others beside it. */
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
export interface Module<M extends Methods> {
  (scope: Scope, ...inputs: Parameters<M['call']>): ReturnType<M['call']>;
  readonly [definition]: Definition<M>;
}

/** A declared module: call it, or call its methods; it needs no scope any more. */
export type Declared<M extends Methods> = M['call'] & Omit<M, 'call'>;

/** The scope of a module, as authors of layers see it. */
export interface Scope {
  /** The module's path, a key of the parameter tree; `~` at the top. */
  readonly path: string;
  /** True in training; `apply` may set it for each path. */
  readonly isTraining: boolean;
  /**
   * A parameter of this module: made by the initializer in `init`, looked up in `apply`.
   * @throws ShapeError when the tree holds another shape; Error when it holds nothing
   */
  param(name: string, shape: Shape, initializer: Initializer): Tensor;
  /**
   * The value of a state entry: its first value until one is set.
   * @param first  made when the entry does not exist yet; a function draws its key from the program's sequence
   * @throws Error when the entry does not exist yet and no first value is given
   * @example s.state('codes', (key) => toTensor(uniform(key(), [6, 4])))
   */
  state(name: string, first?: FirstState): Tensor;
  /** Sets a state entry. In `init`, the first value set becomes the initial one. */
  setState(name: string, value: Tensor): void;
  /** The next random key. Drawing costs nothing; a missing key is an error when it is forced. */
  key(): LazyKey;
  /**
   * Declares a module here and now. A module value is one set of weights in a program, at the path where it is first
   * declared; another value of the same name takes the next free name of this call (`linear`, `linear_1`). A plain layer
   * has no path: it declares modules when it is called.
   */
  declare<M extends Methods>(layer: Module<M>): Declared<M>;
  declare<A extends readonly unknown[], B>(layer: Layer<A, B>): (...inputs: A) => B;
  /** Makes a function a method of this module: modules declared in it are under `~name`, in snake case. */
  method<A extends readonly unknown[], B>(name: string, run: (...inputs: A) => B): (...inputs: A) => B;
  /**
   * Shows a named intermediate; free unless a watcher asks for `path/name`.
   * @param rows  the number of rows, which are the last axis but one
   * @param make  makes some of the rows, [..., n, width]
   * @example s.show('weights', T, ([start, n]) => softmax(scores(rowsOf(q, [start, n]), k)))
   */
  show(name: string, rows: number, make: (span: Span) => Tensor): void;
}
