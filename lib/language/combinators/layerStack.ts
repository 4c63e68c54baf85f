/**
 * Layer stacks: the same layer, several times in a row, with weights of its own each time, which lie in one leaf with the
 * layers in front. Keys are split layer by layer as Haiku splits them.
 */
import * as tf from '@tensorflow/tfjs-core';
import { isTensor } from '../../data/leaf.js';
import { float32, sizeOf } from '../../data/array.js';
import { expectKnown } from '../../data/nearest.js';
import { mapNest, partsOf, refill } from '../../data/nest.js';
import { ShapeError, showShape } from '../../data/shape.js';
import { type Key, keySequence, type LazyKey, split } from '../../random/index.js';
import type { Initializer } from '../initializers.js';
import { module } from '../module.js';
import { passesOf } from '../program.js';
import { answering, type FirstState, rawParamOf, type Reading } from '../reading.js';
import type { Layer, Scope } from '../scope.js';

export interface LayerStackOptions {
  /** True to run from the last layer to the first; false if not given. */
  readonly reverse?: boolean;
  /** Name of the stack; `__layer_stack_no_per_layer` or `__layer_stack_with_per_layer` if not given. */
  readonly name?: string;
  /**
   * Makes the stack transparent: each layer has leaves of its own, as if the layers were called one by one, at the path
   * that this function gives for a path in the layer and the layer's number from 0.
   * @example (path, layer) => (layer === 0 ? path : path.replace(/^block/, `block_${layer}`))
   */
  readonly pathOf?: (path: string, layer: number) => string;
}

/** The keys of one call: `init` is split for the first values of all layers, `run` for their random numbers. */
interface StackKeys {
  readonly init: LazyKey;
  readonly run: LazyKey;
  /** The place of `init` among the program's draws; undefined in `apply`. */
  readonly draw: number | undefined;
}

/** For each layer, the key that its first values are drawn from: each layer splits the carried key in three. */
const initKeys = (root: Key, numLayers: number): Key[] => {
  let carried = root;
  return Array.from({ length: numLayers }, () => {
    const [own, next] = split(carried, 3);
    carried = next;
    return own;
  });
};

/** The n-th key of the sequence that begins with a key. */
const nthKey = (root: Key, n: number): Key => {
  const next = keySequence(root);
  for (let i = 0; i < n; i++) next();
  return next()();
};

/** First values of some layers, one after the other, each from its layer's n-th key. */
const stacked = (
  initializer: Initializer,
  n: number,
  layers: readonly number[],
  numLayers: number,
): Initializer => ({
  ...initializer,
  sample: (shape, key) => {
    const keys = key && initKeys(key, numLayers);
    const inner = layers.length === 1 ? shape : shape.slice(1);
    const parts = layers.map((layer) => initializer.sample(inner, keys && nthKey(keys[layer], n)));
    const data = new Float32Array(sizeOf(shape));
    parts.forEach((part, i) => data.set(part.data, i * sizeOf(inner)));
    return float32(shape, data);
  },
});

/** One layer's part of an array with the layers in front. */
const layerOf = (x: tf.Tensor, layer: number): tf.Tensor =>
  tf.reshape(
    tf.slice(x, [layer, ...x.shape.slice(1).map(() => 0)], [1, ...x.shape.slice(1)]),
    x.shape.slice(1),
  );

/** A first value that a function makes from a key. */
type MadeFirst = Extract<FirstState, (key: LazyKey) => tf.Tensor>;

/** Answers the layers of one call of a stack. */
class StackAnswers {
  /** Values that layers set, by path and name, one for each layer. */
  private readonly set = new Map<string, { path: string; name: string; values: tf.Tensor[] }>();

  constructor(
    private readonly outer: Reading,
    private readonly numLayers: number,
    private readonly keys: StackKeys,
    private readonly path: string,
    private readonly pathOf: LayerStackOptions['pathOf'],
  ) {}

  private get layers(): readonly number[] {
    return Array.from({ length: this.numLayers }, (_, layer) => layer);
  }

