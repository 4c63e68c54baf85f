/**
 * Good files of every format, small ones, and the ways to damage them that know a little of the format: what is inside
 * an archive, where a checksum would hide every other change; a header whose length stands before it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DType, HostArray } from '../../lib/data/array.js';
import { array } from '../../lib/data/array.js';
import { formatNpy } from '../../lib/checkpoint/npy.js';
import { formatNpz } from '../../lib/checkpoint/npz.js';
import { joined } from '../../lib/files/parts.js';
import { layOutSafetensors } from '../../lib/checkpoint/safetensors.js';
import { formatShardIndex } from '../../lib/checkpoint/shardIndex.js';
import { unzip } from '../../lib/files/unzip.js';
import { zip } from '../../lib/files/zip.js';
import { flaxFiles, type ForeignFile, torchFiles } from '../lib/checkpoint/foreign.js';
import { mutate, type Mutation } from './mutations.js';
import type { Random } from './random.js';

export interface Corpus {
  readonly seeds: readonly Uint8Array[];
  /** Mutations of the format's files, each as often as it is listed. */
  readonly mutations: readonly Mutation[];
}

const largestSeed = 4096;

/** Small files of test/data/cases: the forms of other programs. */
const cases = (pattern: RegExp, folder = ''): readonly Uint8Array[] => {
  const place = join('test/data/cases', folder);
  const names = readdirSync(place).filter((name) => pattern.test(name));
  return names.toSorted().map((name) => new Uint8Array(readFileSync(join(place, name))));
};

const isSmall = ({ length }: Uint8Array): boolean => length > 0 && length <= largestSeed;

/** Pickles by JAX, NumPy, Haiku and optax, and the hostile ones. */
const pickles = (): readonly Uint8Array[] => {
  const folder = 'test/goldens/pickles';
  const files = readdirSync(folder).filter((file) => file.endsWith('.pickle'));
  const whole = files.toSorted().map((file) => new Uint8Array(readFileSync(join(folder, file))));
  const forms = cases(/^(?!html).*\.(pickle|dill)$/);
  const [first, second] = forms.slice(-2);
  return [...whole, ...forms, joined([first, second])];
};

/** Python objects in `.npy` and `.npz`, and names of other libraries. */
const objects = (): readonly Uint8Array[] => cases(/(_like|_savez|_style)\.np[yz]$/);

/** PyTorch's format before 1.6, which is pickles one after the other and storages. */
const oldTorch = (): readonly Uint8Array[] => cases(/^old_format\.pt$/, 'torch');

const filesBelow = (folder: string, at = ''): readonly (readonly [path: string, bytes: Uint8Array])[] =>
  readdirSync(join(folder, at), { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = at === '' ? entry.name : `${at}/${entry.name}`;
      return entry.isDirectory()
        ? filesBelow(folder, path)
        : [[path, new Uint8Array(readFileSync(join(folder, path)))] as const];
    });

/** Folders of Orbax, each as an archive of its files, which are damaged one at a time. */
const orbaxFolders = (): readonly Uint8Array[] =>
  ['standard', 'zarr', 'zarr3-no-ocdbt'].map((layout) =>
    joined(
      zip(filesBelow(join('test/goldens/orbax', layout)).map(([name, bytes]) => ({ name, parts: [bytes] }))),
    ),
  );

const counting = (dtype: DType, shape: readonly number[]): HostArray => {
  const length = shape.reduce((a, b) => a * b, 1);
  if (dtype === 'float32')
    return array(
      shape,
      dtype,
      Float32Array.from({ length }, (_, i) => i / 3),
    );
  if (dtype === 'int64')
    return array(
      shape,
      dtype,
      BigInt64Array.from({ length }, (_, i) => BigInt(i)),
    );
  return array(
    shape,
    'bfloat16',
    Uint16Array.from({ length }, (_, i) => 0x3f80 + i),
  );
};

const named = new Map<string, HostArray>([
  ['perceiver/~/linear/w', counting('float32', [3, 4])],
  ['perceiver/~/linear/b', counting('bfloat16', [4])],
  ['perceiver/~/norm/scale', counting('int64', [])],
  ['perceiver/~/empty/w', counting('float32', [2, 0, 3])],
]);

/** A file with a word in it replaced by one of the same length, so that an array is column-major or big-endian. */
const reworded = (bytes: Uint8Array, word: string, other: string): Uint8Array =>
  new Uint8Array(Buffer.from(Buffer.from(bytes).toString('latin1').replace(word, other), 'latin1'));

const npys = (): readonly Uint8Array[] => {
  const [w, ...others] = Array.from(named.values(), formatNpy);
  return [w, ...others, reworded(w, 'False', 'True '), reworded(w, '<f4', '>f4')];
};

