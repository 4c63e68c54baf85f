/**
 * Layers side by side, in a record or a list. They run in the order in which they stand there, which names and random
 * keys depend on. Nothing here opens a scope.
 */
import type { Layer, Scope } from '../scope.js';
import type { AnyLayer, FirstOf, FirstsOf, Layers, OutputsOf, RestsOf } from './inputs.js';

type Run = (layer: (scope: Scope, ...inputs: unknown[]) => unknown, name: string | number) => unknown;

const mapLayers = (layers: Layers, run: Run): unknown =>
  Array.isArray(layers)
    ? layers.map(run)
    : Object.fromEntries(
        Object.entries(layers as Record<string, AnyLayer>).map(([name, layer]) => [
          name,
          run(layer as never, name),
        ]),
      );

/**
 * Layers side by side, each with an input of its own; the inputs after the first reach them all.
 * @returns a layer from a record (or list) of inputs to one of outputs
 * @throws Error when a layer's input is not there
 * @example parallel({ image: conv2d(64), audio: linear(64) })(s, { image, audio })
 */
export const parallel =
  <const L extends Layers>(layers: L): Layer<[inputs: FirstsOf<L>, ...RestsOf<L>], OutputsOf<L>> =>
  (scope, inputs, ...rest) =>
    mapLayers(layers, (layer, name) => {
      if (!Object.hasOwn(inputs, name)) throw new Error(`parallel: there is no input '${name}'`);
      return layer(scope, (inputs as Record<string, unknown>)[name], ...rest);
    }) as OutputsOf<L>;

/** The type that every layer of a union takes as its first input. */
type Common<L extends Layers> = (L extends readonly AnyLayer[] ? L[number] : L[keyof L]) extends infer U
  ? (U extends unknown ? (x: FirstOf<U>) => void : never) extends (x: infer A) => void
    ? A
    : never
  : never;

/**
 * Layers side by side, all of the same inputs.
 * @returns a layer to a record (or list) of outputs
 * @example fanOut({ query: linear(64), key: linear(64), value: linear(64) })(s, x)
 */
export const fanOut =
  <const L extends Layers>(layers: L): Layer<[x: Common<L>, ...RestsOf<L>], OutputsOf<L>> =>
  (scope, ...inputs) =>
    mapLayers(layers, (layer) => layer(scope, ...inputs)) as OutputsOf<L>;
