/**
 * Reads JSON that says what to expect next, and refuses everything else where it stands: no value is built that
 * nobody asked for, and a name that comes twice in an object is refused, where `JSON.parse` would keep the last.
 *
 * Source: RFC 8259.
 */
import type { Format } from './error.js';
import { refuse } from './error.js';

/** True if a string has half of a surrogate pair, which UTF-8 cannot spell. */
export const hasLoneSurrogate = (text: string): boolean => /\p{Surrogate}/u.test(text);

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const [quote, backslash, space] = [0x22, 0x5c, 0x20];

/** Levels of a value that is stepped over. */
const deepest = 100;
/** Names of an object whose reader does not expect more: they take several times the memory of their bytes. */
const mostNames = 1 << 14;

export class JsonReader {
  #at = 0;

  /**
   * @param bytes  UTF-8
   * @param place  what errors name: the format, and where the bytes begin in its file
   */
  constructor(
    readonly bytes: Uint8Array,
    readonly place: { readonly format: Format; readonly offset: number },
  ) {}

  /** The offset of the next token in the file. */
  get offset(): number {
    return this.place.offset + this.#at;
  }

  refuse(problem: string, offset = this.offset): never {
    return refuse({ kind: this.place.format, offset, problem });
  }

  #skipSpace(): void {
    while (isSpace(this.bytes[this.#at])) this.#at++;
  }

  /** True if this character comes next; steps over it if so. */
  #accept(character: string): boolean {
    this.#skipSpace();
    if (this.bytes[this.#at] !== character.charCodeAt(0)) return false;
    this.#at++;
    return true;
  }

  #expect(character: string): void {
    if (!this.#accept(character)) this.refuse(`${this.#found()}, expected ${character}`);
  }

  #found(): string {
    if (this.#at >= this.bytes.length) return 'JSON that ends too soon';
    return `JSON with ${JSON.stringify(String.fromCharCode(this.bytes[this.#at]))} in it`;
  }

  /** True if an object comes next. */
  get isObject(): boolean {
    this.#skipSpace();
    return this.bytes[this.#at] === '{'.charCodeAt(0);
  }

  /** True if a string comes next. */
  get isString(): boolean {
    this.#skipSpace();
    return this.bytes[this.#at] === quote;
  }

  /** An object; `field` reads the value of each name, which no other field of the object has. */
  object(field: (name: string, offset: number) => void, most = mostNames): void {
    this.#expect('{');
    if (this.#accept('}')) return;
    const names = new Set<string>();
    do {
      this.#skipSpace();
      const { offset } = this;
      const name = this.string();
      if (names.has(name)) this.refuse(`the name ${shown(name)} comes twice in one object`, offset);
      if (names.add(name).size > most) this.refuse(`more than ${most} names in one object`, offset);
      this.#expect(':');
      field(name, offset);
    } while (this.#accept(','));
    this.#expect('}');
  }

  /** An array; `item` reads each of its values. */
  array(item: () => void): void {
    this.#expect('[');
    if (this.#accept(']')) return;
    do item();
    while (this.#accept(','));
    this.#expect(']');
  }

  string(): string {
    this.#expect('"');
    const from = this.#at;
    while (this.bytes[this.#at] !== quote) {
      if (this.#at >= this.bytes.length) this.refuse('JSON that ends too soon');
      this.#at += this.bytes[this.#at] === backslash ? 2 : 1;
    }
    const text = this.#unescaped(this.bytes.subarray(from, this.#at++));
    if (hasLoneSurrogate(text))
      this.refuse('half a surrogate pair, which is no text', this.place.offset + from);
    return text;
  }

  #unescaped(bytes: Uint8Array): string {
    try {
      const text = utf8.decode(bytes);
      const isPlain = !bytes.includes(backslash) && !/\p{Cc}/u.test(text);
      return isPlain ? text : (JSON.parse(`"${text}"`) as string);
    } catch {
      return this.refuse('a string that is not JSON in UTF-8');
    }
  }

  /** A whole number from 0 to 2^53 - 1. */
  count(): number {
    this.#skipSpace();
    const from = this.#at;
    while (isDigit(this.bytes[this.#at])) this.#at++;
    const digits = String.fromCharCode(...this.bytes.subarray(from, Math.min(this.#at, from + 17)));
    const count = Number(digits);
    const isOne = /^(0|[1-9]\d*)$/.test(digits) && Number.isSafeInteger(count);
    return isOne && !/[.eE]/.test(String.fromCharCode(this.bytes[this.#at]))
      ? count
      : this.refuse('a number that is no count', this.place.offset + from);
  }

  /** Steps over any value. */
  skip(levels = deepest): void {
    if (levels === 0) this.refuse(`more than ${deepest} levels`);
    this.#skipSpace();
    const next = String.fromCharCode(this.bytes[this.#at] ?? 0);
    if (next === '{') return this.object(() => this.skip(levels - 1));
    if (next === '[') return this.array(() => this.skip(levels - 1));
    if (next === '"') return void this.string();
    this.#skipWord();
  }

  #skipWord(): void {
    const from = this.#at;
    while (isWord(this.bytes[this.#at])) this.#at++;
    const word = String.fromCharCode(...this.bytes.subarray(from, Math.min(this.#at, from + 400)));
    const isValue = /^(true|false|null|-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?)$/.test(word);
    if (!isValue) this.refuse(`${this.#found()}, expected a value`);
  }

  /** Nothing but space may follow. */
  end(): void {
    this.#skipSpace();
    if (this.#at < this.bytes.length) this.refuse(`${this.#found()} after its end`);
  }
}

const isSpace = (byte: number): boolean => byte === space || byte === 0x0a || byte === 0x0d || byte === 0x09;

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;

const isWord = (byte: number): boolean =>
  isDigit(byte) ||
  (byte >= 0x61 && byte <= 0x7a) ||
  byte === 0x45 ||
  byte === 0x2b ||
  byte === 0x2d ||
  byte === 0x2e;

/** A name in a message, cut where it is long. */
export const shown = (name: string): string => JSON.stringify(name.slice(0, 80));
