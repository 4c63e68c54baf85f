/**
 * Transformations that remember moments of gradients: momentum, Adam, RMSProp, Lion, moving averages. Names, defaults
 * and order of operations are optax's.
 */
import * as tf from '@tensorflow/tfjs-core';
import { fraction, nonNegative, probability } from '../data/config.js';
import { adamStep, tidy } from '../engine/index.js';
import { countFrom, moved, share } from './averaging.js';
import { filled, type Leaves, zeros } from './leaves.js';
import { expectKnown } from '../data/nearest.js';
import { expectOptions } from './options.js';
import { type OptimizerState, type Transformation, transformation } from './transformation.js';

type State<S> = S & { readonly [name: string]: OptimizerState };

export type TraceState = State<{ readonly trace: Leaves }>;

/** Options of momentum. */
export interface TraceOptions {
  readonly decay: number;
  /** Looks one update ahead; false if not given. */
  readonly nesterov?: boolean;
}

/** Momentum: trace = decay · trace + gradient. Source: optax `trace`. */
export const trace = (options: TraceOptions): Transformation<TraceState> => {
  const { decay, nesterov = false } = options;
  expectKnown('trace', options, ['decay', 'nesterov']);
  expectOptions('trace', { decay: [decay, probability] });
  return transformation(
    {
      init: ({ layout }) => ({ trace: zeros(layout) }),
      update: (grads, { trace: before }) => {
        const ahead = (of: Leaves): Leaves => grads.with(tf.add(grads.matrix, tf.mul(decay, of.matrix)));
        const after = ahead(before);
        return {
          updates: nesterov ? ahead(after) : after.with(after.matrix.clone()),
          state: { trace: after },
        };
      },
    },
    { trace: { decay, nesterov } },
  );
};

export type ScaleByAdamState = State<{
  readonly count: tf.Tensor;
  readonly mu: Leaves;
  readonly nu: Leaves;
}>;

/** Adam's numbers. */
export interface AdamOptions {
  /** Decay of the first moment, in [0, 1); 0.9 if not given. */
  readonly b1?: number;
  /** Decay of the second moment, in [0, 1); 0.999 if not given. */
  readonly b2?: number;
  /** Added to the root of the second moment; 1e-8 if not given. */
  readonly eps?: number;
  /** Added to the second moment before its root; 0 if not given. */
  readonly epsRoot?: number;
  /** Looks one update ahead; false if not given. */
  readonly nesterov?: boolean;
}

/** Adam's rescaling, with both moments corrected for their start at 0. Source: optax `scale_by_adam`. */
export const scaleByAdam = (options: AdamOptions = {}): Transformation<ScaleByAdamState> => {
  const { b1 = 0.9, b2 = 0.999, eps = 1e-8, epsRoot = 0, nesterov = false } = options;
  expectKnown('scaleByAdam', options, ['b1', 'b2', 'eps', 'epsRoot', 'nesterov']);
  expectOptions('scaleByAdam', {
    b1: [b1, fraction],
    b2: [b2, fraction],
    eps: [eps, nonNegative],
    epsRoot: [epsRoot, nonNegative],
  });
  return transformation(
    {
      init: ({ layout }) => ({ count: countFrom.zero(), mu: zeros(layout), nu: zeros(layout) }),
      update: (grads, state) => {
        const g = grads.matrix;
        const count = countFrom.next(state.count);
        if (!nesterov) {
          const shares = { muShare: share(b1, count), nuShare: share(b2, count) };
          const before = { grads: g, mu: state.mu.matrix, nu: state.nu.matrix };
          const [updates, mu, nu] = adamStep({ ...before, ...shares }, { b1, b2, eps, epsRoot });
          return { updates: grads.with(updates), state: { count, mu: grads.with(mu), nu: grads.with(nu) } };
        }
        const mu = moved(state.mu, () => g, b1);
        const nu = moved(state.nu, () => tf.square(g), b2);
        const ahead = (): tf.Tensor =>
          tf.add(
            tf.mul(b1, tf.div(mu.matrix, share(b1, countFrom.next(count)))),
            tf.mul(1 - b1, tf.div(g, share(b1, count))),
          );
        const scale = tidy(() => {
          const corrected = tf.div(nu.matrix, share(b2, count));
          const squared = epsRoot === 0 ? corrected : tf.add(corrected, epsRoot);
          return tf.add(tf.sqrt(squared), eps);
        });
        return { updates: grads.with(tidy(() => tf.div(ahead(), scale))), state: { count, mu, nu } };
      },
    },
    { scaleByAdam: { b1, b2, eps, epsRoot, nesterov } },
  );
};

