/** A file to be written as parts in order, each made when it is asked for, so that it is never held whole. */
export type Parts = () => Iterable<Uint8Array>;

/** The parts as one array. */
export const joined = (parts: Iterable<Uint8Array>): Uint8Array => {
  const all = [...parts];
  const bytes = new Uint8Array(all.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of all) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
};
