/**
 * Transformations of gradients, in the manner of optax: a pair of pure functions, composed by `chain`, restricted to
 * some leaves by `masked`, chosen for each leaf by `labelled`. They read no value on their way, and what they remember
 * is a nest of tensors and packed leaves.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Selection } from '../data/tree.js';
import { kindOf } from '../data/weights.js';
import { tidy } from '../engine/index.js';
import { join, type Layout, Leaves, type Part, partOf, take } from './leaves.js';
import { allBut, expectSelected } from './selected.js';
import { settingsOf, withSettings } from './settings.js';

/** Memory of a transformation: tensors, packed leaves, and records and lists of such. */
export type OptimizerState =
  tf.Tensor | Leaves | OptimizerStates | { readonly [name: string]: OptimizerState };

/** A list of states; an interface, so that types of nests do not expand it without end. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- an alias is what is expanded without end
export interface OptimizerStates extends ReadonlyArray<OptimizerState> {}

/** The outcome of a transformation. */
export interface Updated<S> {
  /** To be added to the parameters. */
  readonly updates: Leaves;
  readonly state: S;
  /** Scalars to be logged with the step, such as the learning rate that was applied. */
  readonly log?: Readonly<Record<string, tf.Tensor>>;
  /**
   * False, a scalar of dtype bool, where gradients were gathered and nothing is updated yet: a moving average stays, too. An
   * update if not given.
   */
  readonly isUpdate?: tf.Tensor;
}

/** A transformation of gradients. (Its functions are methods so that one of a certain state is one of any state.) */
export interface Transformation<S extends OptimizerState = OptimizerState> {
  /** The state before the first update. Its tensors are the caller's. */
  init(params: Leaves): S;
  /**
   * The updates for some gradients, and the next state, all of them new tensors. Arguments stay as they are; nothing
   * else is left behind.
   */
  update(grads: Leaves, state: S, params: Leaves): Updated<S>;
}

/**
 * A transformation whose update frees the tensors that it makes on its way.
 * @param settings  its name and numbers, as JSON: kept with checkpoints and compared on resuming; nothing is compared if
 *   not given
 */
export const transformation = <S extends OptimizerState>(
  {
    init,
    update,
  }: {
    readonly init: (params: Leaves) => S;
    readonly update: (grads: Leaves, state: S, params: Leaves) => Updated<S>;
  },
  settings?: unknown,
): Transformation<S> => {
  const made: Transformation<S> = {
    init: (params) => tidy(() => init(params)),
    update: (grads, state, params) => tidy(() => update(grads, state, params)),
  };
  return settings === undefined ? made : withSettings(made, settings);
};

/** The state of a transformation that remembers nothing. */
export type EmptyState = Readonly<Record<string, never>>;

/** A transformation that remembers nothing. */
export const stateless = (
  update: (grads: Leaves, params: Leaves) => Leaves,
  settings?: unknown,
): Transformation<EmptyState> =>
  transformation(
    {
      init: () => ({}),
      update: (grads, state, params) => ({ updates: update(grads, params), state }),
    },
    settings,
  );

/** Gradients as they are. */
export const identity = (): Transformation<EmptyState> =>
  stateless((grads) => grads.with(grads.matrix.clone()), 'identity');

type Chained<S extends readonly OptimizerState[]> = {
  readonly [K in keyof S]: Transformation<S[K]>;
};

/**
 * Several transformations, one after the other; the state is the list of theirs.
 * @example chain(clipByGlobalNorm(1), scaleByAdam(), scaleByLearningRate(1e-3))
 */
export const chain = <S extends readonly OptimizerState[]>(
  ...transformations: Chained<S>
): Transformation<S> => {
  transformations.forEach((each) => expectTransformation('chain', each));
  return transformation(
    {
      init: (params) => transformations.map((each) => each.init(params)) as unknown as S,
      update: (grads, state, params) => {
        const states: OptimizerState[] = [];
        let updates = grads;
        let log: Updated<S>['log'] = {};
        let isUpdate: tf.Tensor | undefined;
        transformations.forEach((each, i) => {
          const done = each.update(updates, state[i], params);
          // Gradients between two links are needed no more.
          if (updates !== grads) updates.matrix.dispose();
          updates = done.updates;
          states.push(done.state);
          log = { ...log, ...done.log };
          isUpdate =
            isUpdate && done.isUpdate ? tf.logicalAnd(isUpdate, done.isUpdate) : (done.isUpdate ?? isUpdate);
        });
        const own = updates === grads ? grads.with(grads.matrix.clone()) : updates;
        return { updates: own, state: states as unknown as S, log, ...(isUpdate && { isUpdate }) };
      },
    },
    transformations.map(settingsOf),
  );
};

/**
 * Refuses what is no transformation, at the call that takes it.
 * @throws TypeError
 */
export const expectTransformation = (where: string, found: unknown): void => {
  const { init, update } = (found ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof init === 'function' && typeof update === 'function') return;
  const hint =
    typeof found === 'function'
      ? 'a function: call it, as in adam(1e-3)'
      : found === null
        ? 'null'
        : kindOf(found);
  throw new TypeError(`${where}: found ${hint}, expected a transformation of gradients, such as adam(1e-3)`);
};

/** Parts of layouts, so that the same selection of the same leaves is looked up once. */
const partsFor = (selection: Selection): ((layout: Layout) => Part) => {
  const known = new WeakMap<Layout, Part>();
  return (layout) => {
    const part = known.get(layout) ?? partOf(layout, selection);
    known.set(layout, part);
    return part;
  };
};

const pathsOf = ({ slots }: Layout): readonly string[] => slots.map(({ path }) => path);

