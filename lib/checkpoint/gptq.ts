/**
 * Matrices in fewer bits as files of GPTQ hold them, which most rounded models on Hugging Face's hub are. In the place of
 * a matrix there are four arrays, for K inputs, N outputs, `bits` and G groups of inputs:
 *
 *   qweight [K · bits / 32, N] int32   the levels of successive inputs from the lowest bits on, unsigned
 *   qzeros  [G, N · bits / 32] int32   the level that stands for zero, less one, packed along the outputs
 *   scales  [G, N] float16
 *   g_idx   [K] int32                  the group of each input
 *
 * weight[k, n] = (level - zero) · scale of k's group. Source: the layout of AutoGPTQ and GPTQModel, `checkpoint_format: gptq`.
 */
import { expectNoAdapters } from '../data/adapters.js';
import { array, type DType, type HostArray, sizeOf, toFloat32, type TypedArray } from '../data/array.js';
import { toFloat16 } from '../data/halfFloat.js';
import { type Levels, toLevels } from '../data/levels.js';
import { counted, showBytes } from '../data/quantities.js';
import { namedWhole, type Rounding, type WholeMatrix } from '../data/rounding.js';
import { type Tree } from '../data/tree.js';
import { bytes as bytesIn } from '../data/treeArrays.js';
import type { TreeProblem } from './error.js';
import { refuseTree } from './valueTree.js';

/** Inputs that share a scale. */
const groupSize = 32;

/**
 * Sizes of a matrix have to be divisible by this, so that words of 32 bits are full. Of such sizes, the four arrays always
 * take fewer bytes than float16: at most 1.22 bytes a number.
 */
const divisor = 32;

type Bits = 4 | 8;

/** An array whose elements are computed each time that nobody holds them any more. */
const later = (shape: readonly number[], dtype: DType, make: () => TypedArray): HostArray => {
  let kept: WeakRef<TypedArray> | undefined;
  return {
    shape,
    dtype,
    get data() {
      const data = kept?.deref() ?? make();
      kept = new WeakRef(data);
      return data;
    },
  } as HostArray;
};

/** Packs unsigned levels into words, the first of each in the lowest bits. */
const packed = (words: number, bits: Bits, level: (word: number, place: number) => number): Int32Array => {
  const all = new Int32Array(words);
  const perWord = 32 / bits;
  for (let word = 0; word < words; word++)
    for (let place = 0; place < perWord; place++) all[word] |= level(word, place) << (bits * place);
  return all;
};

/** True for a leaf that is a matrix of a product by its name: Haiku's `w`, PyTorch's `weight` of what is no table of rows. */
const isMatrix = (path: string, { shape }: HostArray): boolean =>
  /\/(w|weight)$/.test(path) && !/embedding/i.test(path) && shape.length === 2 && sizeOf(shape) > 0;

/** The reason for which a matrix stays whole; undefined for one that is rounded. */
const reasonOf = (path: string, { shape }: HostArray, whole: RegExp): string | undefined => {
  if (whole.test(path)) return namedWhole;
  const isDivisible = shape.every((size) => size % divisor === 0);
  return isDivisible ? undefined : `of sizes that ${divisor} does not divide`;
};

