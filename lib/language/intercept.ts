/**
 * Interceptors and changed parameters: hooks of `apply` that change what modules compute. They are part of the program:
 * where a part runs again for a gradient, they run again.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import { type Selection, selects } from '../data/tree.js';
import type { ModuleKind } from '../data/moduleKind.js';

/** One call of one method of a module. */
export interface MethodCall {
  /** The module's path, as in the parameter tree. */
  readonly path: string;
  /** `call`, or the name of another method. */
  readonly method: string;
  readonly kind: ModuleKind;
  readonly config: unknown;
  readonly inputs: readonly unknown[];
}

/** Changes the inputs or the output of modules. */
export interface Interceptor {
  /**
   * The modules whose methods are intercepted, by path. A list of paths leaves all other modules their memory-bounded way
   * of computing.
   */
  readonly of: Selection;
  /**
   * Called in the place of a method.
   * @param next  the method, or the next interceptor; it may get other inputs, and need not be called
   * @returns the output
   * @example ({ inputs: [x] }, next) => tf.mul(next(x) as Tensor, 2)
   */
  readonly around: (call: MethodCall, next: (...inputs: unknown[]) => unknown) => unknown;
}

/** A parameter that is read. */
export interface ParamRead {
  /** `module/name` */
  readonly path: string;
  readonly module: string;
  readonly name: string;
}

/** Gives the tensor, of the same shape, that a module gets in the place of a parameter. */
export type ChangeParam = (value: Tensor, parameter: ParamRead) => Tensor;

/** Interceptors as readings hold them. */
export interface Intercepting extends Interceptor {
  readonly isNamed: (path: string) => boolean;
}

/** Interceptors with their selections as tests. */
export const intercepting = (given: Interceptor | readonly Interceptor[] = []): readonly Intercepting[] =>
  [given].flat().map((each) => ({ ...each, isNamed: selects(each.of) }));
