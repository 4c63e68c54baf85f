/** Arrays as views of a file: when they copy, and what they put right. */
import * as fc from '../../property.js';
import t from 'tap';
import { formatElementType, parseElementType } from '../../../lib/checkpoint/elementType.js';
import {
  columnMajorStrides,
  declaredSize,
  FileArray,
  rowMajorStrides,
} from '../../../lib/checkpoint/fileArray.js';

const float32 = { dtype: 'float32', isLittleEndian: true } as const;

const file = () => new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6).buffer);

t.test('an aligned array is a view of the file', async (t) => {
  const bytes = file();
  const array = new FileArray({ ...float32, shape: [2], bytes: bytes.subarray(8, 16) });
  t.strictSame([...array.data], [3, 4]);
  t.equal(array.data.buffer, bytes.buffer);
});

t.test('an array at an odd place is copied when it is used, and once while it is held', async (t) => {
  const bytes = new Uint8Array(25);
  bytes.set(file(), 1);
  const array = new FileArray({ ...float32, shape: [6], bytes: bytes.subarray(1) });
  const { data } = array;
  t.strictSame([...data], [1, 2, 3, 4, 5, 6]);
  t.not(data.buffer, bytes.buffer);
  t.equal(array.data, data);
  t.equal(array.rowMajorBytes.buffer, bytes.buffer, 'writing it again needs no copy');
});

t.test('a Buffer, whose slices share memory, is copied too', async (t) => {
  const bytes = Buffer.alloc(25);
  bytes.set(file(), 1);
  const array = new FileArray({ ...float32, shape: [6], bytes: bytes.subarray(1) });
  t.strictSame([...array.data], [1, 2, 3, 4, 5, 6]);
});

t.test('big-endian elements of every width are turned round', async (t) => {
  const bytes = Uint8Array.of(0, 0, 0, 0, 0, 0, 1, 2);
  const read = (dtype: 'int64' | 'int32' | 'uint16' | 'uint8') => {
    const size = { int64: 8, int32: 4, uint16: 2, uint8: 1 }[dtype];
    return [...new FileArray({ dtype, isLittleEndian: false, shape: [8 / size], bytes }).data];
  };
  t.strictSame(read('int64'), [258n]);
  t.strictSame(read('int32'), [0, 258]);
  t.strictSame(read('uint16'), [0, 0, 0, 258]);
  t.strictSame(read('uint8'), [0, 0, 0, 0, 0, 0, 1, 2]);
  t.strictSame([...bytes], [0, 0, 0, 0, 0, 0, 1, 2], 'the file is as it was');
});

t.test('column-major arrays of any shape come out row-major', async (t) => {
  const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });
  const property = fc.property(shapes, (shape) => {
    const strides = columnMajorStrides(shape);
    const size = shape.reduce((a, b) => a * b, 1);
    const stored = Uint8Array.from({ length: size }, (_, i) => i);
    const array = new FileArray({ dtype: 'uint8', isLittleEndian: true, shape, strides, bytes: stored });
    const rows = rowMajorStrides(shape);
    return array.data.every((value, i) => {
      const index = shape.map((n, axis) => Math.floor(i / rows[axis]) % n);
      return value === index.reduce((at, n, axis) => at + n * strides[axis], 0);
    });
  });
  t.doesNotThrow(() => fc.assert(property));
});

t.test('an array without a layout is empty until it is filled', async (t) => {
  const array = new FileArray();
  t.notOk(array.isFilled);
  t.strictSame([...array.shape, ...array.data], [0]);
  FileArray.fill(array, { ...float32, shape: [6], bytes: file() });
  t.ok(array.isFilled);
  t.equal(array.data.length, 6);
});

t.test('a declared shape is counted without believing it', async (t) => {
  t.equal(declaredSize([]), 1);
  t.equal(declaredSize([3, 4]), 12);
  t.equal(declaredSize([3, 0, 2 ** 50]), 0);
  t.equal(declaredSize([2 ** 40, 2 ** 40]), undefined);
  t.equal(declaredSize([2 ** 40, 2 ** 40, 0]), undefined, 'as NumPy has it');
  t.equal(declaredSize([-1]), undefined);
  t.equal(declaredSize([1.5]), undefined);
  t.equal(declaredSize(['3']), undefined);
  t.equal(declaredSize([NaN]), undefined);
  t.equal(declaredSize(Array.from({ length: 65 }, () => 1)), undefined);
});

t.test('every dtype has a name that is read back', async (t) => {
  const dtypes = ['float64', 'float32', 'float16', 'bfloat16', 'int64', 'int32', 'int16', 'int8'] as const;
  for (const dtype of [...dtypes, 'uint64', 'uint32', 'uint16', 'uint8', 'bool'] as const) {
    t.strictSame(parseElementType(formatElementType(dtype)), { dtype, isLittleEndian: true });
    t.equal(parseElementType(dtype)?.dtype, dtype);
  }
  t.strictSame(parseElementType('>i2'), { dtype: 'int16', isLittleEndian: false });
  for (const name of [
    '',
    '<',
    'O',
    '|O',
    'c8',
    'f16',
    'U3',
    'S1',
    'M8[ns]',
    'V3',
    'f4 ',
    '<<f4',
    'constructor',
    'toString',
  ]) {
    t.equal(parseElementType(name), undefined, name);
  }
});
