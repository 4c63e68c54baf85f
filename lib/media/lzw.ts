/**
 * The compression of a GIF's pixels (GIF89a, appendix F). A decoder of our own, since those of gifuct-js and omggif do not end
 * on a code that stands for itself, which damage can make.
 */

/** The most codes that there are: codes have 12 bits at most. */
const maxCodes = 4096;

/**
 * Indices of colours, `count` of them, zeros where the bytes end too early; undefined if a code comes that stands for nothing.
 * @param minCodeSize  bits of a colour's code, from 1 to 8; the two codes behind the colours are the reset and the end
 */
export const decodeLzw = (
  minCodeSize: number,
  bytes: Iterable<number>,
  count: number,
): Uint8Array | undefined => {
  const reset = 1 << minCodeSize;
  const end = reset + 1;
  // A code stands for what its prefix stands for, and one colour more.
  const prefix = new Uint16Array(maxCodes);
  const first = Uint8Array.from({ length: maxCodes }, (_, code) => code);
  const last = first.slice();
  const length = new Uint16Array(maxCodes).fill(1);
  const indices = new Uint8Array(count);
  let filled = 0;
  let next = end + 1; // the code that is defined next
  let size = minCodeSize + 1;
  let previous: number | undefined;
  let [held, bits] = [0, 0];
  for (const byte of bytes) {
    held |= byte << bits;
    bits += 8;
    while (bits >= size) {
      const code = held & ((1 << size) - 1);
      held >>= size;
      bits -= size;
      if (code === end || filled >= count) return indices;
      if (code === reset) {
        [next, size, previous] = [end + 1, minCodeSize + 1, undefined];
        continue;
      }
      if (previous === undefined ? code > end : code > next) return undefined;
      if (previous !== undefined && next < maxCodes) {
        prefix[next] = previous;
        first[next] = first[previous];
        last[next] = first[code === next ? previous : code];
        length[next] = length[previous] + 1;
        next++;
        if (next === 1 << size && next < maxCodes) size++;
      }
      filled += length[code];
      for (let at = filled, rest = code; at > filled - length[code]; rest = prefix[rest]) {
        indices[--at] = last[rest];
      }
      previous = code;
    }
  }
  return indices;
};
