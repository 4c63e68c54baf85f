/**
 * Strings of a pickle. Short ones become JavaScript strings; long ones stay bytes of the file, because protocols 0 to
 * 2 write the bytes of an array as a string, and JavaScript limits how long a string may be.
 */

/** How a string was written: by `BINUNICODE`, by protocol 2's `BINSTRING`, or by protocol 0's `UNICODE`, `STRING`. */
export type Encoding = 'utf-8' | 'latin1' | 'raw-unicode-escape' | 'string-escape';

/** A string of more than a mebibyte, as the file has it. */
export interface Text {
  readonly kind: 'text';
  readonly encoding: Encoding;
  readonly bytes: Uint8Array;
}

const longest = 1 << 20;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The string that the bytes stand for, or the bytes as they are when it is long; undefined when they are malformed. */
export const decodeText = (bytes: Uint8Array, encoding: Encoding): string | Text | undefined => {
  if (bytes.length > longest) return { kind: 'text', encoding, bytes };
  if (encoding !== 'utf-8') return codePointString(bytes, encoding);
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
};

/** The characters as one byte each; undefined when there is one beyond 255 or the text is malformed. */
export const toLatin1 = (text: string | Text): Uint8Array | undefined => {
  if (typeof text === 'string') return latin1OfString(text);
  if (text.encoding === 'latin1') return text.bytes;
  const out = new Uint8Array(text.bytes.length);
  let length = 0;
  const isSound = eachCodePoint(text.bytes, text.encoding, (code) => {
    out[length++] = code;
    return code <= 0xff;
  });
  return isSound ? out.subarray(0, length) : undefined;
};

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
  const parts: string[] = [];
  const isSound = eachCodePoint(bytes, encoding, (code) => {
    if (code > 0x10ffff) return false;
    parts.push(String.fromCodePoint(code));
    return true;
  });
  return isSound ? parts.join('') : undefined;
};

type Visit = (code: number) => boolean;

/** Visits every character; false as soon as a visit says so or the text is malformed. */
const eachCodePoint = (bytes: Uint8Array, encoding: Encoding, visit: Visit): boolean => {
  const next = steps[encoding];
  for (let i = 0; i < bytes.length;) {
    const [code, length] = next(bytes, i);
    if (length === 0 || !visit(code)) return false;
    i += length;
  }
  return true;
};

/** A character and the bytes it took; 0 bytes when it is malformed. */
type Step = (bytes: Uint8Array, at: number) => readonly [code: number, length: number];

const malformed = [0, 0] as const;

const oneByte: Step = (bytes, at) => [bytes[at], 1];

/** Only as far as latin-1 goes: what is beyond is refused by whoever asks for one byte a character. */
const utf8Step: Step = (bytes, at) => {
  const lead = bytes[at];
  if (lead < 0x80) return [lead, 1];
  if ((lead & 0xe0) !== 0xc0 || (bytes[at + 1] & 0xc0) !== 0x80) return malformed;
  return [((lead & 0x1f) << 6) | (bytes[at + 1] & 0x3f), 2];
};

const digits = (bytes: Uint8Array, at: number, count: number, base: 8 | 16): number | undefined => {
  const text = String.fromCharCode(...bytes.subarray(at, at + count));
  const pattern = base === 16 ? /^[0-9a-fA-F]+$/ : /^[0-7]+$/;
  return text.length === count && pattern.test(text) ? parseInt(text, base) : undefined;
};

const escape = (bytes: Uint8Array, at: number, count: number, base: 8 | 16, marks: number) => {
  const code = digits(bytes, at + marks, count, base);
  return code === undefined ? malformed : ([code, marks + count] as const);
};

const backslash = 0x5c;

const rawUnicodeEscape: Step = (bytes, at) => {
  const mark = bytes[at] === backslash ? bytes[at + 1] : 0;
  if (mark === 0x75) return escape(bytes, at, 4, 16, 2);
  if (mark === 0x55) return escape(bytes, at, 8, 16, 2);
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
  if (mark === 'x') return escape(bytes, at, 2, 16, 2);
  if (/[0-3]/.test(mark)) return escape(bytes, at, 3, 8, 1);
  return Object.hasOwn(controls, mark) ? [controls[mark], 2] : malformed;
};

const steps: Readonly<Record<Encoding, Step>> = {
  'utf-8': utf8Step,
  latin1: oneByte,
  'raw-unicode-escape': rawUnicodeEscape,
  'string-escape': stringEscape,
};
