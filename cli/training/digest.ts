/** Digests of a person's data, by which a resumed run knows whether it is the same. */
import { createHash } from 'node:crypto';

/** The first 16 hexadecimal digits of the SHA-256 of some parts, one after the other. */
export const digestOf = (parts: Iterable<string | Uint8Array>): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex').slice(0, 16);
};
