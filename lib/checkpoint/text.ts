/**
 * Strings of a pickle. Short ones become JavaScript strings; long ones stay bytes of the file, because protocols 0 to
 * 2 write the bytes of an array as a string, and JavaScript limits how long a string may be.
 */
import { allOf, inMemory, type Source } from '../files/source.js';

/** The opcode that wrote a string: `BINUNICODE`, by protocol 2's `BINSTRING`, or by protocol 0's `UNICODE`, `STRING`. */
export type Encoding = 'utf-8' | 'latin1' | 'raw-unicode-escape' | 'string-escape';

/** A string of more than a mebibyte, as the file has it. */
export interface Text {
  readonly kind: 'text';
  readonly encoding: Encoding;
  readonly source: Source;
  /** Read from the file each time that they are asked for, if they are not in memory. */
  readonly bytes: Uint8Array;
}

const longest = 1 << 20;
/** So few characters that they can be arguments of one call. */
const shortest = 1024;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The string that the bytes stand for, or the bytes as they are when it is long; undefined when they are malformed. */
export const decodeText = (source: Source, encoding: Encoding): string | Text | undefined => {
  if (source.length > longest) return longText(source, encoding);
  const bytes = allOf(source);
  if (encoding === 'latin1' && bytes.length <= shortest) return String.fromCharCode(...bytes);
  if (encoding !== 'utf-8') return codePointString(bytes, encoding);
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
};

const longText = (source: Source, encoding: Encoding): Text => ({
  kind: 'text',
  encoding,
  source,
  get bytes() {
    return allOf(source);
  },
});

/** The characters as one byte each; undefined when there is one beyond 255 or the text is malformed. */
export const toLatin1 = (text: string | Text): Source | undefined => {
  if (typeof text !== 'string' && text.encoding === 'latin1') return text.source;
  const bytes = typeof text === 'string' ? latin1OfString(text) : latin1OfText(text);
  return bytes && inMemory(bytes);
};

const latin1OfText = ({ source, encoding }: Text): Uint8Array | undefined =>
  transcribe(allOf(source), encoding, new Uint8Array(source.length), 0xff);

const latin1OfString = (text: string): Uint8Array | undefined => {
  const out = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff) return undefined;
    out[i] = code;
  }
  return out;
};

const codePointString = (bytes: Uint8Array, encoding: Encoding): string | undefined => {
  const codes = transcribe(bytes, encoding, new Uint32Array(bytes.length), 0x10ffff);
  return codes && Array.from(codes, (code) => String.fromCodePoint(code)).join('');
};

/** Fills `out` with the characters; undefined as soon as one is beyond `highest` or malformed. */
const transcribe = <A extends Uint8Array | Uint32Array>(
  bytes: Uint8Array,
  encoding: Encoding,
  out: A,
  highest: number,
): A | undefined => {
  const step = steps[encoding];
  let length = 0;
  for (let i = 0; i < bytes.length;) {
    const taken = step(bytes, i);
    const code = taken >>> 4;
    if (taken === malformed || code > highest) return undefined;
    out[length++] = code;
    i += taken & 15;
  }
  return out.subarray(0, length) as A;
};

/** The character at a place and the number of bytes it takes, as `code << 4 | length`. */
type Step = (bytes: Uint8Array, at: number) => number;

const malformed = 0;

const oneByte: Step = (bytes, at) => (bytes[at] << 4) | 1;

/** Only as far as latin-1 goes: what is beyond is refused by whoever asks for one byte a character. */
const utf8Step: Step = (bytes, at) => {
  const lead = bytes[at];
  if (lead < 0x80) return (lead << 4) | 1;
  if ((lead & 0xe0) !== 0xc0 || (bytes[at + 1] & 0xc0) !== 0x80) return malformed;
  return ((((lead & 0x1f) << 6) | (bytes[at + 1] & 0x3f)) << 4) | 2;
};

const backslash = 0x5c;

/** An escape of `marks` bytes and then `count` digits. */
const escape = (bytes: Uint8Array, at: number, marks: number, count: number, base: 8 | 16): number => {
  const digits = String.fromCharCode(...bytes.subarray(at + marks, at + marks + count));
  const isSound = digits.length === count && (base === 16 ? /^[\da-f]+$/i : /^[0-7]+$/).test(digits);
  const code = parseInt(digits, base);
  return isSound && code <= 0x10ffff ? (code << 4) | (marks + count) : malformed;
};

const rawUnicodeEscape: Step = (bytes, at) => {
  const mark = bytes[at] === backslash ? bytes[at + 1] : 0;
  if (mark === 0x75) return escape(bytes, at, 2, 4, 16);
  if (mark === 0x55) return escape(bytes, at, 2, 8, 16);
  return oneByte(bytes, at);
};

const controls: Readonly<Record<string, number>> = {
  '\\': backslash,
  "'": 0x27,
  '"': 0x22,
  a: 7,
  b: 8,
  t: 9,
  n: 10,
  v: 11,
  f: 12,
  r: 13,
};

const stringEscape: Step = (bytes, at) => {
  if (bytes[at] !== backslash) return oneByte(bytes, at);
  const mark = String.fromCharCode(bytes[at + 1]);
  if (mark === 'x') return escape(bytes, at, 2, 2, 16);
  if (/[0-3]/.test(mark)) return escape(bytes, at, 1, 3, 8);
  return Object.hasOwn(controls, mark) ? (controls[mark] << 4) | 2 : malformed;
};

const steps: Readonly<Record<Encoding, Step>> = {
  'utf-8': utf8Step,
  latin1: oneByte,
  'raw-unicode-escape': rawUnicodeEscape,
  'string-escape': stringEscape,
};
