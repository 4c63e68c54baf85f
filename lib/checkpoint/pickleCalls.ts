/**
 * The values that names on the allow-list make of their arguments: arrays, element types, mappings and the like. Each is
 * written out here; nothing of the file is run.
 */
import { bytesPerElement } from '../data/array.js';
import { parseElementType } from './elementType.js';
import { refuse } from './error.js';
import { columnMajorStrides, declaredSize, FileArray, rowMajorStrides } from './fileArray.js';
import type { Role } from './pickleGlobals.js';
import { isForbidden, roleOf } from './pickleGlobals.js';
import type { Call, Machine } from './pickleMachine.js';
import { isDict, isSequence, isText, isTuple } from './pickleMachine.js';
import type {
  PickleDict,
  PickleElementType,
  PickleGlobal,
  PickleObject,
  PickleValue,
} from './pickleValue.js';
import { describe, pickleBytes, shownShape } from './pickleValue.js';
import { inMemory, type Source } from '../files/source.js';

const longestName = 200;

/** A name, as data; refuses a forbidden one, and one that is too long. */
export const global = (m: Machine, module: string, name: string): PickleGlobal => {
  const dotted = `${module}.${name}`;
  const isKnown = dotted.length <= longestName && callOf(m, dotted) !== undefined;
  if (!isKnown && (dotted.length > longestName || isForbidden(dotted)))
    refuse({ kind: 'global', offset: m.offset, name: `${module.slice(0, 100)}.${name.slice(0, 100)}` });
  return { kind: 'global', name: dotted };
};

/** An inert placeholder for an object of a name that is not known. */
const unknownObject = (m: Machine, name: string, fields: PickleValue[]): PickleObject => ({
  kind: 'object',
  offset: m.offset,
  name: name.slice(0, longestName),
  fields,
});

/** Makes the value of a call of a name with a tuple of arguments. */
export const call = (m: Machine, callee: PickleValue, args: PickleValue): PickleValue => {
  if (!isGlobal(callee) && !isObject(callee)) return m.refuse(`a call of ${describe(callee)}`);
  if (!isTuple(args)) return m.refuse(`a call of ${callee.name} with ${describe(args)} for arguments`);
  const make = isGlobal(callee) ? callOf(m, callee.name) : undefined;
  if (make) return make(m, callee.name, args.items);
  m.countCopies(args.items.length);
  return unknownObject(m, isGlobal(callee) ? callee.name : `${callee.name}()`, [
    ...(isGlobal(callee) ? [] : [callee]),
    ...args.items,
  ]);
};

/** The object that a class makes of arguments and keywords. */
export const callWithKeywords = (
  m: Machine,
  callee: PickleValue,
  args: PickleValue,
  keywords: PickleValue,
): PickleValue => {
  if (!isDict(keywords)) return m.refuse('a constructor whose keyword arguments are no dict');
  const made = call(m, callee, args);
  if (keywords.entries.size > 0) {
    if (!isObject(made)) return m.refuse('a constructor with keyword arguments');
    made.fields.push(keywords);
  }
  return made;
};

const callOf = (m: Machine, name: string): Call | undefined => {
  const role = roleOf(name);
  return role ? calls[role] : m.dialect?.calls.get(name);
};

/** Gives an object that was made the state that follows it. */
export const build = (m: Machine, target: PickleValue, state: PickleValue): void => {
  if (target instanceof FileArray)
    return isDict(state) ? fillByName(m, target, state) : fillArray(m, target, state);
  if (isObject(target)) return void target.fields.push(state);
  if (isElementType(target)) return setByteOrder(m, target, state);
  const isEmpty = state === null || (isDict(state) && state.entries.size === 0);
  if (!isEmpty && !m.dialect?.isIdle(target, state))
    m.refuse(`a state, ${describe(state)}, for ${describe(target)}`);
};

export const isGlobal = (value: PickleValue | undefined): value is PickleGlobal =>
  typeof value === 'object' && value !== null && value.kind === 'global';

export const isObject = (value: PickleValue | undefined): value is PickleObject =>
  typeof value === 'object' && value !== null && value.kind === 'object';

const isElementType = (value: PickleValue | undefined): value is PickleElementType =>
  typeof value === 'object' && value !== null && value.kind === 'elementType';