/** The four arrays of a matrix; PyTorch's lies [outputs, inputs]. */
const arraysOf = (
  path: string,
  leaf: HostArray,
  isTransposed: boolean,
  bits: Bits,
): Readonly<Record<string, HostArray>> => {
  const [rows, columns] = isTransposed ? [...leaf.shape].reverse() : leaf.shape;
  const [perWord, zero, groups] = [32 / bits, 2 ** (bits - 1), Math.ceil(rows / groupSize)];
  let kept: WeakRef<Levels> | undefined;
  const refuse = (found: number): never =>
    refuseTree([{ path, found: `the number ${found}`, expected: `numbers that int${bits} can hold` }]);
  const levels = (): Levels => {
    const made =
      kept?.deref() ??
      toLevels(toFloat32(leaf), { rows, columns, isTransposed }, { bits, blockSize: groupSize }, refuse);
    kept = new WeakRef(made);
    return made;
  };
  return {
    qweight: later([rows / perWord, columns], 'int32', () => {
      const made = levels().levels;
      return packed(
        (rows / perWord) * columns,
        bits,
        (word, place) => made[(word % columns) * rows + Math.floor(word / columns) * perWord + place] + zero,
      );
    }),
    qzeros: later([groups, columns / perWord], 'int32', () =>
      packed((groups * columns) / perWord, bits, () => zero - 1),
    ),
    scales: later([groups, columns], 'float16', () => {
      const { scales } = levels();
      const turned = (_: unknown, i: number) => scales[(i % columns) * groups + Math.floor(i / columns)];
      return Uint16Array.from({ length: groups * columns }, (_, i) => toFloat16(turned(_, i)));
    }),
    g_idx: array(
      [rows],
      'int32',
      Int32Array.from({ length: rows }, (_, row) => Math.floor(row / groupSize)),
    ),
  };
};

/** A tree with matrices in fewer bits, and the report of them. */
export interface RoundedTree {
  readonly tree: Tree<HostArray>;
  readonly rounding: Rounding;
}

/**
 * The tree with its matrices in fewer bits, rounded as each is written. Left as they are: matrices that `whole` names, those
 * whose sizes 32 does not divide, and all other leaves.
 * @throws RangeError for a tree with low-rank adapters, whose products belong to the matrices
 */
export const toGptq = (tree: Tree<HostArray>, bits: Bits, whole: RegExp = /cross_attention/): RoundedTree => {
  expectNoAdapters(
    'toGptq',
    tree,
    'merge them before, adapters.merge(params), as `lora` of renga/train has it',
  );
  const [rounded, left]: [string[], WholeMatrix[]] = [[], []];
  const arrays = (module: string, name: string, leaf: HostArray): (readonly [string, HostArray])[] => {
    const path = `${module}/${name}`;
    if (!isMatrix(path, leaf)) return [[name, leaf]];
    const reason = reasonOf(path, leaf, whole);
    if (reason !== undefined) {
      left.push({ path, shape: leaf.shape, reason });
      return [[name, leaf]];
    }
    rounded.push(path);
    return Object.entries(arraysOf(path, leaf, name === 'weight', bits));
  };
  const changed = Object.entries(tree).map(([module, leaves]): [string, Record<string, HostArray>] => [
    module,
    Object.fromEntries(Object.entries(leaves).flatMap(([name, leaf]) => arrays(module, name, leaf))),
  ]);
  return { tree: Object.fromEntries(changed), rounding: { rounded, whole: left } };
};

/** The `quantization_config` of such a file, as Hugging Face's loaders read it. */
export const gptqConfig = (bits: Bits): Readonly<Record<string, unknown>> => ({
  quant_method: 'gptq',
  bits,
  group_size: groupSize,
  desc_act: false,
  sym: true,
  checkpoint_format: 'gptq',
});

/** The form that is read. */
const readable = "zeros less one, as checkpoint_format 'gptq' has them: convert the file by GPTQ's tools";

