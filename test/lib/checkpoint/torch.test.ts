/** PyTorch's files: what PyTorch wrote is read as PyTorch reads it, and what is not weights is refused by name. */
import * as fc from '../../property.js';
import * as E from 'fp-ts/lib/Either.js';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { HostArray } from '../../../lib/data/array.js';
import type { Checkpoint, CheckpointError, PickleValue } from '../../../lib/checkpoint/index.js';
import {
  valueToTree,
  FileArray,
  flattenValue,
  openCheckpoint,
  parseCheckpoint,
  parsePickle,
  parseTorch,
  showCheckpointError,
} from '../../../lib/checkpoint/index.js';
import { flatten, type Tree } from '../../../lib/data/tree.js';
import { zip } from '../../../lib/files/zip.js';
import { fileOf, spelled, torchFiles } from './foreign.js';

const right = <A>(result: E.Either<CheckpointError, A>): A => {
  if (E.isLeft(result)) throw new Error(showCheckpointError(result.left));
  return result.right;
};

const told = <A>(result: E.Either<CheckpointError, A>): string =>
  E.isLeft(result) ? showCheckpointError(result.left) : 'read';

const isDict = (value: PickleValue) => typeof value === 'object' && value?.kind === 'dict';

/** A value without the texts that training programs save beside numbers. */
const withoutText = (value: PickleValue): PickleValue => {
  if (typeof value !== 'object' || value?.kind !== 'dict') return typeof value === 'string' ? null : value;
  return { ...value, entries: new Map([...value.entries].map(([key, item]) => [key, withoutText(item)])) };
};

for (const { name, bytes, arrays } of torchFiles) {
  if (!arrays) continue;
  t.test(`${name}: every tensor is read as PyTorch reads it`, async (t) => {
    const found = right(flattenValue(withoutText(right(parseTorch(bytes)))));
    t.ok(arrays.size > 0);
    for (const [path, array] of arrays) t.strictSame(spelled(found.get(path) as HostArray), array, path);
  });
}

for (const { name, bytes, refusal } of torchFiles) {
  if (!refusal || name === 'lone') continue;
  t.test(`${name}: refused by name`, async (t) => {
    const complaint = told(parseCheckpoint(bytes));
    t.ok(complaint.includes(refusal), complaint);
  });
}

const latin1 = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));

type Entries = Readonly<Record<string, Uint8Array | string>>;

/** An archive of entries in the folder that PyTorch puts them in. */
const archive = (entries: Entries, deflate = false): Uint8Array => {
  const files = Object.entries(entries).map(([name, contents]) => ({
    name: name.includes('/') && !name.startsWith('data/') ? name : `archive/${name}`,
    parts: [typeof contents === 'string' ? latin1(contents) : contents],
  }));
  return new Uint8Array(Buffer.concat([...zip(files, { deflate })]));
};

const float32 = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);

/** Counts in the text of a pickle: one byte where it is enough, else as many as they need. */
const int = (n: number): string => (n >= 0 && n < 256 ? `K${String.fromCharCode(n)}` : `L${n}L\n`);

const tuple = (items: readonly number[]): string => `(${items.map(int).join('')}t`;

const short = (text: string): string => `U${String.fromCharCode(text.length)}${text}`;

const storageOf = (name: string, count: number, type = 'torch\nFloatStorage'): string =>
  `(${short('storage')}c${type}\n${short(name)}${short('cpu')}${int(count)}tQ`;