/** RMSProp's numbers. */
export interface RmsOptions {
  /** Decay of the second moment, in [0, 1); 0.9 if not given. */
  readonly decay?: number;
  /** Added to the second moment; 1e-8 if not given. */
  readonly eps?: number;
  /** The second moment to begin with; 0 if not given. */
  readonly initialScale?: number;
  /** Adds `eps` before the root, as optax does, rather than after it, as PyTorch does; true if not given. */
  readonly epsInSqrt?: boolean;
}

/** Division by the root of the second moment, or, `centered`, of the variance, which takes the first moment, too. */
const divided = <S extends State<{ readonly nu: Leaves }>>(
  name: 'scaleByRms' | 'scaleByStddev',
  options: RmsOptions,
): Transformation<S> => {
  const { decay = 0.9, eps = 1e-8, initialScale = 0, epsInSqrt = true } = options;
  expectKnown(name, options, ['decay', 'eps', 'initialScale', 'epsInSqrt']);
  expectOptions(name, {
    decay: [decay, fraction],
    eps: [eps, nonNegative],
    initialScale: [initialScale, nonNegative],
  });
  return transformation<State<{ readonly nu: Leaves }>>(
    {
      init: ({ layout }) => ({
        ...(name === 'scaleByStddev' && { mu: zeros(layout) }),
        nu: filled(layout, initialScale),
      }),
      update: (grads, state) => {
        const g = grads.matrix;
        const mu = state.mu && moved(state.mu as Leaves, () => g, decay);
        const nu = moved(state.nu, () => tf.square(g), decay);
        const updates = tidy(() => {
          const second = mu ? tf.sub(nu.matrix, tf.square(mu.matrix)) : nu.matrix;
          return tf.mul(
            g,
            epsInSqrt ? tf.rsqrt(tf.add(second, eps)) : tf.div(1, tf.add(tf.sqrt(second), eps)),
          );
        });
        return { updates: grads.with(updates), state: { ...(mu && { mu }), nu } };
      },
    },
    { [name]: { decay, eps, initialScale, epsInSqrt } },
  ) as Transformation<OptimizerState> as Transformation<S>;
};

/** Division by the root of the mean square. Source: optax `scale_by_rms`. */
export const scaleByRms = (options: RmsOptions = {}): Transformation<{ readonly nu: Leaves }> =>
  divided('scaleByRms', options);

/** Division by the standard deviation: RMSProp, centered. Source: optax `scale_by_stddev`. */
export const scaleByStddev = (
  options: RmsOptions = {},
): Transformation<{ readonly mu: Leaves; readonly nu: Leaves }> => divided('scaleByStddev', options);

export type ScaleByLionState = State<{ readonly count: tf.Tensor; readonly mu: Leaves }>;

/** Lion's numbers. */
export interface LionOptions {
  /** Weight of the momentum in the update, in [0, 1); 0.9 if not given. */
  readonly b1?: number;
  /** Decay of the momentum, in [0, 1); 0.99 if not given. */
  readonly b2?: number;
}

/** The sign of gradient and momentum. Source: optax `scale_by_lion`. */
export const scaleByLion = (options: LionOptions = {}): Transformation<ScaleByLionState> => {
  const { b1 = 0.9, b2 = 0.99 } = options;
  expectKnown('scaleByLion', options, ['b1', 'b2']);
  expectOptions('scaleByLion', { b1: [b1, fraction], b2: [b2, fraction] });
  return transformation(
    {
      init: ({ layout }) => ({ count: countFrom.zero(), mu: zeros(layout) }),
      update: (grads, state) => ({
        updates: grads.with(tidy(() => tf.sign(moved(state.mu, () => grads.matrix, b1).matrix))),
        state: { count: countFrom.next(state.count), mu: moved(state.mu, () => grads.matrix, b2) },
      }),
    },
    { scaleByLion: { b1, b2 } },
  );
};

export type EmaState = State<{ readonly count: tf.Tensor; readonly ema: Leaves }>;

/** Options of a moving average of gradients. */
export interface EmaOptions {
  readonly decay: number;
  /** Corrects the average for its start at 0; true if not given. */
  readonly debias?: boolean;
}

/** The moving average of gradients in their place. Source: optax `ema`. */
export const ema = (options: EmaOptions): Transformation<EmaState> => {
  const { decay, debias = true } = options;
  expectKnown('ema', options, ['decay', 'debias']);
  expectOptions('ema', { decay: [decay, fraction] });
  return transformation(
    {
      init: ({ layout }) => ({ count: countFrom.zero(), ema: zeros(layout) }),
      update: (grads, state) => {
        const count = countFrom.next(state.count);
        const average = moved(state.ema, () => grads.matrix, decay);
        const given = debias ? tf.div(average.matrix, share(decay, count)) : average.matrix.clone();
        return { updates: grads.with(given), state: { count, ema: average } };
      },
    },
    { ema: { decay, debias } },
  );
};