const npzs = (): readonly Uint8Array[] => [
  formatNpz(named),
  formatNpz(named, { deflate: true }),
  formatNpz([
    ['params/m/w', counting('float32', [2])],
    ['state/m/n', counting('int64', [])],
  ]),
];

const safetensors = (): readonly Uint8Array[] => [
  joined(layOutSafetensors(named, { preset: 'language', config: '{}' })()),
  joined(layOutSafetensors(new Map([['encoder.0.weight', counting('float32', [2, 2])]]))()),
];

const files = (of: readonly ForeignFile[]): readonly Uint8Array[] => of.map(({ bytes }) => bytes);

/** One entry of an archive is damaged, or its name is, and the archive is made again around it, with right checksums. */
const damageEntry: Mutation = (random, bytes, others) => {
  const entries = [...unzip(bytes)];
  const foreign = [...unzip(random.pick(others)).values()];
  const at = random.below(entries.length);
  const [name, contents] = entries[at];
  entries[at] =
    random.below(8) === 0
      ? [damagedName(random, name), contents]
      : [name, mutate(random, contents, [contents, ...foreign])];
  const unique = [...new Map(entries)].map(([entry, part]) => ({ name: entry, parts: [part] }));
  return joined(zip(unique, { deflate: random.below(3) === 0 }));
};

/** No longer than an archive can spell it. */
const damagedName = (random: Random, name: string): string => {
  const bytes = new TextEncoder().encode(name);
  return Buffer.from(mutate(random, bytes, [bytes]))
    .toString('utf8')
    .slice(0, 10_000);
};

/** The pickle of a PyTorch file, which is what says most, is damaged more often than the other entries. */
const damagePickle: Mutation = (random, bytes, others) => {
  const entries = [...unzip(bytes)];
  const foreign = entriesNamed(random.pick(others), /data\.pkl$/);
  const parts = entries.map(([name, contents]) => ({
    name,
    parts: [/data\.pkl$/.test(name) ? mutate(random, contents, [contents, ...foreign]) : contents],
  }));
  return joined(zip(parts));
};

const entriesNamed = (bytes: Uint8Array, pattern: RegExp): readonly Uint8Array[] =>
  [...unzip(bytes)].filter(([name]) => pattern.test(name)).map(([, contents]) => contents);

/** The header of safetensors is damaged, and the length before it is made right. */
const damageHeader: Mutation = (random, bytes, others) => {
  const parts = [bytes, random.pick(others)].map((file) => {
    const end = 8 + Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
    return [file.subarray(8, end), file.subarray(end)] as const;
  });
  const [[header, data], [otherHeader]] = parts;
  const damaged = mutate(random, header, [header, otherHeader]);
  const length = new DataView(new ArrayBuffer(8));
  length.setBigUint64(0, BigInt(damaged.length), true);
  return joined([new Uint8Array(length.buffer), damaged, data]);
};

/** The file beside the index of the corpus `index`. */
export const shard = { name: 'model-00001-of-00001.safetensors', bytes: safetensors()[0] };

const indexes = (): readonly Uint8Array[] => {
  const files = new Map(Array.from(named.keys(), (name) => [name, shard.name]));
  const text = formatShardIndex({ files }, 96);
  return [text, text.replaceAll(/\s/g, '')].map((spelled) => new TextEncoder().encode(spelled));
};

/** An archive is damaged inside, any other file as it is. */
const damageAny: Mutation = (random, bytes, others) =>
  isArchive(bytes) && random.below(3) > 0
    ? damageEntry(random, bytes, others.filter(isArchive))
    : mutate(random, bytes, others);

const isArchive = (bytes: Uint8Array): boolean => bytes[0] === 0x50 && bytes[1] === 0x4b;

const corpus = (seeds: readonly Uint8Array[], mutations: readonly Mutation[] = [mutate]): Corpus => ({
  seeds: seeds.filter(isSmall),
  mutations,
});

export const corpora = {
  pickle: corpus(pickles()),
  npy: corpus(npys()),
  npz: corpus(npzs(), [mutate, damageEntry, damageEntry]),
  safetensors: corpus(safetensors(), [mutate, damageHeader, damageHeader]),
  torch: corpus(files(torchFiles).filter(isArchive), [mutate, damageEntry, damagePickle, damagePickle]),
  msgpack: corpus(files(flaxFiles)),
  index: corpus(indexes()),
  objects: corpus(objects(), [damageAny]),
  'old torch': corpus(oldTorch()),
  orbax: { seeds: orbaxFolders(), mutations: [damageEntry] },
} satisfies Readonly<Record<string, Corpus>>;

export type FuzzFormat = keyof typeof corpora;
