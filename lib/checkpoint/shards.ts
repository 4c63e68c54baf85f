/**
 * Arrays parted into several safetensors files, none of which holds more than a stated size unless one array does.
 */
import type { HostArray } from '../data/array.js';
import type { Parts } from '../files/parts.js';
import { byteLength, layOutSafetensors } from './safetensors.js';
import { checkFileName, formatShardIndex } from './shardIndex.js';

/** A file of several that lie in one folder. */
export interface NamedFile {
  readonly name: string;
  readonly parts: Parts;
}

export interface ShardOptions {
  /** Texts about the file, in each of the files. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Bytes of arrays above which there is more than one file; never, if not said. */
  readonly shardSize?: number;
}

/**
 * The file of that name for arrays, or `name-00001-of-00002.safetensors`, … and then `name.safetensors.index.json`.
 * For the inside of an `attempt`.
 */
export const layOutShards = (
  name: string,
  arrays: ReadonlyMap<string, HostArray>,
  { metadata, shardSize = Infinity }: ShardOptions,
): readonly NamedFile[] => {
  const groups = grouped(arrays, shardSize);
  if (groups.length === 1) return [{ name, parts: layOutSafetensors(arrays, metadata) }];
  checkFileName(name);
  const shards = groups.map((group, i) => ({ name: shardName(name, i, groups.length), group }));
  const index = new Map(
    shards.flatMap((shard) => [...shard.group.keys()].map((key) => [key, shard.name] as const)),
  );
  const text = new TextEncoder().encode(formatShardIndex(index, sizeOfAll(arrays)));
  return [
    ...shards.map((shard) => ({ name: shard.name, parts: layOutSafetensors(shard.group, metadata) })),
    { name: `${name}.index.json`, parts: () => [text] },
  ];
};

const sizeOfAll = (arrays: ReadonlyMap<string, HostArray>): number =>
  [...arrays.values()].reduce((sum, array) => sum + byteLength(array), 0);

const shardName = (name: string, i: number, count: number): string => {
  const [number, total] = [i + 1, count].map((n) => String(n).padStart(5, '0'));
  return `${name.replace(/\.safetensors$/, '')}-${number}-of-${total}.safetensors`;
};

/** At least one group, in the order of the arrays. */
const grouped = (
  arrays: ReadonlyMap<string, HostArray>,
  shardSize: number,
): readonly ReadonlyMap<string, HostArray>[] => {
  const groups: Map<string, HostArray>[] = [];
  let size = 0;
  for (const [name, array] of arrays) {
    const bytes = byteLength(array);
    const last = groups.at(-1);
    if (last && size + bytes <= shardSize) last.set(name, array);
    else groups.push(new Map([[name, array]]));
    size = last && size + bytes <= shardSize ? size + bytes : bytes;
  }
  return groups.length > 0 ? groups : [arrays];
};
