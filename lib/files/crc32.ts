/** CRC-32 as zip archives have it, and CRC-32C as stores of files have it: two 32-bit words at a time. */

/** The checksum of bytes, or of more bytes after those whose checksum is `before`. */
type Checksum = (bytes: Uint8Array, before?: number) => number;

/** Entry `256 n + b`: the checksum of byte b followed by n zero bytes. */
const tableOf = (polynomial: number): Int32Array => {
  const table = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    table[byte] = crc;
  }
  for (let i = 256; i < table.length; i++) table[i] = (table[i - 256] >>> 8) ^ table[table[i - 256] & 0xff];
  return table;
};

const checksumOf = (polynomial: number): Checksum => {
  const table = tableOf(polynomial);
  return (bytes, before = 0) => {
    const head = Math.min(bytes.length, (4 - (bytes.byteOffset % 4)) % 4);
    const tail = bytes.length - ((bytes.length - head) % 8);
    let crc = ofBytes(table, bytes, 0, head, ~before);
    if (tail > head)
      crc = ofWords(table, new Int32Array(bytes.buffer, bytes.byteOffset + head, (tail - head) / 4), crc);
    return ~ofBytes(table, bytes, tail, bytes.length, crc) >>> 0;
  };
};

const ofBytes = (table: Int32Array, bytes: Uint8Array, from: number, to: number, before: number): number => {
  let crc = before;
  for (let i = from; i < to; i++) crc = (crc >>> 8) ^ table[(crc ^ bytes[i]) & 0xff];
  return crc;
};

const ofWords = (table: Int32Array, words: Int32Array, before: number): number => {
  let crc = before;
  for (let i = 0; i < words.length; i += 2) {
    const [first, second] = [crc ^ words[i], words[i + 1]];
    crc =
      table[1792 + (first & 0xff)] ^
      table[1536 + ((first >>> 8) & 0xff)] ^
      table[1280 + ((first >>> 16) & 0xff)] ^
      table[1024 + (first >>> 24)] ^
      table[768 + (second & 0xff)] ^
      table[512 + ((second >>> 8) & 0xff)] ^
      table[256 + ((second >>> 16) & 0xff)] ^
      table[second >>> 24];
  }
  return crc;
};

/** Polynomial 0xEDB88320. */
export const crc32: Checksum = /* @__PURE__ */ checksumOf(0xedb88320);

/** Polynomial 0x82F63B78, Castagnoli's. */
export const crc32c: Checksum = /* @__PURE__ */ checksumOf(0x82f63b78);