/** The entries of a file's metadata that say how its matrices are rounded, by themselves or in one of its configs. */
interface Described {
  readonly checkpoint_format?: unknown;
  readonly quant_method?: unknown;
  readonly bits?: unknown;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const describedIn = (metadata: Readonly<Record<string, string>>): Described => {
  const { quantization_config: own } = metadata;
  if (own !== undefined && !isObject(parsed(own)))
    refuseTree([
      {
        path: '',
        found: `a quantization_config of ${JSON.stringify(own.slice(0, 40))}`,
        expected: 'an object of JSON',
      },
    ]);
  const configs = Object.values(metadata).map(parsed).filter(isObject);
  const inner = configs.map(({ quantization_config: config }) => config).filter(isObject);
  const isOne = (config: object) => 'quant_method' in config || 'checkpoint_format' in config;
  return { ...[...configs, ...inner].find(isOne), ...metadata };
};

/** Refuses matrices of another method or form than GPTQ's. */
const checkForm = ({ checkpoint_format: form, quant_method: method }: Described): void => {
  if (method !== undefined && method !== 'gptq')
    refuseTree([{ path: '', found: `matrices rounded by ${String(method)}`, expected: 'those of gptq' }]);
  if (form !== undefined && form !== 'gptq')
    refuseTree([{ path: '', found: `matrices of the form ${String(form)}`, expected: readable }]);
};

interface Packed {
  readonly bits: Bits;
  readonly rows: number;
  readonly columns: number;
  readonly groups: number;
}

/** The sizes that four arrays agree on; a problem where they do not. */
const sizesOf = (
  module: string,
  { qweight, qzeros, scales, g_idx: group }: Readonly<Record<string, HostArray>>,
  named: unknown,
): Packed | TreeProblem => {
  const problem = (found: string, expected: string): TreeProblem => ({
    path: `${module}.qweight`,
    found,
    expected,
  });
  if (!qzeros || !scales) return problem('qweight without qzeros and scales', 'GPTQ’s arrays together');
  const ranks = [qweight, qzeros, scales].map(({ shape }) => shape.length);
  if (ranks.some((rank) => rank !== 2)) return problem(`arrays of ${ranks.join(', ')} axes`, '2 axes each');
  const [words, columns] = qweight.shape;
  const [groups] = scales.shape;
  const bits = (32 * qzeros.shape[1]) / columns;
  if (bits !== 4 && bits !== 8) return problem(`levels of ${bits} bits`, '4 or 8');
  if (named !== undefined && Number(named) !== bits)
    return problem(`levels of ${bits} bits`, `${String(named)}, as the file's quantization_config says`);
  const rows = (words * 32) / bits;
  const isSound =
    qweight.dtype === 'int32' &&
    qzeros.dtype === 'int32' &&
    ['float16', 'float32', 'bfloat16'].includes(scales.dtype) &&
    scales.shape[1] === columns &&
    qzeros.shape[0] === groups &&
    groups > 0 &&
    (group === undefined || (group.dtype === 'int32' && group.shape.join() === `${rows}`));
  if (!isSound) {
    const all = Object.entries({ qweight, qzeros, scales, ...(group && { g_idx: group }) });
    const shapes = all.map(([name, { shape, dtype }]) => `${name} ${dtype} [${shape.join(', ')}]`);
    return problem(shapes.join('; '), 'arrays that fit each other');
  }
  const wrong = (group?.data as Int32Array | undefined)?.findIndex((its) => its < 0 || its >= groups) ?? -1;
  if (wrong >= 0) {
    const found = `input ${wrong} in group ${group.data[wrong]}`;
    return { path: `${module}.g_idx`, found, expected: `one of ${groups} groups` };
  }
  return numberProblem(module, { qzeros, scales }, bits) ?? { bits, rows, columns, groups };
};

/**
 * The problem of scales or zeros by their numbers; undefined for sound ones. Zeros that all are the middle level are those of
 * gptq_v2: in the form that is read here, they would be one above it everywhere.
 */
const numberProblem = (
  module: string,
  { qzeros, scales }: Readonly<Record<string, HostArray>>,
  bits: Bits,
): TreeProblem | undefined => {
  const middle = bits === 4 ? 0x88888888 : 0x80808080;
  if ((qzeros.data as Int32Array).every((word) => word >>> 0 === middle)) {
    const found = `zeros that are all ${2 ** (bits - 1)}, as in the form gptq_v2`;
    return { path: `${module}.qzeros`, found, expected: readable };
  }
  const [, columns] = scales.shape;
  const factors = toFloat32(scales);
  const wrong = factors.findIndex((scale) => !Number.isFinite(scale));
  if (wrong < 0) return undefined;
  const found = `${factors[wrong]} at [${Math.floor(wrong / columns)}, ${wrong % columns}]`;
  return { path: `${module}.scales`, found, expected: 'finite numbers' };
};

/** The numbers of a matrix, row-major [inputs, outputs] or, for PyTorch, [outputs, inputs]. */
const numbersOf = (
  { qweight, qzeros, scales, g_idx: group }: Readonly<Record<string, HostArray>>,
  { bits, rows, columns, groups }: Packed,
  isTransposed: boolean,
): Float32Array => {
  const [words, zeros, factors] = [qweight.data as Int32Array, qzeros.data as Int32Array, toFloat32(scales)];
  const [perWord, mask, size] = [32 / bits, 2 ** bits - 1, Math.ceil(rows / groups)];
  const groupOf = group?.data as Int32Array | undefined;
  const values = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const its = groupOf ? groupOf[row] : Math.floor(row / size);
    const [at, shift] = [Math.floor(row / perWord) * columns, bits * (row % perWord)];
    for (let column = 0; column < columns; column++) {
      const level = (words[at + column] >>> shift) & mask;
      const word = zeros[(its * columns) / perWord + Math.floor(column / perWord)];
      const zero = ((word >>> (bits * (column % perWord))) & mask) + 1;
      const value = (level - zero) * factors[its * columns + column];
      values[isTransposed ? column * rows + row : row * columns + column] = value;
    }
  }
  return values;
};

