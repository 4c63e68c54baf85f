/**
 * Initializers: the first value of a parameter, from its shape and, for the random ones, one key. They are Haiku's, with
 * its rounding: configuration in float64, then float32. Each carries its kind and config for documentation.
 */
import { type HostArray, type Shape, float32, sizeOf } from '../data/array.js';
import {
  type Affine,
  type Key,
  MissingKeyError,
  type UniformRange,
  normal,
  truncatedNormal as drawTruncated,
  uniform,
} from '../random/index.js';
import { showShape } from '../data/shape.js';
import { orthonormalSlices } from '../random/orthonormal.js';

const { fround } = Math;

/** Makes the first value of a parameter. */
export interface Initializer {
  readonly kind: string;
  /** True if `sample` needs a key; a random initializer uses exactly one. */
  readonly isRandom: boolean;
  readonly config: Readonly<Record<string, unknown>>;
  /** @throws MissingKeyError when a random initializer gets no key */
  readonly sample: (shape: Shape, key: Key | undefined) => HostArray<'float32'>;
}

/** A number, or lists of lists of numbers, all of one shape. */
export type Nested = number | readonly Nested[];

type Config = Readonly<Record<string, unknown>>;

const fixed = (
  kind: string,
  config: Config,
  sample: (shape: Shape) => HostArray<'float32'>,
): Initializer => ({
  kind,
  isRandom: false,
  config,
  sample,
});

const random = (
  kind: string,
  config: Config,
  sample: (key: Key, shape: Shape) => HostArray<'float32'>,
): Initializer => ({
  kind,
  isRandom: true,
  config,
  sample: (shape, key) => {
    if (key === undefined) throw new MissingKeyError(`initializer ${kind}`);
    return sample(key, shape);
  },
});

const expectFinite = (kind: string, values: Readonly<Record<string, number>>): void => {
  for (const [name, value] of Object.entries(values)) {
    if (!Number.isFinite(value))
      throw new RangeError(`${kind}: ${name} must be a finite number, got ${value}`);
  }
};

const expectScale = (kind: string, scale: number): void => {
  expectFinite(kind, { scale });
  if (scale < 0) throw new RangeError(`${kind}: scale must not be negative, got ${scale}`);
};

const outOfRange = (axis: number, shape: Shape): RangeError =>
  new RangeError(`axis ${axis} is not one of shape ${showShape(shape)}`);

/** Sizes of some axes of a shape. @throws RangeError when it lacks one */
const sizesAt = (axes: readonly number[], shape: Shape): number[] =>
  axes.map((axis) => {
    const size = shape.at(axis);
    if (size === undefined) throw outOfRange(axis, shape);
    return size;
  });

/** The shape of nested lists. @throws RangeError when they are ragged */
const shapeOf = (value: Nested): Shape => {
  if (typeof value === 'number') return [];
  const inner = value.length === 0 ? [] : shapeOf(value[0]);
  if (value.some((v) => showShape(shapeOf(v)) !== showShape(inner))) {
    throw new RangeError('constant: lists of different lengths do not make an array');
  }
  return [value.length, ...inner];
};

/** Fills `shape` from an array whose dimensions, aligned at the end, are equal or 1, as NumPy broadcasts. */
const broadcast = (from: HostArray<'float32'>, shape: Shape): HostArray<'float32'> => {
  const padded = [...Array<number>(Math.max(0, shape.length - from.shape.length)).fill(1), ...from.shape];
  if (padded.length !== shape.length || padded.some((n, axis) => n !== 1 && n !== shape[axis])) {
    throw new RangeError(
      `a constant of shape ${showShape(from.shape)} does not fill shape ${showShape(shape)}`,
    );
  }
  const out = new Float32Array(sizeOf(shape));
  for (let i = 0; i < out.length; i++) {
    let rest = i;
    let source = 0;
    let stride = 1;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (padded[axis] !== 1) source += (rest % shape[axis]) * stride;
      rest = Math.floor(rest / shape[axis]);
      stride *= padded[axis];
    }
    out[i] = from.data[source];
  }
  return float32(shape, out);
};

/**
 * The same value everywhere, or an array stretched to the parameter's shape as NumPy broadcasts.
 * @throws RangeError when lists are ragged; in `sample`, when the value does not fill the shape
 * @example constant([1, 2]).sample([3, 2], undefined) // [[1, 2], [1, 2], [1, 2]]
 * Source: haiku/_src/initializers.py `Constant`.
 */
