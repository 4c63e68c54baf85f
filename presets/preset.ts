/**
 * What a preset is: a published model as its authors built it, at any size. Called with what is to differ it gives a
 * model; its config is plain JSON.
 */
import { isRecord } from '../lib/data/nest.js';
import { either as E } from 'fp-ts';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type * as t from 'io-ts';
import type { HostArray, Shape } from '../lib/data/array.js';
import { type InputError } from '../lib/data/inputError.js';
import { ConfigError, type ConfigProblem, decodeConfig } from '../lib/data/config.js';
import type { Names } from '../lib/graph/names.js';
import type { OpenSpecOf } from '../lib/graph/openSizes.js';
import type { Compute } from '../lib/run/hosts.js';
import type { Params, State } from '../lib/data/leaf.js';
import { mapNest, type SpecOf } from '../lib/data/nest.js';
import { isSpec, type Outline, outline } from '../lib/language/outline.js';
import type { Key } from '../lib/random/index.js';
import type { Layer } from '../lib/language/scope.js';
import { type TransformedWithState, transformWithState } from '../lib/language/transform.js';

/** What is known of a preset, for people and generated documentation. */
export interface PresetCard {
  /** Its name on the command line. */
  readonly name: string;
  readonly title: string;
  /** What it takes and gives, in a sentence or two. */
  readonly doc: string;
  /** Paper section, file, colab. */
  readonly sources: readonly string[];
  /** Its trained parameters, where somebody published them. */
  readonly checkpoint?: PublishedCheckpoint;
  /** Things to know before trusting it: contradictions of the sources, choices of ours. */
  readonly notes?: readonly string[];
}

export interface PublishedCheckpoint {
  /** Where the file is: on the network, or inside the package. */
  readonly url: URL;
  readonly license: string;
}

/** Elements of an input that lie on a grid. */
export interface InputGrid {
  /** [height, width] of a picture, [length] of a text, [frames, height, width] of a film. */
  readonly shape: Shape;
  /** How many elements come before them: a film's sound comes before its pictures. */
  readonly start: number;
}

/** Parameters and state that fit a model. */
export interface Weights {
  readonly params: Params;
  readonly state?: State;
  /** What computes with them: `compiledWeights` has it; the engine that runs, if not given. */
  readonly compute?: Compute;
}

/** A model of a certain size: pure functions, and a way from a person's input to a person's output. */
export interface Model<C, A extends readonly unknown[], B, Raw, Out> extends Omit<
  TransformedWithState<A, B>,
  'init'
> {
  readonly card: PresetCard;
  readonly config: C;
  readonly network: Layer<A, B>;
  /** Shapes of the inputs for a batch of one. */
  readonly inputs: SpecOf<A>;
  /** The same with names in the places of sizes that may differ from run to run: 'batch', and others. */
  readonly openInputs: OpenSpecOf<A>;
  /** What inputs and outputs are called where they need names. */
  readonly names: Names;
  /** How what the encoder attends to lies; none where it is in no order. */
  readonly inputGrid: InputGrid | undefined;
  /** Whether its outputs are so many that `run` decodes them in parts. */
  readonly decodesInParts: boolean;
  /** Every parameter and the outputs' shapes, read when first asked for. */
  readonly outline: Outline<B>;
  /** Parameters by seed; inputs are needed only where a first batch sets the state. */
  readonly init: (
    key: Key,
    ...inputs: SpecOf<A> | readonly []
  ) => { readonly params: Params<HostArray>; readonly state: State<HostArray> };
  /** From a person's input to a person's output. */
  readonly run: (weights: Weights, raw: Raw) => TaskEither<InputError, Out>;
}

/** The model that a network of a config is, from a person's `Raw` to a person's `Out`. */
export type ModelOf<C, N, Raw, Out> = N extends Layer<infer A, infer B> ? Model<C, A, B, Raw, Out> : never;

/** A config in which everything that stays as published may be left out; null takes an optional value away. */
export type Changes<I> = I extends readonly unknown[]
  ? I
  : I extends object
    ? { readonly [K in keyof I]?: Changes<I[K]> | (undefined extends I[K] ? null : never) }
    : I;