/** A tree whose matrices were widened, and a sentence about them; none where there are none. */
export interface WidenedTree {
  readonly tree: Tree<HostArray>;
  readonly notes: readonly string[];
}

/** The sentence about matrices that were widened: their bits, and the bytes of their arrays and of their numbers. */
const noteOf = (bits: readonly Bits[], [packed, wide]: readonly [packed: number, wide: number]): string =>
  `${counted(bits.length, 'matrix', 'matrices')} of ${[...new Set(bits)].sort().join(' and ')} bits ` +
  `(GPTQ): ${showBytes(packed)} in the file, read as float32, ${showBytes(wide)}`;

/**
 * The tree with float32 matrices in the place of GPTQ's arrays, each computed when its data is asked for; for the inside of
 * an `attempt`. Other forms, such as gptq_v2, are refused, and so are arrays that do not fit each other.
 * @param isOfPyTorch  true for names of PyTorch's, whose matrices are `weight` and lie [outputs, inputs]
 */
export const fromGptq = (
  tree: Tree<HostArray>,
  isOfPyTorch: boolean,
  metadata: Readonly<Record<string, string>>,
): WidenedTree => {
  if (!Object.values(tree).some((leaves) => Object.hasOwn(leaves, 'qweight'))) return { tree, notes: [] };
  const described = describedIn(metadata);
  checkForm(described);
  const problems: TreeProblem[] = [];
  const widths: Bits[] = [];
  const bytes: [packed: number, wide: number] = [0, 0];
  const changed = Object.entries(tree).map(([module, leaves]): [string, Record<string, HostArray>] => {
    if (!Object.hasOwn(leaves, 'qweight')) return [module, leaves];
    const sizes = sizesOf(module, leaves, described.bits);
    if ('found' in sizes) {
      problems.push(sizes);
      return [module, leaves];
    }
    const { qweight, qzeros, scales, g_idx: group, ...others } = leaves;
    const shape = isOfPyTorch ? [sizes.columns, sizes.rows] : [sizes.rows, sizes.columns];
    const all = { qweight, qzeros, scales, ...(group && { g_idx: group }) };
    widths.push(sizes.bits);
    bytes[0] += bytesIn({ [module]: all });
    bytes[1] += 4 * sizes.rows * sizes.columns;
    const matrix = later(shape, 'float32', () => numbersOf(all, sizes, isOfPyTorch));
    return [module, { [isOfPyTorch ? 'weight' : 'w']: matrix, ...others }];
  });
  if (problems.length > 0) return refuseTree(problems);
  return { tree: Object.fromEntries(changed), notes: [noteOf(widths, bytes)] };
};
