/**
 * Presets: published models as their authors built them, at any size. A preset called with changes to its config gives a
 * model: pure functions, and a way from a person's input to a person's output. Configs are plain JSON.
 */
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type * as t from 'io-ts';
import type { HostArray, Shape } from '../lib/data/array.js';
import { type InputError, inputError } from '../lib/data/inputError.js';
import { ConfigError, type ConfigProblem, decodeConfig } from '../lib/data/config.js';
import type { Weights } from '../lib/data/leaf.js';
import { isRecord, mapNest, type SpecOf } from '../lib/data/nest.js';
import { expectWeights } from '../lib/data/weights.js';
import type { About } from '../lib/docs/about.js';
import type { Names } from '../lib/graph/names.js';
import type { OpenSpecOf } from '../lib/graph/openSizes.js';
import { isSpec, type Outline, outline } from '../lib/language/outline.js';
import type { Layer } from '../lib/language/scope.js';
import { type TransformedWithState, transformWithState } from '../lib/language/transform.js';
import type { Key } from '../lib/random/index.js';
import { engineRunner, type Runner } from '../lib/run/runner.js';
import type { Family } from './huggingFace/family.js';
import type { Original } from './verify/original.js';

/** Facts about a preset for people and generated documentation. */
export interface PresetCard<N extends string = string> {
  /** The preset's name in the registry and on the command line. */
  readonly name: N;
  readonly title: string;
  /** The input and the output, in a sentence or two. */
  readonly doc: string;
  /** The preset of the same network that this one is a variant of: other published values, nothing else. */
  readonly variantOf?: string;
  /** Paper section, file, colab. */
  readonly sources: readonly string[];
  /** Trained parameters, if somebody published them. */
  readonly checkpoint?: PublishedCheckpoint;
  /** Contradictions of the sources and choices of ours. */
  readonly notes?: readonly string[];
}

export interface PublishedCheckpoint {
  /** The address of the file: on the network, or inside the package. */
  readonly url: URL;
  readonly license: string;
  /** The SHA-256 of the file, where it is known; a file that has another one is refused. */
  readonly sha256?: string;
}

/** The grid that elements of an input lie on. */
export interface InputGrid {
  /** [height, width] of a picture, [length] of a text, [frames, height, width] of a film. */
  readonly shape: Shape;
  /** Number of elements before the grid's: a film's sound comes before its pictures. */
  readonly start: number;
}

/** Options of a run by parts. */
export interface PartOptions {
  /** Called before each part of a run that has several: a tile of a flow, a chunk of a film. */
  readonly onProgress?: (partsDone: number, parts: number) => void;
  /**
   * Number of output elements that are decoded at once, for models that decode in chunks; others ignore it. It changes
   * memory and time, not the output.
   */
  readonly chunkSize?: number;
}

/** Options of `model.run`. */
export interface RunOptions extends PartOptions {
  /** Computes the layers; it must have been made with the same weights. Default: the engine, for this run alone. */
  readonly runner?: Runner;
  /** Ends the run before its next part: the promise is rejected with an AbortError, or the signal's own reason. */
  readonly signal?: AbortSignal;
}

/** A model of a certain size: pure functions, and a way from a person's input to a person's output. */
export interface Model<
  C,
  A extends readonly unknown[],
  B,
  Raw,
  Out,
  N extends string = string,
  T extends string = string,
> extends Omit<TransformedWithState<A, B>, 'init'> {
  /** The preset's name. */
  readonly name: N;
  /** The preset's task. */
  readonly task: T;
  readonly card: PresetCard<N>;
  readonly config: C;
  readonly network: Layer<A, B>;
  /** Shapes of the inputs for a batch of one. */
  readonly inputs: SpecOf<A>;
  /** The inputs' shapes, with names in the places of sizes that may differ from run to run: 'batch' and others. */
  readonly openInputs: OpenSpecOf<A>;
  /** Names of inputs and outputs, for files that need them. */
  readonly names: Names;
  /** The grid of the encoder's input; undefined for unordered inputs. */
  readonly inputGrid: InputGrid | undefined;
  /** True if the outputs are so many that `run` decodes them in parts. */
  readonly decodesInParts: boolean;
  /** Every parameter and the outputs' shapes, read at the first access. */
  readonly outline: Outline<B>;
  /** Initial weights by seed; inputs matter only for models whose state begins with their first batch. */
  readonly init: (key: Key, ...inputs: SpecOf<A> | readonly []) => Required<Weights<HostArray>>;
  /**
   * Computes a person's output from a person's input.
   * @returns a left for an input that the model cannot take
   * @throws TypeError for weights or a runner that are none; Error when the runner was made with other weights; the
   * promise is rejected when the signal is aborted
   */
  readonly run: (weights: Weights, raw: Raw, options?: RunOptions) => TaskEither<InputError, Out>;
}

