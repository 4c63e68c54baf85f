/**
 * Readings of a program. A layer is written once and asks its scope for parameters, state and keys; a reading answers:
 * `init` makes them, `apply` looks them up. The scope names them; a reading gets paths.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { HostArray, Shape } from '../data/array.js';
import { emptyLike, requireEngine } from '../engine/index.js';
import type { ModuleKind } from '../data/moduleKind.js';
import type { Initializer } from './initializers.js';
import { isTensor, toTensor, type Leaf } from '../data/leaf.js';
import type { ArraySpec } from '../data/nest.js';
import { type Key, keySequence, type LazyKey } from '../random/index.js';
import { sameShape, ShapeError, showShape } from '../data/shape.js';
import type { ChangeParam, Intercepting, MethodCall } from './intercept.js';
import type { Tree } from '../data/tree.js';
import { kindOf } from '../data/weights.js';
import type { Watcher } from './watch.js';

/** One call of one method of a module, with its output; the tensors live until the observer returns. */
export interface Visit extends MethodCall {
  readonly output: unknown;
}

/** Called with every call of a module, in the order in which calls end: innermost first. */
export type Observer = (visit: Visit) => void;

/** A parameter of the tree, and a function that reads the module's parameter from it. */
export interface RawParam {
  readonly raw: tf.Tensor;
  readonly read: (raw: tf.Tensor) => tf.Tensor;
}

/** Answers scopes: `initReading` takes notes of parameters and state, `applyReading` looks them up. */
export interface Reading {
  /** True in training, of all modules or of the module at a path. */
  readonly isTraining: boolean | ((path: string) => boolean);
  readonly observe?: Observer;
  readonly intercept?: readonly Intercepting[];
  readonly changeParam?: ChangeParam;
  /** Runs a call of the module at `path`; a recorder learns from it which module computes. */
  readonly within?: <B>(path: string, run: () => B) => B;
  readonly watch?: Watcher;
  /** Called with each module as it is declared. */
  readonly onDeclared?: (path: string, kind: ModuleKind) => void;
  /** @param draw  the key that the first value is drawn with, by its place among the draws; the next if not given */
  readonly param: (
    path: string,
    name: string,
    shape: Shape,
    initializer: Initializer,
    draw?: number,
  ) => tf.Tensor;
  /** The parameter of the tree that `param` reads, and the reading; undefined where `param` gives the tree's own. */
  readonly rawParam?: (...question: Parameters<Reading['param']>) => RawParam;
  readonly getState: (path: string, name: string, first?: FirstState) => tf.Tensor;
  /** @param isFirst  true if the value is the entry's first one in `init`, whatever it was asked for with */
  readonly setState: (path: string, name: string, value: tf.Tensor, isFirst?: boolean) => void;
  readonly nextKey: (where: string) => LazyKey;
  /** Several keys that are split off at once; undefined in `init`, where examples share the program's keys. */
  readonly nextKeys?: (count: number, where: string) => readonly LazyKey[];
  /** The number of keys drawn so far; undefined where nobody asks for a draw by its place. */
  readonly drawn?: () => number;
  /** Keeps a tensor until the program ends. */
  readonly keep: (tensor: tf.Tensor) => tf.Tensor;
}

/** A state entry's first value, filled with one number. */
export interface InitialState {
  readonly shape: Shape;
  readonly dtype?: 'float32' | 'int32';
  readonly value: number;
}

/** A state entry's first value, or a function that makes it; its key is drawn when the function calls for it. */
export type FirstState = InitialState | ((key: LazyKey) => tf.Tensor);

/** A parameter as a model declares it: everything but its values. */
export interface ParamSpec {
  readonly shape: Shape;
  readonly dtype: 'float32';
  readonly initializer: Initializer;
  /** The number of the draw from the key sequence that initialises it; undefined for initializers without randomness. */
  readonly draw?: number;
}

/** A parameter as a reading finds it in the tree. */
export const rawParamOf = (reading: Reading, ...question: Parameters<Reading['param']>): RawParam =>
  reading.rawParam?.(...question) ?? { raw: reading.param(...question), read: (raw) => raw };

/** Both ways of answering for parameters. */
export const answering = (
  rawParam: NonNullable<Reading['rawParam']>,
): Pick<Reading, 'param' | 'rawParam'> => ({
  rawParam,
  param: (...question) => {
    const { raw, read } = rawParam(...question);
    return read(raw);
  },
});

/** A tree that is filled while a program runs. */
class Ledger<A> {
  private readonly modules = new Map<string, Map<string, A>>();

  get(path: string, name: string): A | undefined {
    return this.modules.get(path)?.get(name);
  }

