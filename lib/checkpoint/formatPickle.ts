/**
 * Checkpoints as pickles of protocol 4: plain dicts of NumPy arrays, as `pickle.dump` of a Haiku tree writes them, or
 * Haiku's own FlatMappings; what else was saved as it was read. Python needs NumPy to read them, ml_dtypes for bfloat16,
 * Haiku for FlatMappings, optax for its states, and nothing of ours.
 *
 * Source: NumPy's `ndarray.__reduce__` and `dtype.__reduce__`. Arrays are named by `numpy.core`, which NumPy 1 and 2
 * resolve for pickles.
 */
import type { HostArray } from '../data/array.js';
import { bytesPerElement, type DType, sizeOf } from '../data/array.js';
import type { Tree } from '../data/tree.js';
import { formatElementType } from './elementType.js';
import type { TreeProblem } from './error.js';
import { elementsOf, FileArray } from './fileArray.js';
import { hasLoneSurrogate } from './jsonReader.js';
import type { Parts } from '../files/parts.js';
import type { Saved } from './pickleCheckpoint.js';
import { PickleProgram } from './pickleProgram.js';
import type { PickleValue } from './pickleValue.js';
import { roleOf } from './pickleGlobals.js';
import { contentsOf, describe, isContainer } from './pickleValue.js';
import { inMemory } from '../files/source.js';
import { refuseTree } from './valueTree.js';

export interface PickleOptions {
  /** True if mappings are Haiku's `FlatMapping`, as old versions of Haiku made them; plain dicts if not said. */
  readonly flatMapping?: boolean;
}

/**
 * Lays out a pickle; for the inside of an `attempt`. Without state and rest it is the parameters' mapping and nothing
 * around it.
 */
export const layOutPickle = ({ params, state, rest }: Saved, options: PickleOptions = {}): Parts => {
  checkNames(params, state, rest);
  const program = new PickleProgram();
  const isBare = Object.keys(state).length === 0 && rest.size === 0 && !looksWrapped(params);
  if (isBare) writeTree(program, params, options);
  else writeParts(program, { params, state, rest }, options);
  return program.finish();
};

/** A module of that name without leaves would be read as the mapping of all modules. */
const looksWrapped = (params: Tree<HostArray>): boolean =>
  Object.hasOwn(params, 'params') && Object.keys(params.params).length === 0;

const checkNames = (params: Tree<HostArray>, state: Tree<HostArray>, rest: Saved['rest']): void => {
  const problems: TreeProblem[] = [];
  const check = (path: string, name: string): void => {
    if (name === '__proto__' || hasLoneSurrogate(name))
      problems.push({
        path,
        found: `the name ${JSON.stringify(name)}`,
        expected: 'a name of a module or leaf',
      });
  };
  for (const [part, tree] of Object.entries({ params, state })) {
    for (const [module, leaves] of Object.entries(tree)) {
      check(part, module);
      for (const leaf of Object.keys(leaves)) check(`${part}.${module}`, leaf);
    }
  }
  for (const name of rest.keys()) {
    check('', name);
    if (name === 'params' || name === 'state')
      problems.push({ path: name, found: 'a part of this name', expected: 'the tree of this name alone' });
  }
  if (problems.length > 0) refuseTree(problems);
};

const writeParts = (program: PickleProgram, { params, state, rest }: Saved, options: PickleOptions): void =>
  program.dict({}, () => {
    program.text('params');
    writeTree(program, params, options);
    program.text('state');
    writeTree(program, state, options);
    for (const [name, value] of rest) {
      program.text(name);
      writeValue(program, value, name);
    }
  });

const writeTree = (program: PickleProgram, tree: Tree<HostArray>, options: PickleOptions): void =>
  writeMapping(program, tree, options, (leaves) =>
    writeMapping(program, leaves, options, (leaf) => writeArray(program, leaf)),
  );

const writeMapping = <A>(
  program: PickleProgram,
  mapping: Readonly<Record<string, A>>,
  { flatMapping }: PickleOptions,
  write: (value: A) => void,
): void => {
  if (flatMapping) program.global('haiku._src.data_structures', 'FlatMapping');
  const dict = () =>
    program.dict({}, () => {
      for (const [name, value] of Object.entries(mapping)) {
        program.text(name);
        write(value);
      }
    });
  if (!flatMapping) return dict();
  program.tuple(1, dict);
  program.reduce();
};

const writeElementType = (program: PickleProgram, dtype: DType, isLittleEndian = true): void =>
  program.once(`element type ${dtype} ${isLittleEndian}`, () => {
    const spelled = formatElementType(dtype);
    const isExtension = dtype === 'bfloat16';
    program.global('numpy', 'dtype');
    program.tuple(3, () => {
      if (isExtension) program.global('ml_dtypes', dtype);
      else program.text(spelled.slice(1));
      program.bool(false);
      program.bool(true);
    });
    program.reduce();
    program.tuple(8, () => {
      program.integer(3);
      program.text(isLittleEndian ? spelled[0] : '>');
      for (let i = 0; i < 3; i++) program.none();
      for (const number of isExtension ? [2, 2, 64] : [-1, -1, 0]) program.integer(number);
    });
    program.build();
  });

