/**
 * Digests: what a server says of a file's contents, and what the file on the disk has. Hubs name the SHA-256 of large
 * files and git's SHA-1 of small ones; Google's storage names MD5 and CRC-32C.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { crc32c } from '../files/crc32.js';

export interface Digest {
  readonly algorithm: 'sha256' | 'md5' | 'crc32c' | 'git-sha1';
  /** In lower case. */
  readonly hex: string;
}

/** A digest as people read it. */
export const showDigest = ({ algorithm, hex }: Digest): string => `${algorithm} ${hex}`;

/** The digest that an entity tag of a hub is: SHA-256, or git's SHA-1. */
export const digestOfTag = (tag: string | null): Digest | undefined => {
  const hex = tag?.replace(/^W\//, '').replace(/^"(.*)"$/, '$1');
  if (hex === undefined || !/^[0-9a-f]+$/.test(hex)) return undefined;
  if (hex.length === 64) return { algorithm: 'sha256', hex };
  return hex.length === 40 ? { algorithm: 'git-sha1', hex } : undefined;
};

const lengths = { md5: 16, crc32c: 4 } as const;

/** The stronger one of those in an `x-goog-hash`: `crc32c=n03x6A==,md5=…`. */
export const digestOfGoogle = (header: string | null): Digest | undefined => {
  for (const algorithm of ['md5', 'crc32c'] as const) {
    const base64 = new RegExp(`(?:^|,)\\s*${algorithm}=([A-Za-z0-9+/]+={0,2})\\s*(?:,|$)`).exec(
      header ?? '',
    )?.[1];
    const bytes = base64 === undefined ? undefined : Buffer.from(base64, 'base64');
    if (bytes?.length === lengths[algorithm]) return { algorithm, hex: bytes.toString('hex') };
  }
  return undefined;
};

interface Hash {
  readonly update: (bytes: Uint8Array) => void;
  readonly hex: () => string;
}

const ofNode = (name: string): Hash => {
  const hash = createHash(name);
  return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest('hex') };
};

const hashes: Readonly<Record<Digest['algorithm'], (size: number) => Hash>> = {
  sha256: () => ofNode('sha256'),
  md5: () => ofNode('md5'),
  'git-sha1': (size) => {
    const hash = ofNode('sha1');
    hash.update(Buffer.from(`blob ${size}\0`));
    return hash;
  },
  crc32c: () => {
    let crc = 0;
    return {
      update: (bytes) => void (crc = crc32c(bytes, crc)),
      hex: () => crc.toString(16).padStart(8, '0'),
    };
  },
};

/** The digest of a file's contents. */
export const digestOfFile = async (path: string, algorithm: Digest['algorithm']): Promise<Digest> => {
  const hash = hashes[algorithm]((await stat(path)).size);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }))
    hash.update(chunk as Uint8Array);
  return { algorithm, hex: hash.hex() };
};