  set<B extends A>(path: string, name: string, value: B): B {
    if (name.includes('/')) throw new Error(`leaf name '${name}' has a slash`);
    if (!this.modules.has(path)) this.modules.set(path, new Map());
    this.modules.get(path)?.set(name, value);
    return value;
  }

  tree(): Tree<A> {
    return Object.fromEntries([...this.modules].map(([path, leaves]) => [path, Object.fromEntries(leaves)]));
  }
}

/** Tensors that are kept until a program ends. */
export const keeper = () => {
  const kept: tf.Tensor[] = [];
  return {
    keep: (tensor: tf.Tensor): tf.Tensor => (kept.push(tf.keep(tensor)), tensor),
    release: (): void => kept.splice(0).forEach((tensor) => tensor.dispose()),
  };
};

/** @throws TypeError for what makes no first values */
const expectInitializer = (name: string, initializer: unknown): void => {
  if (typeof (initializer as Initializer | undefined)?.sample === 'function') return;
  throw new TypeError(
    `the initializer of parameter '${name}' is ${typeof initializer === 'function' ? 'a function' : kindOf(initializer)}, expected one of ` +
      'renga/initializers, such as zeros or constant(0.5)',
  );
};

const expectParamShape = (name: string, found: Shape, asked: Shape): void => {
  if (sameShape(found, asked)) return;
  throw new ShapeError(`parameter '${name}' has shape ${showShape(found)}, expected ${showShape(asked)}`);
};

/** @param key  draws the next key of the program */
const firstValue = (first: FirstState, draw: () => LazyKey): tf.Tensor => {
  if (typeof first !== 'function') return tf.fill([...first.shape], first.value, first.dtype ?? 'float32');
  let drawn: LazyKey | undefined;
  return tf.tidy(() => tf.clone(first(() => (drawn ??= draw())())));
};

const leafAt = <A>(tree: Tree<A>, path: string, name: string): A | undefined =>
  Object.hasOwn(tree, path) && Object.hasOwn(tree[path], name) ? tree[path][name] : undefined;

/** The parameters, state and keys that a program asked for. */
export interface Asked {
  readonly params: Tree<ParamSpec>;
  /** Kinds of all declared modules by their paths, in the order of declaration. */
  readonly kinds: Readonly<Record<string, ModuleKind>>;
  /** First values: the initial one that was asked with, or else the first that was set. */
  readonly state: Tree<tf.Tensor>;
  /** Number of keys drawn. */
  readonly draws: number;
  /** Number of times that an entry of the state was made or set. */
  readonly stateChanges: number;
}

/** Ends a program whose state is complete. */
export class StateComplete extends Error {
  override readonly name = 'StateComplete';
}

/**
 * The reading that notes parameters and state. Parameters are made by `make`; if it is not given they have no data,
 * which only the backend without data can take.
 */
export const initReading = (options: {
  readonly isTraining: boolean;
  readonly key?: Key;
  readonly make?: (path: string, name: string) => HostArray;
  /** Ends the program with `StateComplete` after this number of changes of the state. */
  readonly stateChanges?: number;
  /** State that is there already, by its shapes; without data, as parameters are. */
  readonly state?: Tree<ArraySpec>;
  /** Sees each parameter and each such state entry when it is first asked for. */
  readonly onMade?: (kind: 'param' | 'state', path: string, name: string, tensor: tf.Tensor) => void;
}) => {
  const { keep, release } = keeper();
  const specs = new Ledger<ParamSpec>();
  const params = new Ledger<tf.Tensor>();
  const firstState = new Ledger<tf.Tensor>();
  const state = new Ledger<tf.Tensor>();
  const kinds: Record<string, ModuleKind> = {};
  const next = keySequence(options.key);
  let draws = 0;
  let stateChanges = 0;
  const changed = (): void => {
    if (++stateChanges === options.stateChanges) throw new StateComplete();
  };
  const reading: Reading = {
    isTraining: options.isTraining,
    keep,
    onDeclared: (path, kind) => void (kinds[path] = kind),
    nextKey: (where) => (draws++, next(where)),
    drawn: () => draws,
    param: (path, name, shape, initializer, given) => {
      const known = params.get(path, name);
      if (known) expectParamShape(name, known.shape, shape);
      if (known) return known;
      expectInitializer(name, initializer);
      const draw = initializer.isRandom ? (given ?? draws) : undefined;
      if (initializer.isRandom && given === undefined) reading.nextKey(`${path}/${name}`);
      specs.set(path, name, { shape: [...shape], dtype: 'float32', initializer, draw });
      const made = options.make?.(path, name);
      const tensor = keep(made ? toTensor(made) : emptyLike({ shape, dtype: 'float32' }));
      options.onMade?.('param', path, name, tensor);
      return params.set(path, name, tensor);
    },
    getState: (path, name, first) => {
      const known = state.get(path, name);
      if (known) return known;
      const there = leafAt(options.state ?? {}, path, name);
      if (there) {
        const { shape, dtype = 'float32' } = there;
        const tensor = keep(emptyLike({ shape, dtype }));
        options.onMade?.('state', path, name, tensor);
        return state.set(path, name, tensor);
      }
      if (!first) throw new Error(`state '${name}' is read before it exists`);
      const value = keep(firstValue(first, () => reading.nextKey(`${path}/${name}`)));
      state.set(path, name, firstState.set(path, name, value));
      changed();
      return value;
    },
    setState: (path, name, value, isFirst = false) => {
      state.set(path, name, keep(value.clone()));
      if (isFirst || !firstState.get(path, name)) firstState.set(path, name, keep(value.clone()));
      changed();
    },
  };
  const asked = (): Asked => ({
    params: specs.tree(),
    kinds,
    state: firstState.tree(),
    draws,
    stateChanges,
  });
  return { reading, asked, release };
};

