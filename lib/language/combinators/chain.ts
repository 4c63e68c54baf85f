/**
 * Layers one after another. Nothing here opens a scope: modules are named as if the layers were written out.
 */
import { passesOf } from '../program.js';
import type { Layer, Scope } from '../scope.js';
import type { Rest, Shared } from './inputs.js';

/** Gives its first input back: a chain of no layers. */
export const identity = <A>(_scope: Scope, x: A, ..._rest: Rest): A => x;

type Flow = Layer<[x: unknown, ...rest: unknown[]], unknown>;

/**
 * Layers one after another: each takes the output of the one before it, and all take the inputs after the first.
 *
 * Chains are associative, with `identity`, in outputs, names and random keys.
 * @example
 * const block = chain(layerNorm(), selfAttend({ numHeads: 8 })); // Layer<[x: Tensor, mask?: Mask], Tensor3D>
 */
export function chain<A>(): Layer<[x: A], A>;
export function chain<A, B, P extends Rest>(a: Layer<[A, ...P], B>): Layer<[A, ...P], B>;
export function chain<A, B, C, P extends Rest, Q extends Rest>(
  a: Layer<[A, ...P], B>,
  b: Layer<[B, ...Q], C>,
): Layer<[x: A, ...Shared<P | Q>], C>;
export function chain<A, B, C, D, P extends Rest, Q extends Rest, R extends Rest>(
  a: Layer<[A, ...P], B>,
  b: Layer<[B, ...Q], C>,
  c: Layer<[C, ...R], D>,
): Layer<[x: A, ...Shared<P | Q | R>], D>;
export function chain<A, B, C, D, E, P extends Rest, Q extends Rest, R extends Rest, S extends Rest>(
  a: Layer<[A, ...P], B>,
  b: Layer<[B, ...Q], C>,
  c: Layer<[C, ...R], D>,
  d: Layer<[D, ...S], E>,
): Layer<[x: A, ...Shared<P | Q | R | S>], E>;
export function chain<
  A,
  B,
  C,
  D,
  E,
  F,
  P extends Rest,
  Q extends Rest,
  R extends Rest,
  S extends Rest,
  T extends Rest,
>(
  a: Layer<[A, ...P], B>,
  b: Layer<[B, ...Q], C>,
  c: Layer<[C, ...R], D>,
  d: Layer<[D, ...S], E>,
  e: Layer<[E, ...T], F>,
): Layer<[x: A, ...Shared<P | Q | R | S | T>], F>;
export function chain<
  A,
  B,
  C,
  D,
  E,
  F,
  G,
  P extends Rest,
  Q extends Rest,
  R extends Rest,
  S extends Rest,
  T extends Rest,
  U extends Rest,
>(
  a: Layer<[A, ...P], B>,
  b: Layer<[B, ...Q], C>,
  c: Layer<[C, ...R], D>,
  d: Layer<[D, ...S], E>,
  e: Layer<[E, ...T], F>,
  f: Layer<[F, ...U], G>,
): Layer<[x: A, ...Shared<P | Q | R | S | T | U>], G>;
export function chain<
  A,
  B,
  C,
  D,
  E,
  F,
  G,
  H,
  P extends Rest,
  Q extends Rest,
  R extends Rest,
  S extends Rest,
  T extends Rest,
  U extends Rest,
  V extends Rest,
>(
  a: Layer<[A, ...P], B>,
  b: Layer<[B, ...Q], C>,
  c: Layer<[C, ...R], D>,
  d: Layer<[D, ...S], E>,
  e: Layer<[E, ...T], F>,
  f: Layer<[F, ...U], G>,
  g: Layer<[G, ...V], H>,
): Layer<[x: A, ...Shared<P | Q | R | S | T | U | V>], H>;
export function chain<
  A,
  B,
  C,
  D,
  E,
  F,
  G,
  H,
  I,
  P extends Rest,
  Q extends Rest,
  R extends Rest,
  S extends Rest,
  T extends Rest,
  U extends Rest,
  V extends Rest,
  W extends Rest,
>(
  a: Layer<[A, ...P], B>,
  b: Layer<[B, ...Q], C>,
  c: Layer<[C, ...R], D>,
  d: Layer<[D, ...S], E>,
  e: Layer<[E, ...T], F>,
  f: Layer<[F, ...U], G>,
  g: Layer<[G, ...V], H>,
  h: Layer<[H, ...W], I>,
): Layer<[x: A, ...Shared<P | Q | R | S | T | U | V | W>], I>;
/** Any number of layers from a type to itself; chains of chains say more. */
export function chain<A, R extends Rest>(...layers: readonly Layer<[A, ...R], A>[]): Layer<[A, ...R], A>;
export function chain(...layers: readonly Flow[]): Flow {
  return (scope, x, ...rest) => layers.reduce((flowing, layer) => layer(scope, flowing, ...rest), x);
}

const expectTimes = (what: string, n: number): void => {
  if (!Number.isSafeInteger(n) || n < 0)
    throw new RangeError(`${what}: n is ${n}, expected a whole number from 0`);
};

/**
 * One layer, `n` times in a row with the same parameters: names start afresh in each pass, so that even a plain function
 * shares its parameters between passes. Random keys are drawn again in each pass.
 * @example const tower = repeat(8, block); // one set of weights, used 8 times
 */
export const repeat = <A, B extends A, R extends Rest>(
  n: number,
  layer: Layer<[A, ...R], B>,
): Layer<[A, ...R], A> => {
  expectTimes('repeat', n);
  return (scope, x, ...rest) => {
    const pass = passesOf(scope).replay();
    let flowing = x;
    for (let i = 0; i < n; i++) flowing = pass(() => layer(scope, flowing, ...rest));
    return flowing;
  };
};

/**
 * `n` layers in a row, each made by a factory, with parameters of its own.
 * @param layer  makes layer `i`, from 0
 * @example const tower = stack(6, () => selfAttention());
 */
export const stack = <A, B extends A, R extends Rest>(
  n: number,
  layer: (i: number) => Layer<[A, ...R], B>,
): Layer<[A, ...R], A> => {
  expectTimes('stack', n);
  return chain<A, R>(...Array.from({ length: n }, (_, i) => layer(i)));
};
