/** Flax's files: what Flax wrote is read as Flax reads it; every code of MessagePack; what is damaged or asks for much. */
import * as fc from '../../property.js';
import * as E from 'fp-ts/lib/Either.js';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { HostArray } from '../../../lib/data/array.js';
import type { Checkpoint, CheckpointError, PickleValue } from '../../../lib/checkpoint/index.js';
import {
  flattenValue,
  openCheckpoint,
  parseCheckpoint,
  parseMsgpack,
  showCheckpointError,
} from '../../../lib/checkpoint/index.js';
import { flatten, type Tree } from '../../../lib/data/tree.js';
import { isMsgpack } from '../../../lib/checkpoint/msgpack.js';
import { fileOf, flaxFiles, spelled } from './foreign.js';

const right = <A>(result: E.Either<CheckpointError, A>): A => {
  if (E.isLeft(result)) throw new Error(showCheckpointError(result.left));
  return result.right;
};

const told = <A>(result: E.Either<CheckpointError, A>): string =>
  E.isLeft(result) ? showCheckpointError(result.left) : 'read';

for (const { name, bytes, arrays } of flaxFiles) {
  if (!arrays) continue;
  t.test(`${name}: every array is read as Flax reads it`, async (t) => {
    t.ok(isMsgpack(bytes));
    const found = right(flattenValue(right(parseMsgpack(bytes))));
    t.ok(arrays.size > 0);
    for (const [path, array] of arrays) t.strictSame(spelled(found.get(path) as HostArray), array, path);
  });
}

const of = (...bytes: readonly (number | readonly number[] | string)[]): Uint8Array =>
  Uint8Array.from(
    bytes.flatMap((part) => (typeof part === 'string' ? Array.from(part, (c) => c.charCodeAt(0)) : part)),
  );

/** A value as plain data. */
const plain = (value: PickleValue): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if (value.kind === 'list') return value.items.map(plain);
  if (value.kind === 'dict') return [...value.entries].map(([key, item]) => [key, plain(item)]);
  return value.kind === 'bytes' ? [...value.bytes] : value;
};

const zeros = (count: number): readonly number[] => Array.from({ length: count }, () => 0);

t.test('every code gives its value', async (t) => {
  for (const [bytes, value] of [
    [of(0), 0],
    [of(0x7f), 127],
    [of(0x80), []],
    [of(0x81, 0xa1, 'a', 1), [['a', 1]]],
    [of(0x92, 1, 2), [1, 2]],
    [of(0xa2, 'ab'), 'ab'],
    [of(0xc0), null],
    [of(0xc2), false],
    [of(0xc3), true],
    [of(0xc4, 2, 7, 8), [7, 8]],
    [of(0xc5, 0, 1, 7), [7]],
    [of(0xc6, 0, 0, 0, 1, 7), [7]],
    [of(0xca, 0x3f, 0x80, 0, 0), 1],
    [of(0xcb, 0xbf, 0xf0, zeros(6)), -1],
    [of(0xcc, 0xff), 255],
    [of(0xcd, 1, 2), 258],
    [of(0xce, 0xff, 0xff, 0xff, 0xff), 2 ** 32 - 1],
    [of(0xcf, 0, 0, 0, 1, 0, 0, 0, 2), 2 ** 32 + 2],
    [of(0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), 2n ** 64n - 1n],
    [of(0xd0, 0x80), -128],
    [of(0xd1, 0xff, 0xfe), -2],
    [of(0xd2, 0x80, 0, 0, 0), -(2 ** 31)],
    [of(0xd3, 0x80, zeros(7)), -(2n ** 63n)],
    [of(0xd9, 1, 'a'), 'a'],
    [of(0xda, 0, 1, 'a'), 'a'],
    [of(0xdb, 0, 0, 0, 1, 'a'), 'a'],
    [of(0xdc, 0, 1, 5), [5]],
    [of(0xdd, 0, 0, 0, 1, 5), [5]],
    [of(0xde, 0, 1, 1, 2), [[1, 2]]],
    [of(0xdf, 0, 0, 0, 1, 1, 2), [[1, 2]]],
    [of(0xe0), -32],
    [of(0xff), -1],
  ] as const) {
    t.strictSame(plain(right(parseMsgpack(bytes))), value, `0x${bytes[0].toString(16)}`);
  }
});

const extension = (type: number, ...contents: readonly (number | readonly number[] | string)[]) => {
  const bytes = [...of(...contents)];
  return [0xc7, bytes.length, type, ...bytes];
};

/** An array as Flax writes it: shape, name of the type, bytes. */
const array = (shape: readonly number[], type: string, bytes: readonly number[]) =>
  extension(1, 0x93, 0x90 + shape.length, shape, 0xa0 + type.length, type, 0xc4, bytes.length, bytes);

