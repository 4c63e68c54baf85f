/**
 * Memory while a file is read: at most four times the file and 256 MiB, for the worst known files, each read by a
 * process of its own.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

/** Prints by how many MiB the process grew while it read a file and used its arrays. */
const program = `
  import { readFileSync } from 'node:fs';
  import { parseCheckpoint } from ${JSON.stringify(join(root, 'dist/lib/checkpoint/index.js'))};
  const peak = () => process.resourceUsage().maxRSS / 1024;
  const before = peak();
  const read = parseCheckpoint(readFileSync(process.argv[2]));
  const held = Object.values(read.right?.params ?? {}).flatMap((leaves) => Object.values(leaves)).map(({ data }) => data);
  console.log(read._tag, held.length, peak() - before);
`;

for (const [name, make] of Object.entries(files)) {
  t.test(`${name} takes no more than four times its size and 256 MiB`, async (t) => {
    const folder = t.testdir({ 'read.mjs': program });
    const bytes = make();
    writeFileSync(join(folder, 'file'), bytes);
    const [tag, , grown] = outputOf(node(folder, 'read.mjs', 'file'))
      .trim()
      .split(' ');
    t.match(tag, /^(Left|Right)$/);
    t.ok(Number(grown) < 256 + 4 * (bytes.length / 2 ** 20), `${grown} MiB`);
    t.comment(`${bytes.length} bytes, ${tag}, ${grown} MiB`);
  });
}
