/**
 * The state of a pickle's program: a stack, marks on it, and a memo. It counts what it makes, so that a small file
 * cannot ask for a large structure.
 */
import { Cursor } from '../files/cursor.js';
import { NumberKeys, tooManyNumberKeys } from './numberKeys.js';
import { FileArray } from './fileArray.js';
import type { PickleDict, PickleObject, PickleSequence, PickleValue } from './pickleValue.js';
import { replaced } from './pickleReplacements.js';
import type { Source } from '../files/source.js';
import type { Text } from './text.js';
import { toLatin1 } from './text.js';

/** Far above what checkpoints hold (ten objects an array), and small enough to be held. */
const mostObjects = 250_000;
const mostItems = 2_000_000;

/** Makes the value of a call of an allowed name with arguments. */
export type Call = (m: Machine, name: string, args: readonly PickleValue[]) => PickleValue;

/** Additions of one program's pickles: a second allow-list, and persistent ids. */
export interface Dialect {
  readonly calls: ReadonlyMap<string, Call>;
  /** The value of a persistent id. */
  readonly persistent: (m: Machine, id: PickleValue) => PickleValue;
  /** True if a state that is given to an object says nothing that is kept here. */
  readonly isIdle: (target: PickleValue, state: PickleValue) => boolean;
}

export interface MachineOptions {
  readonly dialect?: Dialect;
  /** The archive's name for the pickle. */
  readonly entry?: string;
}

export class Machine {
  readonly dialect: Dialect | undefined;
  readonly cursor: Cursor;
  readonly #stack: PickleValue[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, PickleValue>();
  readonly #latin1 = new Map<string | Text, Source>();
  readonly #numberKeys: NumberKeys;
  #objects = 0;
  #items = 0;
  #copies = 0;
  #hasReplacements = false;

  constructor(from: Uint8Array | Source, { dialect, entry }: MachineOptions = {}) {
    this.cursor = new Cursor(from, 'pickle', entry);
    this.dialect = dialect;
    this.#numberKeys = new NumberKeys(from.length);
  }

  /** The offset of the opcode that runs. */
  get offset(): number {
    return this.cursor.start;
  }

  refuse(problem: string): never {
    return this.cursor.refuse(problem);
  }

  push(value: PickleValue): void {
    this.#countItem();
    if (typeof value === 'object' && value !== null && ++this.#objects > mostObjects) {
      this.refuse(`more than ${mostObjects} objects`);
    }
    this.#stack.push(value);
  }

  #countItem(): void {
    if (++this.#items > mostItems) this.refuse(`more than ${mostItems} items`);
  }

  /** Counts what is copied within the machine: once at most in a pickle that Python wrote. */
  countCopies(count: number): void {
    this.#copies += count;
    if (this.#copies > this.cursor.length) this.refuse('more copies than the file has bytes');
  }

  pop(): PickleValue {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) this.refuse('stack underflow');
    return this.#stack.pop() as PickleValue;
  }

  top(): PickleValue {
    const value = this.pop();
    this.#stack.push(value);
    return value;
  }

  mark(): void {
    this.#countItem();
    this.#marks.push(this.#stack.length);
  }

  /** Everything above the last mark, which is taken away. */
  popMark(): PickleValue[] {
    const mark = this.#marks.pop();
    return mark === undefined ? this.refuse('no mark on the stack') : this.#stack.splice(mark);
  }

  /** Python's `POP` takes a mark away when nothing is above it. */
  discard(): void {
    if (this.#marks.at(-1) === this.#stack.length) this.#marks.pop();
    else this.pop();
  }

  remember(index: number): void {
    if (index >= this.cursor.length) {
      this.refuse(`memo index ${index} in a file of ${this.cursor.length} bytes`);
    }
    this.#countItem();
    this.#memo.set(index, this.top());
  }

  memoize(): void {
    this.remember(this.#memo.size);
  }

  recall(index: number): void {
    const value = this.#memo.get(index);
    this.push(value === undefined ? this.refuse(`unknown memo entry ${index}`) : value);
  }

  sequence(kind: PickleSequence['kind'], items: PickleValue[]): PickleSequence {
    return { kind, offset: this.offset, items };
  }

  dict(items: readonly PickleValue[] = []): PickleDict {
    const dict: PickleDict = { kind: 'dict', offset: this.offset, entries: new Map() };
    this.setItems(dict, items);
    return dict;
  }

  /** Adds keys and values, which alternate. */
  setItems(dict: PickleValue, items: readonly PickleValue[]): void {
    if (isPlaceholder(dict)) return this.#give(dict, items);
    if (!isDict(dict)) return this.refuse('entries for something that is not a dict');
    if (items.length % 2 === 1) this.refuse('a key without a value');
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i];
      if (key === '__proto__') this.refuse('the key "__proto__", which no module or leaf is called');
      if (this.#numberKeys.isOneTooMany(key)) this.refuse(tooManyNumberKeys);
      dict.entries.set(key, items[i + 1]);
    }
  }

  append(list: PickleValue, items: readonly PickleValue[], kind: PickleSequence['kind'] = 'list'): void {
    if (isPlaceholder(list)) return this.#give(list, items);
    if (!isSequence(list) || list.kind !== kind)
      return this.refuse(`items for something that is not a ${kind}`);
    for (const item of items) list.items.push(item);
  }

  #give(object: PickleObject, items: readonly PickleValue[]): void {
    for (const item of items) object.fields.push(item);
  }

  /** Says that an array turned out to be another value. */
  replace(array: FileArray, value: PickleValue): void {
    this.#hasReplacements = true;
    FileArray.replace(array, value);
  }

  /** Puts other values in the place of arrays that turned out to be no arrays of numbers. */
  withReplacements(root: PickleValue): PickleValue {
    return this.#hasReplacements ? replaced(root, (problem) => this.refuse(problem)) : root;
  }

  /** A string's characters as bytes, made once however often the pickle asks. */
  latin1(text: string | Text): Source {
    const known = this.#latin1.get(text);
    if (known) return known;
    const bytes = toLatin1(text) ?? this.refuse('text that stands for bytes and has other characters');
    this.#latin1.set(text, bytes);
    return bytes;
  }
}

const isPlaceholder = (value: PickleValue): value is PickleObject =>
  typeof value === 'object' && value !== null && value.kind === 'object';

export const isDict = (value: PickleValue | undefined): value is PickleDict =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'dict';

export const isSequence = (value: PickleValue | undefined): value is PickleSequence =>
  typeof value === 'object' && value !== null && 'items' in value;

export const isTuple = (value: PickleValue | undefined): value is PickleSequence =>
  isSequence(value) && value.kind === 'tuple';

export const isText = (value: PickleValue | undefined): value is string | Text =>
  typeof value === 'string' || (typeof value === 'object' && value !== null && value.kind === 'text');