export const constant = (value: Nested): Initializer => {
  if (typeof value === 'number') {
    return fixed('constant', { value }, (shape) =>
      float32(shape, new Float32Array(sizeOf(shape)).fill(value)),
    );
  }
  const flat = (value as readonly unknown[]).flat(Infinity) as number[];
  const source = float32(shapeOf(value), flat);
  return fixed('constant', { value }, (shape) => broadcast(source, shape));
};

/** Zeros everywhere. Source: jnp.zeros, Haiku's default for biases and offsets. */
export const zeros: Initializer = { ...constant(0), kind: 'zeros', config: {} };

/** Ones everywhere. Source: jnp.ones, Haiku's default for scales. */
export const ones: Initializer = { ...constant(1), kind: 'ones', config: {} };

/**
 * Normal: mean + stddev·z; mean 0 and stddev 1 if not given.
 * @throws RangeError when a number is not finite
 * Source: haiku/_src/initializers.py `RandomNormal`.
 */
export const randomNormal = ({ stddev = 1, mean = 0 }: Affine = {}): Initializer => {
  expectFinite('randomNormal', { stddev, mean });
  return random('randomNormal', { stddev, mean }, (key, shape) => normal(key, shape, { stddev, mean }));
};

/** A normal draw, and the bounds in standard deviations (-2 and 2 if not given) that it is cut to. */
export interface TruncatedNormalConfig extends Affine {
  readonly lower?: number;
  readonly upper?: number;
}

/**
 * Truncated normal: stddev·z + mean, with z a standard normal in (lower, upper). `stddev` is the one before
 * truncation; after it, within ±2, the draws' own is 0.88 times that.
 * @throws RangeError when a number is not finite, or lower is not below upper
 * Source: haiku/_src/initializers.py `TruncatedNormal`.
 */
export const truncatedNormal = (config: TruncatedNormalConfig = {}): Initializer => {
  const { stddev = 1, mean = 0, lower = -2, upper = 2 } = config;
  expectFinite('truncatedNormal', { stddev, mean, lower, upper });
  if (lower >= upper) throw new RangeError(`truncatedNormal: needs lower < upper, got (${lower}, ${upper})`);
  return random('truncatedNormal', { stddev, mean, lower, upper }, (key, shape) =>
    drawTruncated(key, lower, upper, shape, { stddev, mean }),
  );
};

/**
 * Uniform in [min, max); [0, 1) if not given.
 * @throws RangeError when a number is not finite, or min is above max
 * Source: haiku/_src/initializers.py `RandomUniform`.
 */
export const randomUniform = ({ min = 0, max = 1 }: UniformRange = {}): Initializer => {
  expectFinite('randomUniform', { min, max });
  if (min > max) throw new RangeError(`randomUniform: needs min <= max, got [${min}, ${max})`);
  return random('randomUniform', { min, max }, (key, shape) => uniform(key, shape, { min, max }));
};

/** Config of `varianceScaling`: the rule that gives a weight's variance from its shape. */
export interface VarianceScalingConfig {
  /** Variance times fan; 1 if not given. */
  readonly scale?: number;
  /** The fan that divides: inputs (the default), outputs, or their mean. */
  readonly mode?: 'fanIn' | 'fanOut' | 'fanAvg';
  readonly distribution?: 'truncatedNormal' | 'normal' | 'uniform';
  /** Axes that count as inputs, for weights of three or more axes that are not convolution kernels. */
  readonly fanInAxes?: readonly number[];
}

/**
 * Inputs and outputs of a weight: [in, out] of a matrix; of a kernel [..., in, out], each times the receptive
 * field; both the length of a vector, both 1 of a scalar.
 */
const fans = (shape: Shape, fanInAxes?: readonly number[]): readonly [number, number] => {
  if (shape.length < 2) return [sizeOf(shape), sizeOf(shape)];
  if (shape.length === 2) return [shape[0], shape[1]];
  if (fanInAxes !== undefined) {
    return [sizeOf(sizesAt(fanInAxes, shape)), sizeOf(shape.filter((_, axis) => !fanInAxes.includes(axis)))];
  }
  const field = sizeOf(shape.slice(0, -2));
  return [shape[shape.length - 2] * field, shape[shape.length - 1] * field];
};

/** The standard deviation of a standard normal truncated at ±2. Source: haiku/_src/initializers.py. */
const TRUNCATED_STDDEV = fround(0.87962566103423978);

const FAN_OF = {
  fanIn: (fanIn: number, _: number) => fanIn,
  fanOut: (_: number, fanOut: number) => fanOut,
  fanAvg: (fanIn: number, fanOut: number) => (fanIn + fanOut) / 2,
};

