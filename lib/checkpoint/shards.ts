/**
 * Arrays parted into several safetensors files, none of which holds more than a stated size unless one array does.
 */
import type { HostArray } from '../data/array.js';
import { randomMark } from '../files/partial.js';
import type { Parts } from '../files/parts.js';
import type { FileSet } from '../files/writeSet.js';
import { byteLength, layOutSafetensors } from './safetensors.js';
import { checkFileName, formatShardIndex } from './shardIndex.js';

export interface ShardOptions {
  /** Texts about the file, in each of the files. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Bytes of arrays above which there is more than one file; never, if not said. */
  readonly shardSize?: number;
}

/** The files of a checkpoint, and the index that names them. */
export type Shards = Pick<FileSet, 'parts' | 'mainParts' | 'isPart'>;

/**
 * The contents of one file for arrays, or `name-00001-of-00002.safetensors`, … with `name.safetensors.index.json`. Every
 * file of a set holds the mark of its generation, by which a reader tells files of different writes apart. For the
 * inside of an `attempt`.
 */
export const layOutShards = (
  name: string,
  arrays: ReadonlyMap<string, HostArray>,
  { metadata, shardSize = Infinity }: ShardOptions,
): Parts | Shards => {
  const groups = grouped(arrays, shardSize);
  if (groups.length === 1) return layOutSafetensors(arrays, metadata);
  checkFileName(name);
  const generation = randomMark() + randomMark();
  const nameOf = (i: number, mark?: string): string => shardName(name, i, groups.length, mark);
  return {
    parts: groups.map((group, i) => ({
      name: (mark) => nameOf(i, mark),
      parts: layOutSafetensors(group, { ...metadata, generation }),
    })),
    mainParts: (names) => {
      const index = new Map(groups.flatMap((group, i) => [...group.keys()].map((key) => [key, names[i]])));
      const text = formatShardIndex({ files: index, generation }, sizeOfAll(arrays));
      return () => [new TextEncoder().encode(text)];
    },
    isPart: (file) => isShardOf(name, file),
  };
};

const sizeOfAll = (arrays: ReadonlyMap<string, HostArray>): number =>
  [...arrays.values()].reduce((sum, array) => sum + byteLength(array), 0);

const stemOf = (name: string): string => name.replace(/\.safetensors$/, '');

const shardName = (name: string, i: number, count: number, mark?: string): string => {
  const [number, total] = [i + 1, count].map((n) => String(n).padStart(5, '0'));
  return `${stemOf(name)}${mark === undefined ? '' : `-${mark}`}-${number}-of-${total}.safetensors`;
};

const isShardOf = (name: string, file: string): boolean =>
  file.startsWith(stemOf(name)) &&
  /^(-[0-9a-f]{8})?-\d{5,}-of-\d{5,}\.safetensors$/.test(file.slice(stemOf(name).length));

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