/** How a preset is defined. */
export interface Definition<C, I, A extends readonly unknown[], B, Raw, Out> extends PresetCard {
  readonly codec: t.Type<C, I>;
  /** The published values. */
  readonly published: I;
  /** The whole model on one page. */
  readonly network: (config: C) => Layer<A, B>;
  readonly inputs: (config: C) => SpecOf<A>;
  /** What inputs and outputs are called; see `Names`. */
  readonly names: Names;
  /** How what the encoder attends to lies, where it is in some order. */
  readonly inputGrid?: (config: C) => InputGrid;
  /** Whether its outputs are so many that `run` decodes them in parts; false if not given. */
  readonly decodesInParts?: boolean;
  /** Where sizes beside the batch may differ from run to run. */
  readonly openInputs?: (config: C) => OpenSpecOf<A>;
  /** What `init` runs on where a first batch sets the state and none is given. */
  readonly exampleInputs?: (config: C, key: Key) => A;
  readonly run: (model: Model<C, A, B, Raw, Out>) => Model<C, A, B, Raw, Out>['run'];
  /** DeepMind's names for the config's fields. */
  readonly fromHaiku?: (kwargs: unknown) => E.Either<readonly ConfigProblem[], Changes<I>>;
}

/** A preset: `language()` is the published model, `language({ maxLength: 512 })` a shorter one. */
export interface Preset<C, I, A extends readonly unknown[], B, Raw, Out> {
  (changes?: Changes<I>): Model<C, A, B, Raw, Out>;
  readonly card: PresetCard;
  readonly codec: t.Type<C, I>;
  readonly published: I;
  /** Checks somebody's JSON, in which what stays as published may be left out. */
  readonly decode: (json: unknown) => E.Either<readonly ConfigProblem[], Model<C, A, B, Raw, Out>>;
  /** Checks a colab's constructor arguments. */
  readonly fromHaiku: (kwargs: unknown) => E.Either<readonly ConfigProblem[], Model<C, A, B, Raw, Out>>;
}

/** Changes laid over published values; a variant of another kind replaces the whole. */
export const override = (published: unknown, changes: unknown): unknown => {
  if (changes === undefined) return published;
  if (!isRecord(published) || !isRecord(changes)) return changes;
  if ('kind' in changes && changes.kind !== published.kind) return changes;
  const names = new Set([...Object.keys(published), ...Object.keys(changes)]);
  return Object.fromEntries([...names].map((name) => [name, override(published[name], changes[name])]));
};

/** Shapes of a batch of one with the batch left open. */
const ofAnyBatch = <A>(inputs: SpecOf<A>): OpenSpecOf<A> =>
  mapNest(inputs, isSpec, ({ shape, dtype }) => ({
    shape: ['batch', ...shape.slice(1)],
    dtype,
  })) as OpenSpecOf<A>;

const build = <C, I, A extends readonly unknown[], B, Raw, Out>(
  definition: Definition<C, I, A, B, Raw, Out>,
  card: PresetCard,
  config: C,
): Model<C, A, B, Raw, Out> => {
  const network = definition.network(config);
  const inputs = definition.inputs(config);
  const { init, apply } = transformWithState(network);
  let outlined: Outline<B> | undefined;
  const model: Model<C, A, B, Raw, Out> = {
    card,
    config,
    network,
    inputs,
    openInputs: definition.openInputs?.(config) ?? ofAnyBatch(inputs),
    names: definition.names,
    inputGrid: definition.inputGrid?.(config),
    decodesInParts: definition.decodesInParts ?? false,
    get outline() {
      return (outlined ??= outline<A, B>(network, inputs));
    },
    init: (key, ...given) => {
      const example = () => definition.exampleInputs?.(config, key) ?? inputs;
      return init(key, ...((given.length ? given : example()) as SpecOf<A>));
    },
    apply,
    run: (weights, raw) => run(weights, raw),
  };
  const run = definition.run(model);
  return model;
};

/** Defines a preset. */
export const preset = <C, I, A extends readonly unknown[], B, Raw, Out>(
  definition: Definition<C, I, A, B, Raw, Out>,
): Preset<C, I, A, B, Raw, Out> => {
  const { name, title, doc, sources, checkpoint, notes, codec, published } = definition;
  const card = { name, title, doc, sources, checkpoint, notes };
  const buildOf = (json: unknown) =>
    E.map((config: C) => build(definition, card, config))(decodeConfig(codec, json));
  const decode = (json: unknown) => buildOf(override(published, json));
  const make = (changes: Changes<I> = {} as Changes<I>) => {
    const decoded = decode(changes);
    if (E.isLeft(decoded)) throw new ConfigError(definition.name, decoded.left);
    return decoded.right;
  };
  const fromHaiku = (kwargs: unknown) => {
    const unknown: ConfigProblem = {
      path: definition.name,
      found: kwargs,
      expected: 'a preset that DeepMind published',
    };
    // What a colab's part leaves out has Python's default there, not the published value: parts are replaced whole.
    const whole = (changes: Changes<I>) => buildOf({ ...published, ...changes });
    return E.chain(whole)(definition.fromHaiku?.(kwargs) ?? E.left([unknown]));
  };
  return Object.assign(make, { card, codec, published, decode, fromHaiku });
};