/** The state of a transformation of some of the leaves. */
export interface MaskedState<S extends OptimizerState> {
  readonly [name: string]: OptimizerState;
  readonly innerState: S;
}

/**
 * A transformation of the selected leaves alone; the gradients of others pass as they are, and nothing is remembered
 * of them.
 * @throws RangeError from `init`, for a selection of no leaf
 * @example masked(addDecayedWeights(0.1), /\/w$/)
 */
export const masked = <S extends OptimizerState>(
  inner: Transformation<S>,
  selection: Selection,
): Transformation<MaskedState<S>> => {
  expectTransformation('masked', inner);
  const [selected, others] = [partsFor(selection), partsFor(allBut(selection))];
  return transformation(
    {
      init: (params) => {
        expectSelected('masked', selection, pathsOf(params.layout));
        return { innerState: inner.init(take(params, selected(params.layout))) };
      },
      update: (grads, { innerState }, params) => {
        const [part, rest] = [selected(grads.layout), others(grads.layout)];
        const done = inner.update(take(grads, part), innerState, take(params, part));
        const parts: [Part, Leaves][] = [[part, done.updates]];
        if (rest.layout.slots.length > 0) parts.push([rest, take(grads, rest)]);
        return { ...done, updates: join(grads.layout, parts), state: { innerState: done.state } };
      },
    },
    { masked: settingsOf(inner), of: settingsOf(selection) },
  );
};

/** The states of the transformations of a `labelled`, by label. */
export interface LabelledState {
  readonly [name: string]: OptimizerState;
  readonly innerStates: { readonly [label: string]: MaskedState<OptimizerState> };
}

/**
 * One transformation for each label, and a label for each leaf: rates by path, another optimizer for the head. Logged
 * scalars get their label before them. optax calls it `partition`.
 * @param labelOf  the label of a leaf's path
 * @throws RangeError at the first use, where a leaf has a label without a transformation, or a label has no leaf
 * @example labelled({ head: adam(1e-3), body: adam(1e-5) }, (path) => (path.includes('decoder') ? 'head' : 'body'))
 */
export const labelled = (
  transformations: Readonly<Record<string, Transformation>>,
  labelOf: (path: string) => string,
): Transformation<LabelledState> => {
  const labels = Object.keys(transformations);
  labels.forEach((label) => expectTransformation(`labelled: '${label}'`, transformations[label]));
  if (typeof labelOf !== 'function')
    throw new TypeError(`labelled: labelOf is ${kindOf(labelOf)}, expected a function of a leaf's path`);
  const parts = labels.map((label) => partsFor((path) => labelOf(path) === label));
  const check = ({ slots }: Layout): void => {
    const unknown = slots.filter(({ path }) => !labels.includes(labelOf(path)));
    const unused = labels.filter((label) => slots.every(({ path }) => labelOf(path) !== label));
    const wrong = [
      ...unknown.map(({ path }) => `'${path}' has the label '${labelOf(path)}'`),
      ...unused.map((label) => `no leaf has the label '${label}'`),
    ];
    if (wrong.length > 0)
      throw new RangeError(`labelled: ${wrong.join('; ')}; labels are ${labels.join(', ')}`);
  };
  return transformation(
    {
      init: (params) => {
        check(params.layout);
        const states = labels.map((label, i) => {
          const inner = transformations[label].init(take(params, parts[i](params.layout)));
          return [label, { innerState: inner }] as const;
        });
        return { innerStates: Object.fromEntries(states) };
      },
      update: (grads, { innerStates }, params) => {
        const done = labels.map((label, i) => {
          const part = parts[i](grads.layout);
          const { innerState } = innerStates[label];
          const result = transformations[label].update(take(grads, part), innerState, take(params, part));
          return { label, part, ...result };
        });
        const logs = done.flatMap(({ label, log = {} }) =>
          Object.entries(log).map(([name, value]) => [`${label}/${name}`, value] as const),
        );
        // Any label's update is one of the whole.
        const flags = done.flatMap(({ isUpdate }) => (isUpdate ? [isUpdate] : []));
        const isUpdate =
          flags.length === labels.length ? flags.reduce((a, b) => tf.logicalOr(a, b)) : undefined;
        return {
          ...(isUpdate && { isUpdate }),
          updates: join(
            grads.layout,
            done.map(({ part, updates }) => [part, updates]),
          ),
          state: {
            innerStates: Object.fromEntries(done.map(({ label, state }) => [label, { innerState: state }])),
          },
          log: Object.fromEntries(logs),
        };
      },
    },
    { labelled: Object.fromEntries(labels.map((label) => [label, settingsOf(transformations[label])])) },
  );
};

/** `f` of the tensors at the same place of two states. */
export const zipStates = <S extends OptimizerState>(
  a: S,
  b: S,
  f: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
): S => {
  const zip = (one: OptimizerState, other: OptimizerState): OptimizerState => {
    if (one instanceof tf.Tensor) return f(one, other as tf.Tensor);
    if (one instanceof Leaves) return one.with(f(one.matrix, (other as Leaves).matrix));
    if (Array.isArray(one)) return one.map((each, i) => zip(each, (other as readonly OptimizerState[])[i]));
    const names = Object.entries(one as { readonly [name: string]: OptimizerState });
    return Object.fromEntries(
      names.map(([name, each]) => [name, zip(each, (other as typeof one)[name as never])]),
    );
  };
  return zip(a, b) as S;
};

/** The parameters with updates added. */
export const applyUpdates = (params: Leaves, updates: Leaves): Leaves =>
  params.with(tf.add(params.matrix, updates.matrix));