  /** Keys of all layers' random numbers, split when the first is used. */
  private readonly runKeys = (() => {
    let keys: readonly Key[] | undefined;
    return (layer: number): LazyKey =>
      () =>
        (keys ??= split(this.keys.run(), this.numLayers))[layer];
  })();

  private first(first: FirstState | undefined, draw: () => number): FirstState | undefined {
    if (first === undefined) return undefined;
    if (typeof first !== 'function') return { ...first, shape: [this.numLayers, ...first.shape] };
    return () => {
      let n: number | undefined;
      return tf.stack(this.layers.map((layer) => this.firstOf(first, layer, () => (n ??= draw()))));
    };
  }

  private firstOf(first: MadeFirst, layer: number, draw: () => number): tf.Tensor {
    return first(() => nthKey(initKeys(this.keys.init(), this.numLayers)[layer], draw()));
  }

  /** The answers to one layer. */
  of(layer: number): Reading {
    const { outer, numLayers, pathOf, keys } = this;
    const next = keySequence(this.runKeys(layer));
    let draws = 0;
    const draw = (): number => draws++;
    const drawnFor = new Map<string, number>();
    const placeOf = (leaf: string): number => {
      const known = drawnFor.get(leaf) ?? draw();
      drawnFor.set(leaf, known);
      return known;
    };
    const isInside = (path: string): boolean =>
      this.path === '~' || path === this.path || path.startsWith(`${this.path}/`);
    const rawParam: NonNullable<Reading['rawParam']> = (path, name, shape, initializer, given) => {
      if (!isInside(path)) return rawParamOf(outer, path, name, shape, initializer, given);
      const n = given ?? (initializer.isRandom ? placeOf(`${path}/${name}`) : 0);
      if (pathOf) {
        const own = stacked(initializer, n, [layer], numLayers);
        return rawParamOf(outer, pathOf(path, layer), name, shape, own, keys.draw);
      }
      const all = stacked(initializer, n, this.layers, numLayers);
      const { raw, read } = rawParamOf(outer, path, name, [numLayers, ...shape], all, keys.draw);
      return { raw, read: (tensor) => layerOf(read(tensor), layer) };
    };
    const getState: Reading['getState'] = (path, name, first) => {
      if (!isInside(path)) return outer.getState(path, name, first);
      if (pathOf) {
        const own = typeof first === 'function' ? () => this.firstOf(first, layer, draw) : first;
        return outer.getState(pathOf(path, layer), name, own);
      }
      const known = this.set.get(`${path}/${name}`)?.values[layer];
      return known ?? outer.keep(layerOf(outer.getState(path, name, this.first(first, draw)), layer));
    };
    const setState: Reading['setState'] = (path, name, value) => {
      if (!isInside(path)) return outer.setState(path, name, value);
      if (pathOf) return outer.setState(pathOf(path, layer), name, value, true);
      const entry = this.set.get(`${path}/${name}`) ?? { path, name, values: [] };
      entry.values[layer] = outer.keep(value.clone());
      this.set.set(`${path}/${name}`, entry);
    };
    const nextKey: Reading['nextKey'] = (where) => (draw(), next(where));
    const nextKeys = outer.nextKeys && next.many;
    return { ...outer, ...answering(rawParam), getState, setState, nextKey, nextKeys, drawn: () => draws };
  }

  /** Hands on the state that layers have set, with the layers in front. In `init` it is the first state, as in Haiku. */
  handOn(): void {
    for (const { path, name, values } of this.set.values())
      this.outer.setState(path, name, tf.stack(values), true);
  }
}

/** Parts of several nests of one form, put together one by one. */
const together = <Z>(nests: readonly Z[]): Z => {
  const parts = nests.map((nest) => partsOf(nest, isTensor));
  return refill(
    nests[0],
    isTensor,
    parts[0].map((_, i) => tf.stack(parts.map((each) => each[i]))),
  );
};

/** One layer's part of every array of a nest. @throws ShapeError when an array has not as many parts as there are layers */
const partsAt = <Y>(nest: Y, layer: number, numLayers: number): Y =>
  mapNest(nest, isTensor, (x) => {
    if (x.shape[0] === numLayers) return layerOf(x, layer);
    throw new ShapeError(
      `an input for each layer has shape ${showShape(x.shape)}, expected ${numLayers} along its first axis`,
    );
  }) as Y;

