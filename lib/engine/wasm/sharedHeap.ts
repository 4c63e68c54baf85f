/**
 * Makes the heap of tfjs's wasm backend one that threads can share. Its WebAssembly declares how large its memory may
 * become, which is all that a shared memory needs; one bit in its binary says that it is not shared.
 */

/** WebAssembly's numbers of the sections of a module that describe memories. */
const sections = { import: 2, memory: 5 } as const;

/** The bits of a memory's limits: whether there is a maximum, and whether it is shared. */
const limits = { hasMaximum: 1, isShared: 2 } as const;

/** An unsigned LEB128 number and where it ends. */
const readNumber = (bytes: Uint8Array, at: number): readonly [value: number, end: number] => {
  let [value, shift] = [0, 0];
  for (let i = at; i < bytes.length; i += 1, shift += 7) {
    value += (bytes[i] & 0x7f) * 2 ** shift;
    if ((bytes[i] & 0x80) === 0) return [value, i + 1];
  }
  throw new RangeError('the WebAssembly binary ends in the middle of a number');
};

/** The offset of a section's contents; undefined where there is no such section. */
const startOf = (bytes: Uint8Array, section: number): number | undefined => {
  for (let at = 8; at < bytes.length;) {
    const [size, start] = readNumber(bytes, at + 1);
    if (bytes[at] === section) return start;
    at = start + size;
  }
  return undefined;
};

/** The offset of the limits of the first imported memory. */
const importedLimits = (bytes: Uint8Array): number | undefined => {
  const start = startOf(bytes, sections.import);
  if (start === undefined) return undefined;
  let [count, at] = readNumber(bytes, start);
  for (; count > 0; count -= 1) {
    for (let name = 0; name < 2; name += 1) {
      const [length, text] = readNumber(bytes, at);
      at = text + length;
    }
    const kind = bytes[at];
    if (kind === 2) return at + 1;
    if (kind !== 0) return undefined; // tables and globals are not among the imports of either module
    [, at] = readNumber(bytes, at + 1);
  }
  return undefined;
};

/** The offset of the limits of the module's own memory. */
const ownLimits = (bytes: Uint8Array): number | undefined => {
  const start = startOf(bytes, sections.memory);
  return start === undefined ? undefined : readNumber(bytes, start)[1];
};

/**
 * The same module with its memory shared, or not.
 * @throws Error when it has no memory that could be
 */
export const withSharing = (binary: Uint8Array, isShared: boolean): Uint8Array<ArrayBuffer> => {
  const bytes = Uint8Array.from(binary);
  const at = ownLimits(bytes) ?? importedLimits(bytes);
  if (at === undefined || (bytes[at] & limits.hasMaximum) === 0)
    throw new Error('the WebAssembly module has no memory with a maximum, so that it cannot be shared');
  bytes[at] = isShared ? bytes[at] | limits.isShared : bytes[at] & ~limits.isShared;
  return bytes;
};