/** The model of a network `N` with config `C`, from a person's `Raw` to a person's `Out`. */
export type ModelOf<C, N, Raw, Out> = N extends Layer<infer A, infer B> ? Model<C, A, B, Raw, Out> : never;

/** The way from a person's input to a person's output: runs layers and knows no weights. */
export type Run<Raw, Out> = (
  runner: Pick<Runner, 'run'>,
  raw: Raw,
  options: PartOptions,
) => TaskEither<InputError, Out>;

/** A config in which everything that stays as published may be left out; null removes an optional value. */
export type Changes<I> = I extends readonly unknown[]
  ? I
  : I extends object
    ? { readonly [K in keyof I]?: Changes<I[K]> | (undefined extends I[K] ? null : never) }
    : I;

/** The parts of a preset's folder. */
export interface Parts<H extends Family | undefined> {
  /** The same model at Hugging Face: huggingFace.ts. */
  readonly huggingFace?: H;
  /** Texts of the preset's page, loaded when asked for: about.ts. */
  readonly about?: () => Promise<About>;
  /** Outputs of the original at full size, loaded when asked for: verify.ts. */
  readonly original?: () => Promise<Original>;
}

/** The definition of a preset. */
export interface Definition<
  C,
  I,
  A extends readonly unknown[],
  B,
  Raw,
  Out,
  N extends string,
  T extends string,
  H extends Family | undefined,
>
  extends PresetCard<N>, Parts<H> {
  /** The kind of input and output. Presets of one task are run by one command: 'classify', 'fill-mask'. */
  readonly task: T;
  readonly codec: t.Type<C, I>;
  /** The published values. */
  readonly published: I;
  /** Changes that make a model of milliseconds, for tests and first tries. */
  readonly small: Changes<NoInfer<I>>;
  /** The whole model: network.ts. */
  readonly network: (config: C) => Layer<A, B>;
  readonly inputs: (config: C) => SpecOf<A>;
  /** Names of inputs and outputs; see `Names`. */
  readonly names: Names;
  /** The grid of the encoder's input, if it has one. */
  readonly inputGrid?: (config: C) => InputGrid;
  /** True if the outputs are so many that `run` decodes them in parts; default false. */
  readonly decodesInParts?: boolean;
  /** The inputs' shapes if sizes beside the batch may differ from run to run. */
  readonly openInputs?: (config: C) => OpenSpecOf<A>;
  /** Inputs for `init` when none are given, for models whose state begins with their first batch. */
  readonly exampleInputs?: (config: C, key: Key) => A;
  /** From a person's input to a person's output: run.ts. */
  readonly run: (model: Model<C, A, B, Raw, Out>) => Run<Raw, Out>;
  /** Reads DeepMind's arguments as changes to the config. */
  readonly fromHaiku?: (kwargs: unknown) => E.Either<readonly ConfigProblem[], Changes<NoInfer<I>>>;
}

/** A preset: `language()` is the published model, `language({ maxLength: 512 })` a shorter one. */
export interface Preset<
  C,
  I,
  A extends readonly unknown[],
  B,
  Raw,
  Out,
  N extends string = string,
  T extends string = string,
  H extends Family | undefined = Family | undefined,