/** Refuses a call with the arguments that it was given. */
export const misused = (m: Machine, name: string, args: readonly PickleValue[]): never =>
  m.refuse(`${name} with the arguments (${args.slice(0, 6).map(describe).join(', ')})`);

const only =
  (role: string): Call =>
  (m, name, args) =>
    misused(m, `${name}, ${role},`, args);

/** numpy's dtype(name or class, align, copy). */
const dtype: Call = (m, name, args) => {
  const [of] = args;
  const spelled =
    isText(of) && typeof of === 'string' ? of : isGlobal(of) ? of.name.replace(/^.*\./, '') : undefined;
  if (spelled === undefined) return misused(m, name, args);
  const type = parseElementType(spelled === 'bool_' ? 'bool' : spelled);
  return { kind: 'elementType', name: spelled.slice(0, 40), type };
};

/** State (version, byte order, subarray, names, fields, size, alignment, flags); numbers use the second alone. */
const setByteOrder = (m: Machine, target: PickleElementType, state: PickleValue): void => {
  if (!target.type) return;
  const [, order, ...rest] = isTuple(state) ? state.items.slice(0, 5) : [];
  if (typeof order !== 'string' || !/^[<>=|]$/.test(order))
    return m.refuse(`an element type with ${describe(state)}`);
  if (rest.some((part) => part !== null)) m.refuse('an element type with fields or a shape of its own');
  target.type = { ...target.type, isLittleEndian: order !== '>' };
};

const bytesOfValue = (m: Machine, value: PickleValue | undefined): Source | undefined =>
  isText(value)
    ? m.latin1(value)
    : typeof value === 'object' && value !== null && value.kind === 'bytes'
      ? value.source
      : undefined;

interface Parts {
  readonly shape: PickleValue | undefined;
  readonly type: PickleValue | undefined;
  readonly raw: PickleValue | undefined;
}

/** A shape, an element type and bytes that fit each other. */
const checkedLayout = (m: Machine, { shape, type, raw }: Parts) => {
  if (!isTuple(shape) || !isElementType(type)) return m.refuse('an array without a shape or an element type');
  if (!type.type)
    return m.refuse(`elements of type ${JSON.stringify(type.name)}; numbers and bools are read`);
  const bytes = bytesOfValue(m, raw);
  if (!bytes) return m.refuse(`an array whose elements are ${describe(raw ?? null)}`);
  const needed = (declaredSize(shape.items) ?? NaN) * bytesPerElement[type.type.dtype];
  if (bytes.length !== needed) {
    m.refuse(
      `array bytes do not fit its shape: ${type.type.dtype} of shape ` +
        `[${shownShape(shape.items)}] needs ${needed}, found ${bytes.length}`,
    );
  }
  return { ...type.type, shape: shape.items as readonly number[], bytes };
};

/** State (version, shape, dtype, is column-major, elements), without the version in old files. */
const fillArray = (m: Machine, array: FileArray, state: PickleValue): void => {
  const items = isTuple(state) ? state.items.slice(-4) : [];
  if (items.length < 4) m.refuse(`an array with ${describe(state)} for its state`);
  const [shape, type, isColumnMajor, raw] = items;
  if (isElementType(type) && !type.type) return m.replace(array, withoutNumbers(m, type, shape, raw));
  const layout = checkedLayout(m, { shape, type, raw });
  FileArray.fill(
    array,
    isColumnMajor === true || isColumnMajor === 1
      ? { ...layout, strides: columnMajorStrides(layout.shape) }
      : layout,
  );
};

/**
 * An array of Python objects: the one object of an array of shape [], or else a list of them. A placeholder where they
 * are no mappings and sequences, as numbers are, which should have been an array of numbers.
 */
