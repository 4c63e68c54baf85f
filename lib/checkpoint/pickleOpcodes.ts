/**
 * Every opcode of protocols 0 to 5 and what it does to the machine. Those that reach outside the file (persistent
 * ids, the extension registry, buffers out of band) are refused by name.
 *
 * Source: CPython `Lib/pickletools.py`, which documents each of them.
 */
import { build, call, callWithKeywords, global } from './pickleCalls.js';
import type { Machine } from './pickleMachine.js';
import type { PickleValue } from './pickleValue.js';
import { pickleBytes } from './pickleValue.js';
import { inMemory, type Source } from '../files/source.js';
import type { Encoding } from './text.js';
import { decodeText } from './text.js';

type Step = (m: Machine) => void;

const value =
  (make: (m: Machine) => PickleValue): Step =>
  (m) =>
    m.push(make(m));

const text = (m: Machine, of: Source, encoding: Encoding): PickleValue =>
  decodeText(of, encoding) ?? m.refuse(`text that is not ${encoding}`);

const unicode = (length: (m: Machine) => number): Step =>
  value((m) => text(m, m.cursor.part(length(m)), 'utf-8'));

const string = (length: (m: Machine) => number): Step =>
  value((m) => text(m, m.cursor.part(length(m)), 'latin1'));

const bytes = (length: (m: Machine) => number): Step => value((m) => pickleBytes(m.cursor.part(length(m))));

const uint8 = (m: Machine) => m.cursor.uint8();
const uint16 = (m: Machine) => m.cursor.uint16();
const uint32 = (m: Machine) => m.cursor.uint32();
const int32 = (m: Machine) => m.cursor.int32();
const uint64 = (m: Machine) => m.cursor.uint64();

const longestLine = 4096;

const line = (m: Machine): string => String.fromCharCode(...m.cursor.line(longestLine));

/** A quoted string of protocol 0, which may be as long as an array. */
const quoted = (m: Machine): PickleValue => {
  const raw = m.cursor.line(Infinity);
  const quote = raw[0];
  if (raw.length < 2 || (quote !== 0x27 && quote !== 0x22) || raw.at(-1) !== quote) {
    return m.refuse('a string without quotes');
  }
  return text(m, inMemory(raw.subarray(1, -1)), 'string-escape');
};

const integer = (m: Machine, digits: string): number | bigint =>
  /^[-+]?\d+$/.test(digits) ? narrow(BigInt(digits)) : m.refuse(`${JSON.stringify(digits)} for an integer`);

const narrow = (n: bigint): number | bigint => (Number.isSafeInteger(Number(n)) ? Number(n) : n);

const intLine = (m: Machine): PickleValue => {
  const digits = line(m);
  return digits === '00' ? false : digits === '01' ? true : integer(m, digits);
};

const memoLine = (m: Machine): number => {
  const index = Number(integer(m, line(m)));
  return index >= 0 ? index : m.refuse(`memo index ${index}`);
};

const nonFinite: Readonly<Record<string, number>> = { inf: Infinity, '-inf': -Infinity, nan: NaN };

const floatLine = (m: Machine): number => {
  const digits = line(m);
  if (Object.hasOwn(nonFinite, digits)) return nonFinite[digits];
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(digits)
    ? Number(digits)
    : m.refuse(`${JSON.stringify(digits)} for a float`);
};

/** Two's complement, least byte first. */
const long = (m: Machine, length: number): number | bigint => {
  if (length < 0) m.refuse(`an integer with a negative length, ${length}`);
  const digits = m.cursor.take(length);
  if (length > longestLine) m.refuse(`an integer of ${length} bytes`);
  const hex = Array.from(digits, (byte) => byte.toString(16).padStart(2, '0')).reverse();
  return length === 0 ? 0 : narrow(BigInt.asIntN(8 * length, BigInt(`0x${hex.join('')}`)));
};

const tupleOf =
  (length: number): Step =>
  (m) => {
    const items: PickleValue[] = [];
    for (let i = 0; i < length; i++) items.unshift(m.pop());
    m.push(m.sequence('tuple', items));
  };

const setItem: Step = (m) => {
  const [item, key] = [m.pop(), m.pop()];
  m.setItems(m.top(), [key, item]);
};

const appendOne: Step = (m) => {
  const item = m.pop();
  m.append(m.top(), [item]);
};

const setItems: Step = (m) => {
  const items = m.popMark();
  m.setItems(m.top(), items);
};

const appends =
  (kind: 'list' | 'set'): Step =>
  (m) => {
    const items = m.popMark();
    m.append(m.top(), items, kind);
  };

const reduce: Step = (m) => {
  const [args, callee] = [m.pop(), m.pop()];
  m.push(call(m, callee, args));
};

const newObjectWithKeywords: Step = (m) => {
  const [keywords, args, callee] = [m.pop(), m.pop(), m.pop()];
  m.push(callWithKeywords(m, callee, args, keywords));
};