> extends Parts<H> {
  (changes?: Changes<I>): Model<C, A, B, Raw, Out, N, T>;
  readonly card: PresetCard<N>;
  readonly task: T;
  readonly codec: t.Type<C, I>;
  readonly published: I;
  /** Changes that make a model of milliseconds: `language(language.small)`. */
  readonly small: Changes<I>;
  /** Reads somebody's JSON, in which everything that stays as published may be left out. */
  readonly decode: (json: unknown) => E.Either<readonly ConfigProblem[], Model<C, A, B, Raw, Out, N, T>>;
  /** Reads the constructor arguments of DeepMind's colab. */
  readonly fromHaiku: (kwargs: unknown) => E.Either<readonly ConfigProblem[], Model<C, A, B, Raw, Out, N, T>>;
}

// Configs and inputs differ from preset to preset and are invariant: `any` is the only type of all of them.
/* eslint-disable @typescript-eslint/no-explicit-any */
/** A preset of any kind, for code that treats all alike. */
export type AnyPreset = Preset<any, any, any, any, any, any>;
/** A model of any kind, for code that treats all alike. */
export type AnyModel = Model<any, any, any, any, any>;
/* eslint-enable @typescript-eslint/no-explicit-any */

/** Lays changes over published values; a variant of another kind replaces the whole variant. */
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

const expectSameWeights = (name: string, runner: Runner, { params, state }: Weights): void => {
  if (!isRecord(runner) || typeof runner.run !== 'function')
    throw new TypeError(
      `${name}.run: the runner is no runner, expected one of engineRunner or compileRunner`,
    );
  if (runner.weights.params === params && runner.weights.state === state) return;
  throw new Error(
    `${name}.run: the runner was made with other weights than the given ones; give runner.weights, or make a runner with these`,
  );
};

/** Runs with the given runner, or with one of the engine for this run alone. */
const runWith =
  <Raw, Out>(name: string, run: Run<Raw, Out>) =>
  (weights: Weights, raw: Raw, options: RunOptions = {}): TaskEither<InputError, Out> => {
    const { runner, signal, ...parts } = options;
    expectWeights(`${name}.run`, weights);
    if (runner) expectSameWeights(name, runner, weights);
    return async () => {
      if (typeof raw !== 'object' || raw === null) return inputError('the input', String(raw), 'an object');
      const used = runner ?? engineRunner(weights);
      try {
        return await run({ run: (layer, inputs) => used.run(layer, inputs, { signal }) }, raw, parts)();
      } finally {
        if (!runner) await used.dispose();
      }
    };
  };

/** Defines a preset. */
export const preset = <
  C,
  I,
  A extends readonly unknown[],
  B,
  Raw,
  Out,
  const N extends string,
  const T extends string,
  H extends Family | undefined = undefined,
>(
  definition: Definition<C, I, A, B, Raw, Out, N, T, H>,
): Preset<C, I, A, B, Raw, Out, N, T, H> => {
  const { name, title, doc, variantOf, sources, checkpoint, notes, ...defined } = definition;
  const { task, codec, published, small, huggingFace, about, original } = defined;
  const card = { name, title, doc, variantOf, sources, checkpoint, notes };

  const build = (config: C): Model<C, A, B, Raw, Out, N, T> => {
    const network = definition.network(config);
    const inputs = definition.inputs(config);
    const { init, apply } = transformWithState(network);
    let outlined: Outline<B> | undefined;
    const model: Model<C, A, B, Raw, Out, N, T> = {
      name,
      task,
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
      run: (weights, raw, options) => run(weights, raw, options),
    };
    const run = runWith(name, definition.run(model));
    return model;
  };

  const buildOf = (json: unknown) => E.map(build)(decodeConfig(codec, json));
  const decode = (json: unknown) => buildOf(override(published, json));
  const make = (changes: Changes<I> = {} as Changes<I>) => {
    const decoded = decode(changes);
    if (E.isLeft(decoded)) throw new ConfigError(name, decoded.left);
    return decoded.right;
  };
  const fromHaiku = (kwargs: unknown) => {
    const unknown = { path: name, found: kwargs, expected: 'a preset that DeepMind published' };
    // A part that leaves an option out has Python's default there, not the published value: parts are replaced whole.
    const whole = (changes: Changes<I>) => buildOf({ ...published, ...changes });
    return E.chain(whole)(definition.fromHaiku?.(kwargs) ?? E.left([unknown]));
  };
  const parts = { huggingFace, about, original };
  return Object.assign(make, { card, task, codec, published, small, decode, fromHaiku, ...parts });
};