interface Tensor {
  readonly storage?: string;
  readonly offset?: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** A pickled `{'m.w': tensor}` of a storage of 6 numbers. */
const tensor = ({ storage = storageOf('0', 6), offset = 0, shape, strides }: Tensor): string =>
  `\x80\x02}${short('m.w')}ctorch._utils\n_rebuild_tensor_v2\n(${storage}${int(offset)}${tuple(shape)}${tuple(strides)}` +
  `\x89ccollections\nOrderedDict\n)RtRs.`;

const reading = (pickle: string, storages: Entries = { 'data/0': float32(0, 1, 2, 3, 4, 5) }) =>
  parseTorch(archive({ 'data.pkl': pickle, ...storages }));

const values = (result: E.Either<CheckpointError, PickleValue>) => [
  ...((right(flattenValue(right(result))).get('m.w') as HostArray).data as Float32Array),
];

t.test('a tensor that reaches beyond its storage is refused', async (t) => {
  t.strictSame(values(reading(tensor({ shape: [2, 3], strides: [3, 1] }))), [0, 1, 2, 3, 4, 5]);
  t.strictSame(values(reading(tensor({ offset: 1, shape: [2], strides: [4] }))), [1, 5]);
  for (const beyond of [
    { shape: [7], strides: [1] },
    { offset: 1, shape: [6], strides: [1] },
    { shape: [2, 3], strides: [4, 1] },
    { offset: 6, shape: [], strides: [] },
    { offset: 7, shape: [0], strides: [1] },
    { shape: [2], strides: [2 ** 53 - 1] },
    { offset: 2 ** 53 - 1, shape: [1], strides: [1] },
  ]) {
    t.match(told(reading(tensor(beyond))), /of a storage of 6$/, JSON.stringify(beyond));
  }
  t.strictSame(values(reading(tensor({ offset: 6, shape: [3, 0], strides: [1, 1] }))), []);
});

t.test('sizes and strides that are none are refused', async (t) => {
  for (const unsound of [
    { shape: [2], strides: [] },
    { shape: [-1], strides: [1] },
    { shape: [2], strides: [-1] },
    { offset: -1, shape: [1], strides: [1] },
    { shape: [2 ** 40, 2 ** 40], strides: [0, 0] },
    { shape: Array.from({ length: 65 }, () => 1), strides: Array.from({ length: 65 }, () => 1) },
  ]) {
    t.match(told(reading(tensor(unsound))), /a tensor of shape \[.*\] with strides \[.*\]$/);
  }
});

t.test('one number that stands for many is refused when they would outgrow the file', async (t) => {
  const expanded = (n: number) => reading(tensor({ shape: [n], strides: [0] }));
  t.equal(values(expanded(1000)).length, 1000);
  t.match(told(expanded(5_000_000)), /views with strides of more than \d+ bytes in a file of \d+/);
});

t.test(
  'elements that arrays here do not have are an error where a weight should be, and only there',
  async (t) => {
    const storage = storageOf('0', 3, 'torch\nComplexFloatStorage');
    const pickle = tensor({ storage, shape: [3], strides: [1] });
    t.equal(
      told(
        E.chain(valueToTree)(
          reading(pickle.replace(short('m.w'), `${short('m')}}${short('w')}`).replace(/s\.$/, 'ss.')),
        ),
      ),
      'at m.w: found an object, torch.Tensor of torch.ComplexFloatStorage, expected elements that arrays here have; ' +
        'convert it before it is saved: tensor.float()',
    );
    const entries = `${short('n.w')}K\x01s.`;
    const beside = right(reading(pickle.replace(short('m.w'), short('spectrum')).replace(/\.$/, entries)));
    t.match(beside, { kind: 'dict' });
    t.equal(typeof beside === 'object' && beside?.kind === 'dict' && beside.entries.get('n.w'), 1);
  },
);

t.test('storages that are not there, or have another size, are refused', async (t) => {
  const of = (storage: string) => told(reading(tensor({ storage, shape: [1], strides: [1] })));
  t.match(of(storageOf('1', 6)), /the storage "1", which is not in the archive/);
  t.match(of(storageOf('../0', 6)), /the storage "\.\.\/0", which is not in the archive/);
  t.match(of(storageOf('__proto__', 6)), /the storage "__proto__", which is not in the archive/);
  t.match(of(storageOf('0', 7)), /a storage of 7 float32 elements in 24 bytes/);
  t.match(of(storageOf('0', 6, 'os\nsystem')), /asks for os\.system/);
  t.match(of('NQ'), /a persistent id, None, that is not a storage's/);
  t.match(of('P0\n'), /a persistent id, which only the program that wrote it can resolve/);
  t.match(
    told(parsePickle(latin1(tensor({ shape: [], strides: [] })))),
    /a persistent id, which only the program that wrote it can resolve/,
  );
});

t.test('calls with other arguments than PyTorch writes are refused', async (t) => {
  for (const [call, problem] of [
    ['ctorch._utils\n_rebuild_tensor_v2\n)R', /_rebuild_tensor_v2 with the arguments \(\)/],
    ['ctorch._utils\n_rebuild_tensor_v2\n(NK\x00))tR', /_rebuild_tensor_v2 with the arguments \(None/],
    ['ctorch._utils\n_rebuild_parameter\n(N\x89NtR', /_rebuild_parameter with the arguments/],
    ['ctorch\nSize\n)R', /torch\.Size with the arguments/],
    ['ctorch\nTensor\n)R', /torch\.Tensor with the arguments/],
    ['ctorch\nfloat32\n)R', /torch\.float32 with the arguments/],
    ['ctorch._tensor\n_rebuild_from_type_v2\n(cos\nsystem\nctorch\nTensor\n)NtR', /asks for os\.system/],
    [
      'ctorch._tensor\n_rebuild_from_type_v2\n(ctorch\nSize\nctorch\nfloat32\n)NtR',
      /_rebuild_from_type_v2 with/,
    ],
  ] as const) {
    t.match(told(reading(`\x80\x02${call}.`)), problem);
  }
  const selves = 'ctorch._tensor\n_rebuild_from_type_v2\nq\0ctorch\nTensor\nq\x01)N';
  t.match(
    told(reading(`\x80\x02ctorch._tensor\n_rebuild_from_type_v2\n(${selves}tR.`)),
    /_rebuild_from_type_v2 with/,
  );
});

t.test('archives that are not one model are refused', async (t) => {
  const [pickle, data] = ['\x80\x02}.', float32(0)];
  t.ok(isDict(right(parseTorch(archive({ 'data.pkl': pickle, 'data/0': data })))));
  t.match(told(parseTorch(archive({ 'data.pkl': pickle, 'other/data.pkl': pickle }))), /2 pickles/);
  t.match(told(parseTorch(archive({ 'data.pkl': pickle, 'constants.pkl': pickle }))), /TorchScript/);
  t.match(told(parseTorch(archive({ 'data.pkl': pickle, byteorder: 'middle' }))), /the byte order "middle"/);
  t.match(told(parseTorch(archive({ 'data.pkl': '' }))), /an empty file/);
  t.match(told(parseTorch(archive({ 'x.npy': pickle }))), /not a PyTorch file/);
  t.match(told(parseTorch(latin1(pickle))), /not a PyTorch file/);
  const tar = new Uint8Array(512);
  tar.set(latin1('ustar'), 257);
  t.match(told(parseTorch(tar)), /a tar archive, which is not read/);
});

t.test('a place in the pickle is told with its entry', async (t) => {
  const error = reading('\x80\x02}K\x01s.');
  t.equal(told(error), 'at byte 5 of entry "archive/data.pkl": stack underflow');
});

t.test('views of every order come out row-major', async (t) => {
  const views = fc
    .array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 })), { maxLength: 4 })
    .chain((axes) => fc.tuple(fc.constant(axes), fc.integer({ min: 0, max: 3 })));
  const property = fc.property(views, ([axes, offset]) => {
    const [shape, strides] = [axes.map(([n]) => n), axes.map(([, stride]) => stride)];
    const size = shape.reduce((a, b) => a * b, 1);
    const span = axes.reduce((sum, [n, stride]) => sum + Math.max(0, n - 1) * stride, 0);
    const count = offset + span + 1;
    const storage = storageOf('0', count);
    const numbers = Array.from({ length: count }, (_, i) => i);
    const found = values(
      reading(tensor({ storage, offset, shape, strides }), { 'data/0': float32(...numbers) }),
    );
    const expected = Array.from({ length: size }, (_, i) => {
      let [at, left] = [offset, i];
      for (let axis = shape.length - 1; axis >= 0; axis--) {
        at += (left % shape[axis]) * strides[axis];
        left = Math.floor(left / shape[axis]);
      }
      return at;
    });
    t.strictSame(found, expected);
  });
  t.doesNotThrow(() => fc.assert(property, { numRuns: 200 }));
});

