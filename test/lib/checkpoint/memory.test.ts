/**
 * Memory while a file is read: at most four times the file and 256 MiB, for the worst known files, each read by a
 * process of its own. V8 gives its objects no more than their part of that, or ends it; buffers are counted as they are
 * made.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { formatNpz } from '../../../lib/checkpoint/index.js';
import { array } from '../../../lib/data/array.js';
import { joined } from '../../../lib/files/parts.js';
import { zip } from '../../../lib/files/zip.js';
import { node, outputOf } from '../../child.js';
import { root } from '../../project.js';

const latin1 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));

/** `{"m": …}` of a million dicts, which in MessagePack take a byte each. */
const emptyDicts = (): Uint8Array =>
  joined([latin1('\x81\xa1m\xdd\0\x0f\x42\x40'), new Uint8Array(1e6).fill(0x80)]);

const header = (count: number): Uint8Array => {
  const entry = (i: number) => `"m.${i}":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}`;
  const text = latin1(`{${Array.from({ length: count }, (_, i) => entry(i)).join()}}`);
  const length = new DataView(new ArrayBuffer(8));
  length.setBigUint64(0, BigInt(text.length), true);
  return joined([new Uint8Array(length.buffer), text]);
};

/** Many views, with strides, of one storage. */
const views = (): Uint8Array => {
  const storage = '(U\x07storagectorch\nFloatStorage\nU\x010U\x03cpuM\x00\x40tQ';
  const args = `(${storage}K\0(K\x80K\x80t(K\x01K\x80t\x89Ntq\x01`;
  const each = Array.from({ length: 250 }, (_, i) => `U\x06m.${String(i).padStart(4, '0')}h\0h\x01R`);
  const pickle = `\x80\x02ctorch._utils\n_rebuild_tensor_v2\nq\x000${args}0}(${each.join('')}u.`;
  const entries = [
    { name: 'archive/data.pkl', parts: [latin1(pickle)] },
    { name: 'archive/data/0', parts: [new Uint8Array(4 << 14)] },
  ];
  return joined(zip(entries));
};

const files: Readonly<Record<string, () => Uint8Array>> = {
  'a pickle of dicts': () => latin1(`\x80\x02}U\x01m(${'}K\x01K\x02s'.repeat(240_000)}ls.`),
  'a pickle of tuples': () => latin1(`\x80\x02}U\x01m(${'K\x01\x85'.repeat(240_000)}ls.`),
  'a pickle of numbers that become arrays': () => latin1(`\x80\x02}U\x01m(${'K\x01'.repeat(1_900_000)}ls.`),
  'MessagePack of dicts': emptyDicts,
  'a header of tensors without elements': () => header(100_000),
  'an archive of zeros': () =>
    formatNpz([['m/w', array([30 << 20], 'uint8', new Uint8Array(30 << 20))]], { deflate: true }),
  'views of one storage': views,
};

/** MiB of the 256 for buffers: what is inflated is made of many. The objects of V8 have the rest, young ones three times 8. */
const buffersOf = (name: string): number => (name === 'an archive of zeros' ? 180 : 32);
const limitsOf = (name: string): readonly string[] => [
  `--max-old-space-size=${256 - 24 - buffersOf(name)}`,
  '--max-semi-space-size=8',
];

const imported = (path: string): string => JSON.stringify(pathToFileURL(join(root, 'dist', path)));

/** Prints how many MiB of buffers are made where a file is read and its arrays are used. */
const program = `
  import { takeCount } from ${imported('test/fuzz/allocation.js')};
  import { readFileSync } from 'node:fs';
  const { parseCheckpoint } = await import(${imported('lib/checkpoint/index.js')});
  const bytes = readFileSync(process.argv[2]);
  takeCount();
  const read = parseCheckpoint(bytes);
  const held = Object.values(read.right?.params ?? {}).flatMap((leaves) => Object.values(leaves)).map(({ data }) => data);
  console.log(read._tag, held.length, takeCount() / 2 ** 20);
`;

for (const [name, make] of Object.entries(files)) {
  t.test(`${name} takes no more than four times its size and 256 MiB`, async (t) => {
    const folder = t.testdir({ 'read.mjs': program });
    const bytes = make();
    writeFileSync(join(folder, 'file'), bytes);
    const [tag, , made] = outputOf(node(folder, ...limitsOf(name), 'read.mjs', 'file'))
      .trim()
      .split(' ');
    t.match(tag, /^(Left|Right)$/);
    t.ok(Number(made) < buffersOf(name) + 3 * (bytes.length / 2 ** 20), `${made} MiB of buffers`);
  });
}