/** The array that NumPy's pickles begin with, to be given its state. */
const writeEmptyArray = (program: PickleProgram): void => {
  program.global('numpy.core.multiarray', '_reconstruct');
  program.once('empty array', () =>
    program.tuple(3, () => {
      program.global('numpy', 'ndarray');
      program.tuple(1, () => program.integer(0));
      program.once('typecode', () => program.bytes(1, () => inMemory(Uint8Array.of(0x62))));
    }),
  );
  program.reduce();
};

/** Row-major, whatever its file had. */
const writeArray = (program: PickleProgram, array: HostArray): void =>
  program.once(array, () => {
    const { shape, dtype } = array;
    writeEmptyArray(program);
    program.tuple(5, () => {
      program.integer(1);
      program.tuple(shape.length, () => shape.forEach((n) => program.integer(n)));
      writeElementType(program, dtype);
      program.bool(false);
      program.bytes(sizeOf(shape) * bytesPerElement[dtype], () => elementsOf(array));
    });
    program.build();
  });

/**
 * True if a value can be written: not so where it holds a name that is not known here. Python would import that name
 * and call it; no file of ours makes it do so.
 */
export const isWritable = (value: PickleValue): boolean => {
  if (typeof value !== 'object' || value === null) return true;
  if (isContainer(value)) return value.kind !== 'object' && contentsOf(value).every(isWritable);
  if (value.kind === 'global') return roleOf(value.name) !== undefined;
  return value.kind !== 'elementType' || value.type !== undefined;
};

/** Whatever a pickle may hold; `path` is where it is. What was shared stays shared. */
const writeValue = (program: PickleProgram, value: PickleValue, path: string): void => {
  if (value === null) return program.none();
  if (typeof value === 'boolean') return program.bool(value);
  if (typeof value === 'bigint') return program.integer(value);
  if (typeof value === 'string') return writeText(program, value, path);
  if (typeof value === 'number')
    return Number.isSafeInteger(value) && !Object.is(value, -0)
      ? program.integer(value)
      : program.float(value);
  if (value instanceof FileArray) return writeArray(program, value);
  if (isContainer(value)) return writeContainer(program, value, path);
  writeOther(program, value, path);
};

const writeText = (program: PickleProgram, text: string, path: string): void =>
  hasLoneSurrogate(text) ? refuseValue(path, text, 'text without half a surrogate pair') : program.text(text);

const refuseValue = (path: string, value: PickleValue, expected: string): never =>
  refuseTree([{ path, found: describe(value), expected }]);

const writeContainer = (
  program: PickleProgram,
  value: Extract<PickleValue, { readonly offset: number }>,
  path: string,
): void => {
  if (program.recall(value)) return;
  const write = (child: PickleValue, name: unknown) => writeValue(program, child, `${path}.${String(name)}`);
  switch (value.kind) {
    case 'dict':
      return program.dict(value, () =>
        value.entries.forEach((item, key) => {
          write(key, 'a key');
          write(item, isContainer(key) ? 'a key' : key);
        }),
      );
    case 'namedTuple':
      return program.once(value, () => {
        writeGlobal(program, value.name);
        program.tuple(value.fields.length, () => value.fields.forEach(write));
        program.newObject();
      });
    case 'tuple':
      return program.once(value, () => program.tuple(value.items.length, () => value.items.forEach(write)));
    case 'object':
      return refuseValue(path, value, 'a value whose class is known here');
    default:
      return program[value.kind](value, () => value.items.forEach(write));
  }
};

/** A class by its dotted name; protocols before 3 had another name for the module of Python's own. */
const writeGlobal = (program: PickleProgram, name: string): void => {
  const dot = name.lastIndexOf('.');
  program.global(name.slice(0, dot).replace(/^__builtin__$/, 'builtins'), name.slice(dot + 1));
};

const writeOther = (
  program: PickleProgram,
  value: Exclude<
    PickleValue,
    null | string | number | boolean | bigint | { readonly offset: number } | FileArray
  >,
  path: string,
): void => {
  switch (value.kind) {
    case 'bytes':
      return program.once(value, () => program.bytes(value.source.length, () => value.source));
    case 'text':
      if (value.encoding !== 'utf-8') return refuseValue(path, value, 'text as protocols 3 and up write it');
      return program.once(value, () => program.utf8(value.source.length, () => value.source));
    case 'elementType':
      if (!value.type) return refuseValue(path, value, 'an element type of numbers');
      return writeElementType(program, value.type.dtype, value.type.isLittleEndian);
    case 'global':
      return writeGlobal(program, value.name);
  }
};