t.test('tied weights share one storage and are not copied', async (t) => {
  const value = right(parseTorch(fileOf(torchFiles, 'state-dict').bytes));
  const arrays = right(flattenValue(value));
  const [one, two] = ['layers.0.weight', 'tied.weight'].map((name) => arrays.get(name) as FileArray);
  t.equal(one.data.buffer, two.data.buffer);
  t.equal(one.data.byteOffset, two.data.byteOffset);
});

const checkpointOf = (bytes: Uint8Array): Checkpoint => right(parseCheckpoint(bytes));

const shapes = (tree: Tree<HostArray>) =>
  Object.fromEntries(
    Object.entries(tree).map(([module, leaves]) => [
      module,
      Object.fromEntries(Object.entries(leaves).map(([leaf, { shape }]) => [leaf, [...shape]])),
    ]),
  );

t.test('a state dict becomes modules and leaves; a parameter of no module is in ~', async (t) => {
  const { format, params, state, rest } = checkpointOf(fileOf(torchFiles, 'state-dict').bytes);
  t.strictSame(shapes(params), {
    '~': { latents: [2, 3] },
    norm: { weight: [3], bias: [3], running_mean: [3], running_var: [3], num_batches_tracked: [] },
    'layers.0': { weight: [2, 3], bias: [2] },
    'layers.1': { weight: [3, 2] },
    tied: { weight: [2, 3], bias: [2] },
  });
  t.strictSame([format, state, rest.size], ['torch', {}, 0]);
});