const SCALED = {
  truncatedNormal: (key: Key, shape: Shape, variance: number) =>
    drawTruncated(key, -2, 2, shape, { stddev: Math.sqrt(variance) / TRUNCATED_STDDEV }),
  normal: (key: Key, shape: Shape, variance: number) => normal(key, shape, { stddev: Math.sqrt(variance) }),
  uniform: (key: Key, shape: Shape, variance: number) => {
    const limit = Math.sqrt(3 * variance);
    return uniform(key, shape, { min: -limit, max: limit });
  },
};

const expectOneOf = (name: string, table: object, value: string): void => {
  if (!Object.hasOwn(table, value)) {
    throw new RangeError(
      `varianceScaling: ${name} must be one of ${Object.keys(table).join(', ')}, got ${value}`,
    );
  }
};

/**
 * Draws whose variance is scale / fan, so that activations keep their size through a layer.
 * @throws RangeError when scale is negative or not finite, or mode or distribution is unknown; in `sample`, when
 *   a fan-in axis is not one of the shape's
 * @example varianceScaling({ scale: 2 }) // He's; { mode: 'fanAvg', distribution: 'uniform' } is Glorot's
 * Source: haiku/_src/initializers.py `VarianceScaling`.
 */
export const varianceScaling = (config: VarianceScalingConfig = {}): Initializer => {
  const { scale = 1, mode = 'fanIn', distribution = 'truncatedNormal', fanInAxes } = config;
  expectScale('varianceScaling', scale);
  expectOneOf('mode', FAN_OF, mode);
  expectOneOf('distribution', SCALED, distribution);
  const shownConfig = { scale, mode, distribution, ...(fanInAxes && { fanInAxes }) };
  return random('varianceScaling', shownConfig, (key, shape) => {
    const fan = FAN_OF[mode](...fans(shape, fanInAxes));
    return SCALED[distribution](key, shape, scale / Math.max(1, fan));
  });
};

/**
 * Uniform within ±scale·√(3 / inputs), the inputs being all axes but the last.
 * @throws RangeError when scale is negative or not finite
 * Source: haiku/_src/initializers.py `UniformScaling`.
 */
export const uniformScaling = ({ scale = 1 }: { readonly scale?: number } = {}): Initializer => {
  expectScale('uniformScaling', scale);
  return random('uniformScaling', { scale }, (key, shape) => {
    const max = Math.sqrt(3 / Math.max(1, sizeOf(shape.slice(0, -1)))) * scale;
    return uniform(key, shape, { min: -max, max });
  });
};

/** Config of `orthogonal`: scale and axis of the orthonormal slices. */
export interface OrthogonalConfig {
  readonly scale?: number;
  /** The axis whose slices are orthonormal (if there are more entries in a slice than slices); the last one. */
  readonly axis?: number;
}

/**
 * A uniformly random orthogonal weight: the slices along `axis` are orthonormal, or where there are more slices
 * than entries in one, the entries are; times `scale`.
 * @throws RangeError when scale is not finite; in `sample`, when the shape has fewer than two axes or lacks `axis`
 * Source: haiku/_src/initializers.py `Orthogonal`.
 */
export const orthogonal = ({ scale = 1, axis = -1 }: OrthogonalConfig = {}): Initializer => {
  expectFinite('orthogonal', { scale });
  return random('orthogonal', { scale, axis }, (key, shape) => {
    if (shape.length < 2)
      throw new RangeError(`orthogonal: needs at least two axes, got shape ${showShape(shape)}`);
    if (shape.at(axis) === undefined) throw outOfRange(axis, shape);
    const slices = orthonormalSlices(key, shape, axis < 0 ? axis + shape.length : axis);
    return float32(
      shape,
      slices.map((v) => fround(scale) * v),
    );
  });
};

/**
 * `gain` on the diagonal of the last two axes, 0 elsewhere; the same for every index of the axes before.
 * @throws RangeError when gain is not finite; in `sample`, when the shape has fewer than two axes
 * Source: haiku/_src/initializers.py `Identity`.
 */
export const identity = ({ gain = 1 }: { readonly gain?: number } = {}): Initializer => {
  expectFinite('identity', { gain });
  return fixed('identity', { gain }, (shape) => {
    if (shape.length < 2)
      throw new RangeError(`identity: needs at least two axes, got shape ${showShape(shape)}`);
    const out = new Float32Array(sizeOf(shape));
    const [rows, columns] = shape.slice(-2);
    for (let start = 0; start < out.length; start += rows * columns) {
      for (let i = 0; i < Math.min(rows, columns); i++) out[start + i * columns + i] = gain;
    }
    return float32(shape, out);
  });
};
