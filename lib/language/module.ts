/**
 * Modules: layers with a name, a scope of their own and, where they need them, several methods.
 */
import { isTensor } from '../data/leaf.js';
import { showShape } from '../data/shape.js';
import type { ModuleKind } from '../data/moduleKind.js';
import { isScope } from './program.js';
import {
  type Asynchronous,
  type Definition,
  definition,
  type Methods,
  type Module,
  type Scope,
} from './scope.js';

type Call = (...inputs: never[]) => unknown;

/** A module's description, for observers and generated documents. */
export interface ModuleOptions {
  /** The part that the module plays in a network; 'other' if not given. */
  readonly kind?: ModuleKind;
  /** The module's config. */
  readonly config?: unknown;
}

const withoutScope = (found: unknown): string => {
  const what = isTensor(found)
    ? `a tensor ${showShape(found.shape)}`
    : found === null
      ? 'null'
      : typeof found;
  return `found ${what} in the place of the scope; call a layer as layer(scope, x), or transform(layer).apply(params, {}, x)`;
};

/**
 * A layer with a scope of its own.
 *
 * `build` runs when the module is declared, as Haiku's constructor does: modules that it declares are under `name/~`. It
 * returns the module's call, which declares under `name`, or several methods; a method `latents` declares under
 * `name/~latents`.
 * @param name     an identifier; the next module of the same name in a scope gets `name_1`
 * @param options  the module's kind and config, for observers and generated documents
 * @example
 * const gated = (channels: number) => module('gated', (s) => {
 *   const value = s.declare(linear(channels)), gate = s.declare(linear(channels, { name: 'gate' }));
 *   return (x: Tensor) => mul(value(x), sigmoid(gate(x)));
 * });
 */
export function module(
  name: string,
  build: (scope: Scope) => PromiseLike<unknown> | ((...inputs: never[]) => PromiseLike<unknown>),
  options?: ModuleOptions,
): Asynchronous;
export function module<F extends Call>(
  name: string,
  build: (scope: Scope) => F,
  options?: ModuleOptions,
): Module<{ readonly call: F }>;
export function module<M extends Methods>(
  name: string,
  build: (scope: Scope) => M,
  options?: ModuleOptions,
): Module<M>;
export function module(
  name: string,
  build: (scope: Scope) => unknown,
  { kind = 'other', config = {} }: ModuleOptions = {},
): unknown {
  const made: Definition<Methods> = {
    name,
    kind,
    config,
    build: (scope) => {
      const built = build(scope) as Call | Methods;
      return typeof built === 'function' ? { call: built } : built;
    },
  };
  const layer = (scope: Scope, ...inputs: never[]): unknown => {
    if (!isScope(scope)) throw new Error(`${name}: ${withoutScope(scope)}`);
    return scope.declare(layer as Module<Methods>)(...inputs);
  };
  return Object.assign(layer, { [definition]: made });
}