t.test(
  'a state dict among what a training program saved is found, and the others are kept as data',
  async (t) => {
    const { params, rest } = checkpointOf(fileOf(torchFiles, 'trained').bytes);
    t.strictSame(shapes(params), { 0: { weight: [2, 2], bias: [2] } });
    t.strictSame([...rest.keys()], ['epoch', 'optimizer', 'best', 'name', 'none']);
    t.equal(rest.get('epoch'), 3);
    t.equal(right(flattenValue(rest.get('optimizer') ?? null)).get('state.0.exp_avg')?.dtype, 'float32');
  },
);

t.test('state dicts within each other are joined by dots', async (t) => {
  const { params } = checkpointOf(fileOf(torchFiles, 'nested').bytes);
  t.strictSame(Object.keys(params), ['encoder.m', 'decoder.m']);
});

t.test('a file without a state dict says what it has', async (t) => {
  t.equal(
    told(parseCheckpoint(fileOf(torchFiles, 'lone').bytes)),
    'at the top: found an array of shape [2], expected a state dict, which torch.save(model.state_dict(), path) saves',
  );
  const named = archive({ 'data.pkl': `\x80\x02}${short('state_dict')}}${short('w')}${short('x')}ss.` });
  t.equal(
    told(parseCheckpoint(named)),
    'at state_dict.w: found the string "x", expected an array or a mapping of arrays',
  );
});

t.test('the same weights as safetensors give the same tree', async (t) => {
  const { bytes, safetensors } = fileOf(torchFiles, 'state-dict');
  const leavesOf = (file: Uint8Array) =>
    flatten(checkpointOf(file).params)
      .map(([path, leaf]) => [path, spelled(leaf)] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1));
  t.strictSame(leavesOf(bytes), leavesOf(safetensors as Uint8Array));
});

t.test('a file that is opened and not read gives the same arrays', async (t) => {
  const folder = t.testdir({});
  for (const { name, bytes, arrays } of torchFiles) {
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