/** A layer of x and of inputs of its own, to the next x and an output of its own. */
export type PerLayer<X, Y extends readonly unknown[], Z> = Layer<[x: X, ...ys: Y], readonly [x: X, z: Z]>;

const runLayers = <X, Y extends readonly unknown[], Z>(
  s: Scope,
  numLayers: number,
  layer: PerLayer<X, Y, Z>,
  { reverse = false, pathOf }: LayerStackOptions,
  [x, ...ys]: readonly [x: X, ...ys: Y],
): readonly [x: X, zs: Z] => {
  const passes = passesOf(s);
  const draw = passes.drawn();
  const keys: StackKeys = { draw, init: s.key(), run: s.key() };
  const pass = passes.replay();
  return passes.readBy(
    (outer) => outer,
    (outer) => {
      const answers = new StackAnswers(outer, numLayers, keys, s.path, pathOf);
      const zs: Z[] = [];
      let flowing = x;
      for (let n = 0; n < numLayers; n++) {
        const at = reverse ? numLayers - 1 - n : n;
        const given = [flowing, ...partsAt(ys, at, numLayers)] as unknown as [x: X, ...ys: Y];
        [flowing, zs[at]] = passes.readBy(
          () => answers.of(at),
          () => pass(() => layer(s, ...given)),
        );
      }
      answers.handOn();
      return [flowing, together(zs)] as const;
    },
  );
};

/**
 * A layer several times in a row: as `stack`, but the leaves of all layers lie in one, [numLayers, …], under the stack's
 * path, and first values are drawn from keys that are split layer by layer.
 *
 * Each call draws two keys. With the first, in `init`, each layer splits the carried key in three and takes one for its
 * first values; the second is split by the number of layers, one for each layer's random numbers.
 * @param numLayers  from 1
 * @param layer      gives a nest of the form that it is given
 * @throws RangeError when numLayers is no whole number from 1
 * @example layerStack(24, (s, x: Tensor) => tf.add(x, selfAttention()(s, x)))
 * Source: dm-haiku `hk.layer_stack`.
 */
export const layerStack = <X>(
  numLayers: number,
  layer: Layer<[x: X], X>,
  options: LayerStackOptions = {},
): Layer<[x: X], X> => {
  const alone: PerLayer<X, readonly [], undefined> = (s, x) => [layer(s, x), undefined];
  const stack = layerStackWithInputs(numLayers, alone, { name: '__layer_stack_no_per_layer', ...options });
  return (s, x) => stack(s, x)[0];
};

/**
 * A layer stack whose layers have inputs and outputs of their own.
 * @param layer  gives the next x, and an output that is stacked with those of the other layers
 * @returns a layer of x and of nests of arrays [numLayers, …], to the last x and the stacked outputs
 * @throws RangeError when numLayers is no whole number from 1; ShapeError for inputs with other first axes
 * @example const [y, norms] = layerStackWithInputs(3, (s, x, scale: Tensor) => …)(s, x, scales);
 * Source: dm-haiku `hk.layer_stack(with_per_layer_inputs=True)`.
 */
export const layerStackWithInputs = <X, Y extends readonly unknown[], Z>(
  numLayers: number,
  layer: PerLayer<X, Y, Z>,
  options: LayerStackOptions = {},
): PerLayer<X, Y, Z> => {
  if (!Number.isSafeInteger(numLayers) || numLayers < 1)
    throw new RangeError(`a layer stack of ${numLayers} layers, expected a whole number from 1`);
  expectKnown('layerStack', options, ['reverse', 'name', 'pathOf']);
  const { name = '__layer_stack_with_per_layer', pathOf } = options;
  if (pathOf) return (s, ...inputs) => runLayers(s, numLayers, layer, options, inputs);
  return module(
    name,
    (s) =>
      (...inputs: readonly [x: X, ...ys: Y]) =>
        runLayers(s, numLayers, layer, options, inputs),
    { config: { numLayers, reverse: options.reverse ?? false } },
  ) as unknown as PerLayer<X, Y, Z>;
};