const objectOfMark: Step = (m) => {
  const [callee, ...args] = m.popMark();
  m.push(callee === undefined ? m.refuse('stack underflow') : call(m, callee, m.sequence('tuple', args)));
};

const instance: Step = (m) => {
  const callee = global(m, line(m), line(m));
  m.push(call(m, callee, m.sequence('tuple', m.popMark())));
};

const stackGlobal: Step = (m) => {
  const [name, module] = [m.pop(), m.pop()];
  if (typeof name !== 'string' || typeof module !== 'string') return m.refuse('a name that is not text');
  m.push(global(m, module, name));
};

const buildTop: Step = (m) => {
  const state = m.pop();
  build(m, m.top(), state);
};

const protocol: Step = (m) => {
  const version = m.cursor.uint8();
  if (version > 5) m.refuse(`protocol ${version}; protocols 0 to 5 are known`);
};

const readOnly: Step = (m) => {
  const buffer = m.top();
  if (typeof buffer !== 'object' || buffer?.kind !== 'bytes') m.refuse('a buffer that is not bytes');
};

const refused =
  (problem: string): Step =>
  (m) =>
    m.refuse(problem);

const noMeaning = 'a persistent id, which only the program that wrote it can resolve';

/** Only a dialect knows what a persistent id stands for; protocol 0's ids, which are text, stand for nothing. */
const persistent: Step = (m) => {
  const id = m.pop();
  m.push(m.dialect ? m.dialect.persistent(m, id) : m.refuse(noMeaning));
};
const extension = refused("a number in Python's extension registry, which stands for any class");

const ascii: Readonly<Record<string, Step>> = {
  '(': (m) => m.mark(),
  '0': (m) => m.discard(),
  '1': (m) => void m.popMark(),
  '2': (m) => m.push(m.top()),
  F: value(floatLine),
  I: value(intLine),
  J: value(int32),
  K: value(uint8),
  L: value((m) => integer(m, line(m).replace(/L$/, ''))),
  M: value(uint16),
  N: value(() => null),
  P: refused(noMeaning),
  Q: persistent,
  R: reduce,
  S: value(quoted),
  T: string(int32),
  U: string(uint8),
  V: value((m) => text(m, inMemory(m.cursor.line(Infinity)), 'raw-unicode-escape')),
  X: unicode(uint32),
  a: appendOne,
  b: buildTop,
  c: value((m) => global(m, line(m), line(m))),
  d: value((m) => m.dict(m.popMark())),
  e: appends('list'),
  g: (m) => m.recall(memoLine(m)),
  h: (m) => m.recall(m.cursor.uint8()),
  i: instance,
  j: (m) => m.recall(m.cursor.uint32()),
  l: value((m) => m.sequence('list', m.popMark())),
  o: objectOfMark,
  p: (m) => m.remember(memoLine(m)),
  q: (m) => m.remember(m.cursor.uint8()),
  r: (m) => m.remember(m.cursor.uint32()),
  s: setItem,
  t: value((m) => m.sequence('tuple', m.popMark())),
  u: setItems,
  ']': value((m) => m.sequence('list', [])),
  '}': value((m) => m.dict()),
  ')': value((m) => m.sequence('tuple', [])),
  B: bytes(uint32),
  C: bytes(uint8),
  G: value((m) => m.cursor.float64()),
};

const extended: Readonly<Record<number, Step>> = {
  0x80: protocol,
  0x81: reduce,
  0x82: extension,
  0x83: extension,
  0x84: extension,
  0x85: tupleOf(1),
  0x86: tupleOf(2),
  0x87: tupleOf(3),
  0x88: value(() => true),
  0x89: value(() => false),
  0x8a: value((m) => long(m, m.cursor.uint8())),
  0x8b: value((m) => long(m, m.cursor.int32())),
  0x8c: unicode(uint8),
  0x8d: unicode(uint64),
  0x8e: bytes(uint64),
  0x8f: value((m) => m.sequence('set', [])),
  0x90: appends('set'),
  0x91: value((m) => m.sequence('set', m.popMark())),
  0x92: newObjectWithKeywords,
  0x93: stackGlobal,
  0x94: (m) => m.memoize(),
  0x95: (m) => m.cursor.checkLeft(m.cursor.uint64()),
  0x96: bytes(uint64),
  0x97: refused('a buffer out of band, which is not in the file'),
  0x98: readOnly,
};

/** Ends the program; its value is on the stack. */
export const stop = '.'.charCodeAt(0);

/** The function of each opcode; undefined for a byte that is no opcode. */
export const opcodes: readonly (Step | undefined)[] = Array.from(
  { length: 256 },
  (_, code) => extended[code] ?? (code < 0x80 ? ascii[String.fromCharCode(code)] : undefined),
);