const withoutNumbers = (
  m: Machine,
  type: PickleElementType,
  shape: PickleValue,
  raw: PickleValue,
): PickleValue => {
  const isOfObjects = /^[|<>=]?O\d*$/.test(type.name);
  if (!isOfObjects || !isSequence(raw) || !isTuple(shape))
    return unknownObject(m, `numpy.ndarray of ${type.name}`, [shape]);
  const needed = declaredSize(shape.items) ?? NaN;
  if (raw.items.length !== needed)
    m.refuse(
      `an array of Python objects of shape [${shownShape(shape.items)}] with ${raw.items.length} objects`,
    );
  const areTrees = raw.items.every((item) => isDict(item) || isSequence(item) || item instanceof FileArray);
  if (!areTrees) return unknownObject(m, 'numpy.ndarray of Python objects', raw.items);
  return shape.items.length === 0 ? raw.items[0] : m.sequence('list', raw.items);
};

/** Fills an array whose state has names: a key array of JAX, which is the array of its bits, or joblib's wrapper. */
const fillByName = (m: Machine, array: FileArray, state: PickleDict): void => {
  const base = state.entries.get('_base_array');
  if (base instanceof FileArray && base.isFilled) return FileArray.fill(array, base.layout);
  return fillByJoblib(m, array, state);
};

/** The bytes of an element, as far as its type's name says them: texts, bytes, complex numbers. */
const widthOf = ({ name, type }: PickleElementType): number | undefined => {
  if (type) return bytesPerElement[type.dtype];
  const [whole, kind, length] = /^[|<>=]?([USc])(\d{1,9})$/.exec(name) ?? [];
  return whole === undefined ? undefined : Number(length) * (kind === 'U' ? 4 : 1);
};

/** joblib's wrapper: shape, order and type by name; the elements follow in the file, after the state. */
const fillByJoblib = (m: Machine, array: FileArray, { entries }: PickleDict): void => {
  const [shape, type] = [entries.get('shape'), entries.get('dtype')];
  const width = isElementType(type) ? widthOf(type) : undefined;
  if (!isTuple(shape) || !isElementType(type) || width === undefined)
    return m.refuse('an array without a shape or an element type of numbers');
  const { cursor } = m;
  if (typeof entries.get('numpy_array_alignment_bytes') === 'number') cursor.skip(cursor.uint8());
  const needed = (declaredSize(shape.items) ?? NaN) * width;
  if (!Number.isSafeInteger(needed)) m.refuse(`an array of shape [${shownShape(shape.items)}]`);
  if (!type.type) {
    cursor.skip(needed);
    return m.replace(array, withoutNumbers(m, type, shape, null));
  }
  const layout = { ...type.type, shape: shape.items as readonly number[], bytes: cursor.part(needed) };
  const isColumnMajor = entries.get('order') === 'F';
  FileArray.fill(array, isColumnMajor ? { ...layout, strides: columnMajorStrides(layout.shape) } : layout);
};

/** numpy's _reconstruct(ndarray, shape, typecode): an array to be filled by its state; of other classes a placeholder. */
const reconstruct: Call = (m, name, args) =>
  isGlobal(args[0]) && roleOf(args[0].name) === 'ndarray'
    ? new FileArray()
    : isGlobal(args[0]) && roleOf(args[0].name) === undefined
      ? unknownObject(m, args[0].name, args.slice(1))
      : misused(m, name, args);

/** numpy's scalar(dtype, bytes): an array of shape []. */
const scalar: Call = (m, _name, [type, raw]) =>
  isElementType(type) && !type.type
    ? unknownObject(m, `numpy.${type.name}`, [raw ?? null])
    : new FileArray(checkedLayout(m, { shape: m.sequence('tuple', []), type, raw }));

/** numpy's _frombuffer(buffer, dtype, shape, order, axes): order C, F, or K with the axes to permute by. */
const fromBuffer: Call = (m, name, args) => {
  const [raw, type, shape, order, axes] = args;
  if (isElementType(type) && !type.type)
    return unknownObject(m, `numpy.ndarray of ${type.name}`, [shape ?? null]);
  const layout = checkedLayout(m, { shape, type, raw });
  if (order === 'K' && axes !== undefined && axes !== null) return new FileArray(permuted(m, layout, axes));
  if (order === 'F') return new FileArray({ ...layout, strides: columnMajorStrides(layout.shape) });
  return order === 'C' || order === 'K' ? new FileArray(layout) : misused(m, name, args);
};

