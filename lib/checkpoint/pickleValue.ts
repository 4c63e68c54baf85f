/**
 * Values of a pickle that was read: data and nothing else. Structure that the pickle shares stays shared.
 *
 * Python's integers and floats both become numbers (integers beyond 2^53 bigints), and NumPy's scalars arrays of
 * shape [].
 */
import type { FileArray } from './fileArray.js';
import type { ElementType } from './elementType.js';
import { allOf, type Source } from '../files/source.js';
import type { Text } from './text.js';

export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Text
  | PickleBytes
  | FileArray
  | PickleElementType
  | PickleSequence
  | PickleDict
  | NamedTuple
  | PickleObject
  | PickleGlobal;

export interface PickleBytes {
  readonly kind: 'bytes';
  readonly source: Source;
  /** Read from the file each time that they are asked for, if they are not in memory. */
  readonly bytes: Uint8Array;
}

/** Bytes of a file as a pickle's value. */
export const pickleBytes = (source: Source): PickleBytes => new BytesOfFile(source);

class BytesOfFile implements PickleBytes {
  readonly kind = 'bytes';
  constructor(readonly source: Source) {}

  get bytes(): Uint8Array {
    return allOf(this.source);
  }
}

export interface PickleElementType {
  readonly kind: 'elementType';
  readonly name: string;
  /** Set again when the pickle tells the byte order; undefined for elements that arrays here do not have. */
  type: ElementType | undefined;
}

export interface PickleSequence {
  readonly kind: 'list' | 'tuple' | 'set';
  readonly offset: number;
  readonly items: PickleValue[];
}

/** A dict, an OrderedDict or one of Haiku's mappings, in the order of the file. */
export interface PickleDict {
  readonly kind: 'dict';
  readonly offset: number;
  readonly entries: Map<PickleValue, PickleValue>;
}

/** An optax state, whose class is not known here: its name and its fields in order. */
export interface NamedTuple {
  readonly kind: 'namedTuple';
  readonly offset: number;
  readonly name: string;
  readonly fields: readonly PickleValue[];
}

/**
 * An object of a class that is not known here, as inert data: nothing of it was run. Also an array of elements that are
 * no numbers.
 */
export interface PickleObject {
  readonly kind: 'object';
  readonly offset: number;
  /** Dotted name of the class or function that the file asks for. */
  readonly name: string;
  /** Everything that the file gives the object: its arguments, then its state and its items. */
  readonly fields: PickleValue[];
}

/** A class or function that was named and not used. */
export interface PickleGlobal {
  readonly kind: 'global';
  readonly name: string;
}

/** Values that hold other values. */
export type PickleContainer = PickleSequence | PickleDict | NamedTuple | PickleObject;

/** The values that a container holds, keys of a dict included. */
export const contentsOf = (container: PickleContainer): readonly PickleValue[] => {
  if (container.kind === 'dict') return [...container.entries].flat();
  return 'fields' in container ? container.fields : container.items;
};

export const isContainer = (value: PickleValue): value is PickleContainer =>
  typeof value === 'object' &&
  value !== null &&
  ('items' in value || 'entries' in value || 'fields' in value);

/** A few words for messages: `a dict of 3 entries`, `the number 7`. */
export const describe = (value: PickleValue): string => {
  if (value === null) return 'None';
  if (typeof value === 'string') return `the string ${JSON.stringify(value.slice(0, 40))}`;
  if (typeof value !== 'object') return `the ${typeof value} ${String(value).slice(0, 40)}`;
  switch (value.kind) {
    case 'dict':
      return `a dict of ${value.entries.size} entries`;
    case 'array':
      return `an array of shape [${value.shape.join(', ')}]`;
    case 'object':
      return `an object, ${value.name}`;
    case 'namedTuple':
    case 'global':
    case 'elementType':
      return value.name;
    case 'bytes':
    case 'text':
      return `${value.source.length} bytes of ${value.kind}`;
    default:
      return `a ${value.kind} of ${value.items.length} items`;
  }
};

/** A declared shape for a message, whatever it is made of; its numbers may be as long as the file. */
export const shownShape = (shape: readonly PickleValue[]): string =>
  shape
    .slice(0, 64)
    .map((n) => (typeof n === 'object' ? describe(n) : String(n).slice(0, 20)))
    .join(', ');