t.test("Flax's extensions are arrays, scalars and complex numbers", async (t) => {
  const found = right(parseMsgpack(of(array([2, 1], 'int8', [1, 255])))) as HostArray;
  t.strictSame([found.dtype, [...found.shape], [...found.data]], ['int8', [2, 1], [1, -1]]);
  const scalar = right(parseMsgpack(of(extension(3, 0x93, 0x90, 0xa4, 'bool', 0xc4, 1, 1)))) as HostArray;
  t.strictSame([scalar.dtype, [...scalar.shape], [...scalar.data]], ['bool', [], [1]]);
  const complex = right(parseMsgpack(of(extension(2, 0x92, 3, 0xff))));
  t.match(complex, { kind: 'namedTuple', name: 'builtins.complex', fields: [3, -1] });
});

t.test('extensions that Flax does not write are refused', async (t) => {
  for (const [bytes, problem] of [
    [array([2], 'int8', [1]), /int8 of shape \[2\] needs 2, found 1/],
    [array([2], 'O', [1]), /elements of type "O"/],
    [array([2], '<f4', [1]), /elements of type "<f4"/],
    [array([1], 'V2', [1, 1]), /elements of type "V2"/],
    [extension(4, 0xc0), /an extension of type 4/],
    [extension(0xff, 0xc0), /an extension of type 255/],
    [extension(1, 0xc0), /not a shape, a type and bytes/],
    [extension(1, 0x93, 0x80, 0xa4, 'int8', 0xc4, 0), /not a shape, a type and bytes/],
    [extension(1, 0x94, 0x90, 0xa4, 'int8', 0xc4, 1, 1, 1), /not a shape, a type and bytes/],
    [extension(2, 0x91, 1), /a complex number that is a list of 1 items/],
    [extension(1, 0xc0, 0xc0), /contents do not fit its length/],
    [[0xc7, 1, 1, 0x92, 1, 2], /contents do not fit its length/],
    [[0xd4, 1], /length past the end/],
  ] as const) {
    t.match(told(parseMsgpack(of(bytes))), problem);
  }
});

const chunks = (
  of: readonly (readonly number[])[],
  shape: readonly number[] = [of.length],
): readonly number[] => [
  0x83,
  ...[0xb9, ...Array.from('__msgpack_chunked_array__', (c) => c.charCodeAt(0)), 0xc3],
  ...[0xa5, ...Array.from('shape', (c) => c.charCodeAt(0)), 0x80 + shape.length],
  ...shape.flatMap((n, i) => [0xa1, 0x30 + i, n]),
  ...[0xa6, ...Array.from('chunks', (c) => c.charCodeAt(0)), 0x80 + of.length],
  ...of.flatMap((chunk, i) => [0xa1, 0x30 + i, ...chunk]),
];

t.test('chunks become one array, and are refused where they cannot', async (t) => {
  const one = array([1], 'int8', [7]);
  const found = right(parseMsgpack(of(chunks([one, one])))) as HostArray;
  t.strictSame([[...found.shape], [...found.data]], [[2], [7, 7]]);
  t.match(told(parseMsgpack(of(chunks([])))), /without its shape or its chunks/);
  t.match(told(parseMsgpack(of(chunks([one], [2])))), /needs 2, found 1/);
  t.match(told(parseMsgpack(of(chunks([one, array([1], 'bool', [1])])))), /chunks of several types/);
  t.match(
    told(parseMsgpack(of(chunks([array([1, 1], 'int8', [1])])))),
    /a chunk that is an array of shape \[1, 1\]/,
  );
  t.match(told(parseMsgpack(of(chunks([[0xc0]])))), /a chunk that is None/);
  t.match(
    told(parseMsgpack(of(chunks([chunks([one])])))),
    /a chunk that is an array/,
    'copied at every level',
  );
});

t.test('lengths that the file does not hold are refused before room is made', async (t) => {
  const most = [0xff, 0xff, 0xff, 0xff];
  for (const code of [0xc6, 0xc9, 0xdb, 0xdd, 0xdf]) {
    t.match(told(parseMsgpack(of(code, most))), /length past the end/, code.toString(16));
  }
  const before = process.memoryUsage().heapUsed;
  const claims = of(...Array.from({ length: 90 }, () => [0xdd, 0, 0, 0xea, 0x60]), zeros(70_000));
  t.match(told(parseMsgpack(claims)), /length past the end/);
  t.ok(process.memoryUsage().heapUsed - before < 16e6);
});

t.test('depth ends at a hundred containers', async (t) => {
  t.equal(
    told(
      parseMsgpack(
        of(
          Array.from({ length: 100 }, () => 0x91),
          0xc0,
        ),
      ),
    ),
    'read',
  );
  for (const level of [[0x91], [0x81, 0xa1, 0x61], [0xdd, 0, 0, 0, 1], [0xc7, 255, 1]]) {
    const nested = new Uint8Array(Buffer.alloc(200_000 * level.length + 1000, Buffer.from(level)));
    t.match(told(parseMsgpack(nested)), /too deep: more than 100|length past the end/);
  }
});

t.test('keys that are no names, or come twice, are refused', async (t) => {
  t.match(told(parseMsgpack(of(0x81, 0xa9, '__proto__', 1))), /the key "__proto__"/);
  t.match(
    told(parseMsgpack(of(0x82, 0xa1, 'a', 1, 0xa1, 'a', 2))),
    /a second entry of one key, the string "a"/,
  );
  t.match(told(parseMsgpack(of(0x81, 0x90, 1))), /a list of 0 items for a key/);
  t.strictSame(Object.keys(Object.prototype), []);
});