/** The last name of a module's path, without its number. */
const lastName = (module: string): string => module.slice(module.lastIndexOf('/') + 1).replace(/_\d+$/, '');

/** The error of a parameter that the tree lacks; names a leaf that may be the same parameter under another path. */
const missing = (tree: Tree<Leaf>, path: string, name: string, shape: Shape, read: Set<string>): Error => {
  const other = Object.keys(tree).find((module) => {
    const leaf = leafAt(tree, module, name);
    return leaf && sameShape(leaf.shape, shape) && lastName(module) === lastName(path) && !read.has(module);
  });
  const hint =
    other === undefined
      ? ''
      : `; there is '${other}/${name}' of this shape: a module value has the path where it is first declared, so ` +
        'declare it before a branch, or in `share`';
  return new Error(`parameter '${name}' ${showShape(shape)} is missing: no '${path}/${name}'${hint}`);
};

/** The reading that looks parameters and state up in trees; host arrays are uploaded once a run. */
export const applyReading = (
  params: Tree<Leaf>,
  state: Tree<Leaf>,
  options: Partial<Pick<Reading, 'isTraining' | 'observe' | 'watch' | 'intercept' | 'changeParam'>> & {
    readonly key?: Key;
  },
) => {
  requireEngine();
  const { keep, release } = keeper();
  const read = new Set<string>();
  const uploaded = new Ledger<tf.Tensor>();
  const updated = new Ledger<tf.Tensor>();
  const firsts = new Ledger<tf.Tensor>();
  const place = (path: string, name: string, leaf: Leaf): tf.Tensor =>
    isTensor(leaf) ? leaf : (uploaded.get(path, name) ?? uploaded.set(path, name, keep(toTensor(leaf))));
  const keys = keySequence(options.key);
  const reading: Reading = {
    isTraining: options.isTraining ?? false,
    observe: options.observe,
    watch: options.watch,
    intercept: options.intercept,
    changeParam: options.changeParam,
    keep,
    nextKey: keys,
    nextKeys: keys.many,
    param: (path, name, shape) => {
      const leaf = leafAt(params, path, name);
      if (!leaf) throw missing(params, path, name, shape, read);
      if (isTensor(leaf) && leaf.isDisposed)
        throw new Error(`parameter '${name}' is a tensor that was disposed of, expected a live one`);
      read.add(path);
      expectParamShape(name, leaf.shape, shape);
      return place(path, name, leaf);
    },
    getState: (path, name, first) => {
      const known = updated.get(path, name);
      if (known) return known;
      const leaf = leafAt(state, path, name);
      if (leaf) return place(path, name, leaf);
      if (!first) throw new Error(`state '${name}' is read before it exists: no '${path}/${name}'`);
      const begun = firsts.get(path, name);
      return (
        begun ?? firsts.set(path, name, keep(firstValue(first, () => reading.nextKey(`${path}/${name}`))))
      );
    },
    setState: (path, name, value) => void updated.set(path, name, keep(value.clone())),
  };
  /** The state after the run; entries that were not set stay as they were. Its new tensors are the caller's. */
  const newState = (): Tree<Leaf> => {
    const merged = new Ledger<Leaf>();
    for (const tree of [state, updated.tree()]) {
      for (const path of Object.keys(tree)) {
        for (const [name, leaf] of Object.entries(tree[path]))
          merged.set(path, name, isTensor(leaf) ? leaf.clone() : leaf);
      }
    }
    return merged.tree();
  };
  return { reading, newState, release };
};