const permuted = (m: Machine, layout: ReturnType<typeof checkedLayout>, axes: PickleValue) => {
  const { shape } = layout;
  const order = isSequence(axes) ? (axes.items as number[]) : [];
  const isPermutation = order.length === shape.length && shape.every((_, axis) => order.includes(axis));
  if (!isPermutation) m.refuse('axes that are not a permutation');
  const strides = rowMajorStrides(shape);
  return { ...layout, shape: order.map((axis) => shape[axis]), strides: order.map((axis) => strides[axis]) };
};

/** JAX's and dill's (numpy's _reconstruct, its arguments, the array's state, and more): numpy's array itself. */
const jaxArray: Call = (m, name, args) => {
  const [make, makeArgs, state] = args;
  if (!isGlobal(make) || roleOf(make.name) !== 'reconstruct' || state === undefined)
    return misused(m, name, args);
  const array = call(m, make, makeArgs ?? null);
  build(m, array, state);
  return array;
};

/** A mapping is the dict that it was made of; Python 2 made it of pairs. */
const mapping: Call = (m, name, args) => {
  const [of] = args;
  if (args.length === 0) return m.dict();
  if (args.length > 1) return misused(m, name, args);
  if (isDict(of)) return of;
  if (isSequence(of)) m.countCopies(2 * of.items.length);
  if (!isSequence(of) || !of.items.every((pair) => isSequence(pair) && pair.items.length === 2)) {
    return misused(m, name, args);
  }
  return m.dict(of.items.flatMap((pair) => (isSequence(pair) ? pair.items : [])));
};

/** The same items under another name: nothing is copied. */
const sequenceLike = (
  m: Machine,
  name: string,
  args: readonly PickleValue[],
  isSet: boolean,
): PickleValue => {
  const [of] = args;
  if (args.length > 1 || (args.length === 1 && !isSequence(of))) return misused(m, name, args);
  const kind = isSet ? 'set' : name.endsWith('tuple') ? 'tuple' : 'list';
  return m.sequence(kind, isSequence(of) ? of.items : []);
};

/** bytes(), bytearray(bytes), bytearray(text, 'latin-1'). */
const bytes: Call = (m, name, args) => {
  const found = args.length === 0 ? inMemory(new Uint8Array()) : bytesOfValue(m, args[0]);
  const isLatin1 = args.length < 2 || (args.length === 2 && /^latin-?1$/.test(String(args[1])));
  return found && isLatin1 ? pickleBytes(found) : misused(m, name, args);
};

/** _codecs.encode(text, 'latin1'), which is how protocols 0 to 2 write bytes. */
const encode: Call = (m, name, args) => {
  const [of, encoding] = args;
  const isLatin1 = typeof encoding === 'string' && /^latin-?1$/.test(encoding);
  return isText(of) && isLatin1 ? pickleBytes(m.latin1(of)) : misused(m, name, args);
};

/** copyreg's _reconstructor(class, base, state), protocol 0's way of making objects. */
const copyReconstructor: Call = (m, name, args) => {
  const [of, base, state] = args;
  if (args.length !== 3 || !isGlobal(of) || !isGlobal(base) || isGlobal(state)) return misused(m, name, args);
  const made = roleOf(base.name) === 'object' && state === null ? m.sequence('tuple', []) : state;
  if (roleOf(of.name) === 'namedTuple' && isTuple(made)) return call(m, of, made);
  return roleOf(of.name) === 'mapping'
    ? call(m, of, m.sequence('tuple', isDict(made) ? [made] : []))
    : misused(m, name, args);
};

const calls: Readonly<Record<Role, Call>> = {
  dtype,
  reconstruct,
  scalar,
  fromBuffer,
  jaxArray,
  dillArray: jaxArray,
  joblibArray: () => new FileArray(),
  keyArray: () => new FileArray(),
  mapping,
  bytes,
  encode,
  copyReconstructor,
  defaultMapping: (m) => m.dict(),
  sequence: (m, name, args) => sequenceLike(m, name, args, false),
  set: (m, name, args) => sequenceLike(m, name, args, true),
  namedTuple: (m, name, args) => ({ kind: 'namedTuple', name, offset: m.offset, fields: args }),
  ndarray: only('which pickles make by _reconstruct'),
  elementType: only('an element type'),
  object: only('a class without data'),
};
