/**
 * The inputs of combinations of layers, in the types. A layer's first input flows through a combination; the inputs
 * after it (a mask, say) reach every layer of it, and a layer that takes none of them leaves them alone.
 */
import type { Layer, Scope } from '../scope.js';

/** The inputs of a layer after its first. */
export type Rest = readonly unknown[];

// Inputs are where functions are contravariant: `never` admits every layer.
export type AnyLayer = Layer<never[], unknown>;

/** Layers side by side, in a list or a record. */
export type Layers = readonly AnyLayer[] | Readonly<Record<string, AnyLayer>>;

/** The inputs that satisfy both layers, place by place. Lists of no fixed length, as untyped functions have, ask for nothing. */
type Both<P extends Rest, Q extends Rest> = number extends P['length']
  ? Q
  : number extends Q['length']
    ? P
    : P extends readonly []
      ? Q
      : Q extends readonly []
        ? P
        : P extends readonly [infer X, ...infer Xs]
          ? Q extends readonly [(infer Y)?, ...infer Ys]
            ? [X & Y, ...Both<Xs, Ys>]
            : never
          : P extends readonly [(infer X)?, ...infer Xs]
            ? Q extends readonly [infer Y, ...infer Ys]
              ? [X & Y, ...Both<Xs, Ys>]
              : Q extends readonly [(infer Y)?, ...infer Ys]
                ? [(X & Y)?, ...Both<Xs, Ys>]
                : never
            : never;

type Intersection<U> = (U extends unknown ? (u: U) => void : never) extends (u: infer I) => void ? I : never;

/** One member of a union. */
type OneOf<U> =
  Intersection<U extends unknown ? (u: U) => void : never> extends (u: infer L) => void ? L : never;

/** The inputs after the first that satisfy all layers, from the union of their lists of inputs. */
export type Shared<U> = [U] extends [never]
  ? []
  : OneOf<U> extends infer P extends Rest
    ? Both<P, Shared<Exclude<U, P>>>
    : never;

export type FirstOf<L> = L extends (scope: Scope, x: infer A, ...rest: never[]) => unknown ? A : never;
type RestOf<L> = L extends (scope: Scope, x: never, ...rest: infer R) => unknown ? R : never;
export type OutputOf<L> = L extends (...inputs: never[]) => infer B ? B : never;

/** The first inputs of layers side by side. */
export type FirstsOf<L extends Layers> = { readonly [K in keyof L]: FirstOf<L[K]> };
/** The outputs of layers side by side. */
export type OutputsOf<L extends Layers> = { -readonly [K in keyof L]: OutputOf<L[K]> };
/** The inputs of layers side by side after their first. */
export type RestsOf<L extends Layers> = Shared<RestOf<L extends readonly unknown[] ? L[number] : L[keyof L]>>;
