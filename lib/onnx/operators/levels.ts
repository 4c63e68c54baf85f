/**
 * Products with weights in fewer bits. `int8` products round the rows of their input as well, by standard operators:
 * what is summed are bytes. `float32` products widen the weights block by block, by onnxruntime's MatMulNBits.
 */
import { bytesOf } from '../../data/array.js';
import { blocksOf, type Levels } from '../../data/levels.js';
import type { Emitter } from '../emitter.js';
import { dataTypes, type ElementType } from '../tensor.js';
import type { Written } from './operator.js';

/** The domain of onnxruntime's own operators. */
export const ownDomain = 'com.microsoft';

/** Elements that products are computed in; int8 is for rounded weights. */
export type Products = (typeof productTypes)[number];

/** All such types. */
export const productTypes = ['float32', 'float16', 'int8'] as const;

/** A weight in fewer bits, to be computed when the model is written. */
export interface LevelWeight {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly bits: 4 | 8;
  readonly blockSize: number;
  readonly products: Products;
  readonly levels: () => Levels;
}

/** An array, once for all products that read the same weight with the same factor. */
const array = (
  { emitter }: Written,
  name: string,
  shape: readonly number[],
  type: ElementType,
  bytes: () => Uint8Array,
  factor: number = 1,
): string =>
  emitter.shared(`${type} ${name} ${factor}`, () => [
    emitter.initializer({ name: emitter.reserve(name), shape, type, bytes }),
  ])[0];

/** [columns, blocks, bytes], unsigned with zero in the middle, two levels to a byte where they have four bits. */
const packBlocks = (levels: Levels, bits: 4 | 8): Uint8Array => {
  const { rows, columns, blockSize } = levels;
  const [blocks, zero] = [blocksOf(levels), 2 ** (bits - 1)];
  const blockBytes = (blockSize * bits) / 8;
  const packed = new Uint8Array(columns * blocks * blockBytes).fill(bits === 8 ? zero : zero * 17);
  for (let column = 0; column < columns; column++) {
    const at = column * blocks * blockBytes;
    for (let row = 0; row < rows; row++) {
      const level = levels.levels[column * rows + row] + zero;
      if (bits === 8) packed[at + row] = level;
      else {
        const place = at + (row >> 1);
        packed[place] = row & 1 ? (packed[place] & 15) | (level << 4) : (packed[place] & 240) | level;
      }
    }
  }
  return packed;
};

/** [rows, columns]. */
const rowMajor = ({ rows, columns, levels }: Levels): Uint8Array => {
  const turned = new Int8Array(rows * columns);
  for (let column = 0; column < columns; column++)
    for (let row = 0; row < rows; row++) turned[row * columns + column] = levels[column * rows + row];
  return bytesOf(turned);
};

const scalesTimes = ({ scales }: Levels, factor: number): Uint8Array =>
  bytesOf(factor === 1 ? scales : scales.map((scale) => scale * factor));

const byBlocks = (kernel: Written, weight: LevelWeight, factor: number): string => {
  const { name, rows, columns, bits, blockSize, levels } = weight;
  const blocks = blocksOf(weight);
  const packed = array(kernel, `${name}/levels`, [columns, blocks, (blockSize * bits) / 8], 'uint8', () =>
    packBlocks(levels(), bits),
  );
  const scales = array(
    kernel,
    `${name}/scales`,
    [columns * blocks],
    'float32',
    () => scalesTimes(levels(), factor),
    factor,
  );
  return kernel.emitter.op('MatMulNBits', [kernel.x.x, packed, scales], {
    domain: ownDomain,
    K: rows,
    N: columns,
    bits,
    block_size: blockSize,
    accuracy_level: weight.products === 'int8' ? 4 : 1,
  });
};

/** The largest level of an input's row. */
const largestInput = 127;

/** A row of zeros has this for its largest number, so that nothing is divided by zero. */
const smallestRow = 1e-30;

/** The rows of an input as bytes around 128, and the scale of each row. */
const inputLevels = (emitter: Emitter, x: string): readonly [levels: string, scales: string] => {
  const [levels, scales] = emitter.shared(`levels of ${x}`, () => {
    const largest = emitter.op('ReduceMax', [emitter.op('Abs', [x]), emitter.sizes([-1])]);
    const scale = emitter.op('Mul', [
      emitter.op('Max', [largest, emitter.scalar(smallestRow)]),
      emitter.scalar(1 / largestInput),
    ]);
    const rounded = emitter.op('QuantizeLinear', [
      emitter.op('Div', [x, scale]),
      emitter.scalar(1),
      emitter.scalar(128, 'uint8'),
    ]);
    return [rounded, scale];
  });
  return [levels, scales];
};

const byBytes = (kernel: Written, weight: LevelWeight, factor: number): string => {
  const { name, rows, columns, levels } = weight;
  const { emitter } = kernel;
  const [input, rowScales] = inputLevels(emitter, kernel.x.x);
  const bytes = array(kernel, `${name}/levels`, [rows, columns], 'int8', () => rowMajor(levels()));
  const scales = array(
    kernel,
    `${name}/scales`,
    [columns],
    'float32',
    () => scalesTimes(levels(), factor),
    factor,
  );
  const sums = emitter.op('MatMulInteger', [input, bytes, emitter.scalar(128, 'uint8')]);
  const floats = emitter.op('Cast', [sums], { to: dataTypes.float32 });
  return emitter.op('Mul', [emitter.op('Mul', [floats, scales]), rowScales]);
};

/** scale · (x·w + bias) + residual, for a weight in fewer bits. */
export const levelsAffine = (kernel: Written, weight: LevelWeight): string => {
  const { x, attrs, emitter } = kernel;
  const factor = (attrs.scale as number | undefined) ?? 1;
  const isByBytes = weight.products === 'int8' && weight.bits === 8;
  const product = (isByBytes ? byBytes : byBlocks)(kernel, weight, factor);
  const bias =
    x.bias === undefined || factor === 1 ? x.bias : emitter.op('Mul', [x.bias, emitter.scalar(factor)]);
  return [bias, x.residual].reduce<string>(
    (sum, each) => (each === undefined ? sum : emitter.op('Add', [sum, each])),
    product,
  );
};