t.test('what is not MessagePack is refused with its place', async (t) => {
  t.equal(told(parseMsgpack(of())), 'at byte 0: an empty file');
  t.equal(told(parseMsgpack(of(0x81, 0xa1, 'a', 0xc1))), 'at byte 3: unknown code 0xc1');
  t.equal(told(parseMsgpack(of(0x80, 0x80))), 'at byte 1: 1 bytes after the end');
  t.equal(told(parseMsgpack(of(0xa1, 0xff))), 'at byte 0: text that is not utf-8');
});

t.test('a file cut anywhere is refused', async (t) => {
  for (const { bytes } of flaxFiles) {
    for (let length = 0; length < bytes.length; length++) {
      if (E.isRight(parseMsgpack(bytes.subarray(0, length)))) t.fail(`cut to ${length} bytes and read`);
    }
  }
});

t.test('any bytes are read or refused', async (t) => {
  const code = fc.oneof(
    fc.constantFrom(0x81, 0x91, 0xc4, 0xc7, 0xde, 0xa1, 0xd4),
    fc.integer({ min: 0, max: 255 }),
  );
  const property = fc.property(fc.array(code, { maxLength: 40 }), (codes) => {
    const result = parseMsgpack(Uint8Array.from(codes));
    return E.isRight(result) || showCheckpointError(result.left).length > 0;
  });
  t.doesNotThrow(() => fc.assert(property, { numRuns: 5000 }));
});

t.test('a file is told by its first bytes', async (t) => {
  t.ok(isMsgpack(of(0xde, 0, 16, 0xa1)));
  t.ok(isMsgpack(of(0xdf, 0, 0, 0, 16, 0xd9)));
  t.notOk(isMsgpack(of(0x80, 4, 0x95)), 'a pickle');
  t.notOk(isMsgpack(of(0x81, 0, 0, 0, 0, 0, 0, 0, 0x7b)), 'safetensors');
  t.notOk(isMsgpack(of(0x80)), 'a pickle cut short');
  t.notOk(isMsgpack(of()));
  t.ok(isMsgpack(fileOf(flaxFiles, 'many').bytes));
});

const names = (tree: Tree<HostArray>): readonly string[] =>
  Object.entries(tree).flatMap(([module, leaves]) => Object.keys(leaves).map((leaf) => `${module}/${leaf}`));

t.test("Flax's nested mappings become modules and leaves", async (t) => {
  const bare = right(parseCheckpoint(fileOf(flaxFiles, 'params').bytes));
  t.strictSame([bare.format, bare.state, bare.rest.size], ['msgpack', {}, 0]);
  t.ok(names(bare.params).includes('Dense_0/kernel'));
  t.strictSame(names(right(parseCheckpoint(fileOf(flaxFiles, 'deep').bytes)).params), ['a/b/c/d/e']);
  t.match(
    told(parseCheckpoint(fileOf(flaxFiles, 'text').bytes)),
    /^at m\.w: found the string "text", expected an array/,
  );
});

t.test('parameters, running statistics and optimizer state are told apart', async (t) => {
  const variables = right(parseCheckpoint(fileOf(flaxFiles, 'variables').bytes));
  t.strictSame(names(variables.state), ['BatchNorm_0/mean', 'BatchNorm_0/var']);
  t.strictSame(variables.rest.size, 0);
  const trained = right(parseCheckpoint(fileOf(flaxFiles, 'train-state').bytes));
  t.strictSame(names(trained.params).toSorted(), names(variables.params).toSorted());
  t.strictSame([...trained.rest.keys()].toSorted(), ['opt_state', 'step']);
  t.equal(trained.rest.get('step'), 1);
});

t.test('a parameter of no module is in ~', async (t) => {
  const [w, one] = [array([1], 'int8', [1]), [0xa1, 0x77]];
  const loose = of(0x81, 0xa6, 'params', 0x82, one, w, 0xa1, 'm', 0x81, one, w);
  t.strictSame(names(right(parseCheckpoint(loose)).params), ['m/w', '~/w']);
  t.strictSame(names(right(parseCheckpoint(of(0x81, one, w))).params), ['~/w']);
  t.match(told(parseCheckpoint(of(0x82, one, w, 0xa1, '~', 0x81, one, w))), /at w: found an array/);
});

t.test('a file that is opened and not read gives the same arrays', async (t) => {
  const folder = t.testdir({});
  for (const { name, bytes, arrays } of flaxFiles) {
    if (!arrays || name === 'complex') continue;
    const path = join(folder, name);
    writeFileSync(path, bytes);
    const opened = right(await openCheckpoint(path)());
    const whole = right(parseCheckpoint(bytes));
    t.strictSame(leaves(opened), leaves(whole), name);
  }
});

const leaves = ({ params, state }: Checkpoint) =>
  [...flatten(params), ...flatten(state)].map(([path, leaf]) => [path, spelled(leaf)]);
