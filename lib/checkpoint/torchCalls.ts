/**
 * Additions of PyTorch's pickles: tensors as views of storages, which lie in the archive
 * beside the pickle and are named by persistent ids. As with all pickles, nothing of the file is run.
 *
 * Source: PyTorch's `torch/_utils.py`, `torch/serialization.py` and `torch/_weights_only_unpickler.py`.
 */
import type { DType, Shape } from '../data/array.js';
import { bytesPerElement, sizeOf } from '../data/array.js';
import type { Layout } from './fileArray.js';
import { declaredSize, FileArray, isView } from './fileArray.js';
import { call, isGlobal, isObject, misused } from './pickleCalls.js';
import type { Call, Dialect, Machine } from './pickleMachine.js';
import { isDict, isTuple } from './pickleMachine.js';
import type { PickleObject, PickleValue } from './pickleValue.js';
import { describe, shownShape } from './pickleValue.js';
import { type Source, sourceOf, within } from '../files/source.js';

/** The storages of an archive by name, and how their elements' bytes are ordered. */
export interface Storages {
  /** The bytes of a storage of this name and size. */
  readonly record: (name: string, size: number) => Source | undefined;
  readonly isLittleEndian: boolean;
  /** Of the whole file; what is copied out of it is measured against this. */
  readonly fileLength: number;
  /** True if ids of storages have a sixth part, the view that a storage is of another one: a form of before 1.6. */
  readonly isLegacy?: boolean;
}

/** The second allow-list: what PyTorch's `torch.load` takes with `weights_only`, as far as it is numbers. */
export const torchDialect = (storages: Storages): Dialect => {
  const makeTensor = tensorMaker(storages);
  return {
    calls: new Map<string, Call>([
      ...['_rebuild_tensor', '_rebuild_tensor_v2', '_rebuild_tensor_v3'].map((name): [string, Call] => [
        `torch._utils.${name}`,
        makeTensor,
      ]),
      ['torch._utils._rebuild_parameter', parameter],
      ['torch._utils._rebuild_parameter_with_state', parameter],
      ['torch._tensor._rebuild_from_type_v2', fromType],
      ['torch.Size', size],
      ['torch.device', (m, name, args) => ({ kind: 'namedTuple', name, offset: m.offset, fields: args })],
      ...[...storageTypes.keys(), ...elementTypes.keys(), ...classes].map((name): [string, Call] => [
        name,
        misused,
      ]),
    ]),
    persistent: (m, id) => storage(m, storages, id),
    isIdle: (target, state) =>
      isDict(target) && isDict(state) && state.entries.size === 1 && state.entries.has('_metadata'),
  };
};

const storageTypes: ReadonlyMap<string, DType> = new Map<string, DType>([
  ['torch.DoubleStorage', 'float64'],
  ['torch.FloatStorage', 'float32'],
  ['torch.HalfStorage', 'float16'],
  ['torch.BFloat16Storage', 'bfloat16'],
  ['torch.LongStorage', 'int64'],
  ['torch.IntStorage', 'int32'],
  ['torch.ShortStorage', 'int16'],
  ['torch.CharStorage', 'int8'],
  ['torch.ByteStorage', 'uint8'],
  ['torch.BoolStorage', 'bool'],
  ['torch.storage.UntypedStorage', 'uint8'],
]);

/** Bytes of the elements that arrays here do not have. */
const otherWidths: ReadonlyMap<string, number> = new Map([
  ['torch.ComplexFloatStorage', 8],
  ['torch.ComplexDoubleStorage', 16],
  ['torch.QInt8Storage', 1],
  ['torch.QUInt8Storage', 1],
  ['torch.QInt32Storage', 4],
]);

const elementTypes: ReadonlyMap<string, DType> = new Map<string, DType>([
  ['torch.float64', 'float64'],
  ['torch.float32', 'float32'],
  ['torch.float16', 'float16'],
  ['torch.bfloat16', 'bfloat16'],
  ['torch.int64', 'int64'],
  ['torch.int32', 'int32'],
  ['torch.int16', 'int16'],
  ['torch.int8', 'int8'],
  ['torch.uint64', 'uint64'],
  ['torch.uint32', 'uint32'],
  ['torch.uint16', 'uint16'],
  ['torch.uint8', 'uint8'],
  ['torch.bool', 'bool'],
]);

/** Classes of tensors, which differ in nothing that is kept here. */
const classes = ['torch.Tensor', 'torch.nn.parameter.Parameter', 'torch.nn.parameter.Buffer'];

const advice = 'arrays here have no such elements; convert them before they are saved: tensor.float()';

/** A placeholder for a storage or a tensor of elements that arrays here do not have; an error where a weight should be. */
const withoutNumbers = (m: Machine, type: string, fields: PickleValue[]): PickleObject => ({
  kind: 'object',
  offset: m.offset,
  name: `torch.Tensor of ${type}`,
  fields,
});

/** ('storage', type, name, device, number of elements): the storage itself, a flat array. */
const storage = (
  m: Machine,
  { record, isLittleEndian, isLegacy }: Storages,
  id: PickleValue,
): FileArray | PickleObject => {
  const [tag, type, name, , count, view = null] = isTuple(id) ? id.items : [];
  if (isLegacy && view !== null) m.refuse('a storage that is a view of another one');
  if (tag !== 'storage' || !isGlobal(type) || typeof name !== 'string' || typeof count !== 'number') {
    return m.refuse(`a persistent id, ${describe(id)}, that is not a storage's`);
  }
  if (!Number.isSafeInteger(count) || count < 0) m.refuse(`a storage of ${count} elements`);
  const dtype = storageTypes.get(type.name);
  if (dtype === undefined) {
    const width = otherWidths.get(type.name);
    if (isLegacy && width === undefined) return m.refuse(`a storage of ${type.name}; ${advice}`);
    // The older files have storages one after the other, so that each one's size has to be known.
    if (isLegacy && width !== undefined) record(name, count * width);
    return withoutNumbers(m, type.name, []);
  }
  const bytes = record(name, count * bytesPerElement[dtype]);
  if (!bytes)
    return m.refuse(`the storage ${JSON.stringify(name.slice(0, 40))}, which is not in the archive`);
  if (count * bytesPerElement[dtype] !== bytes.length) {
    m.refuse(`a storage of ${count} ${dtype} elements in ${bytes.length} bytes`);
  }
  return new FileArray({ dtype, isLittleEndian, shape: [count], bytes });
};

/** Tensors that are plain views cost nothing; the elements of all others are copied when they are used. */
const mostCopied = (fileLength: number): number => 3 * fileLength + (16 << 20);
/** Of a file that is opened and not read, every tensor reads the part that it lies in; tied weights are read again. */
const mostRead = (fileLength: number): number => 100 * fileLength + (16 << 20);

/**
 * torch's _rebuild_tensor(storage, offset, sizes, strides), _v2(…, requires_grad, hooks, metadata) and
 * _v3(…, requires_grad, hooks, dtype, metadata).
 */
const tensorMaker = ({ fileLength }: Storages): Call => {
  let [copied, read] = [0, 0];
  return (m, name, args) => {
    const [stored, offset, shape, strides, , , ...rest] = args.slice(0, 9);
    if (isObject(stored) && isTuple(shape)) return withoutNumbers(m, typeOf(stored), [shape]);
    if (args.length > 8 || !isStorage(stored) || !isTuple(shape) || !isTuple(strides))
      return misused(m, name, args);
    const type = name.endsWith('v3') ? rest.shift() : undefined;
    const dtype = name.endsWith('v3') ? elementType(type) : stored.dtype;
    if (dtype === undefined && isGlobal(type)) return withoutNumbers(m, type.name, [shape]);
    if (dtype === undefined) return misused(m, name, args);
    if (rest.some((part) => !isNothing(part)))
      m.refuse('a tensor that is conjugated or negated when it is used');
    const layout = view(m, { ...stored.layout, dtype }, offset, shape.items, strides.items);
    if (!isView(layout)) copied += sizeOf(layout.shape) * bytesPerElement[dtype];
    if (copied > mostCopied(fileLength)) {
      m.refuse(`views with strides of more than ${mostCopied(fileLength)} bytes in a file of ${fileLength}`);
    }
    read += layout.bytes.length;
    if (read > mostRead(fileLength)) {
      m.refuse(`tensors that lie in more than ${mostRead(fileLength)} bytes in a file of ${fileLength}`);
    }
    return new FileArray(layout);
  };
};

const typeOf = ({ name }: PickleObject): string => name.replace(/^torch\.Tensor of /, '');

const isStorage = (value: PickleValue | undefined): value is FileArray =>
  value instanceof FileArray &&
  value.isFilled &&
  value.shape.length === 1 &&
  value.layout.strides === undefined;

const elementType = (value: PickleValue | undefined): DType | undefined =>
  isGlobal(value) ? elementTypes.get(value.name) : undefined;

const isNothing = (value: PickleValue): boolean =>
  value === null || (isDict(value) && value.entries.size === 0);

/** The part of a storage that a tensor's elements are in, from the first to the last. */
const view = (
  m: Machine,
  stored: Layout,
  offset: PickleValue,
  shape: readonly PickleValue[],
  strides: readonly PickleValue[],
): Layout => {
  const length = declaredSize(shape);
  if (length === undefined || shape.length !== strides.length || ![offset, ...strides].every(isCount)) {
    return m.refuse(`a tensor of shape [${shownShape(shape)}] with strides [${shownShape(strides)}]`);
  }
  const [sizes, steps, from] = [shape as Shape, strides as readonly number[], offset as number];
  const end = length === 0 ? from : from + 1 + sizes.reduce((sum, n, axis) => sum + (n - 1) * steps[axis], 0);
  const width = bytesPerElement[stored.dtype];
  const storage = sourceOf(stored.bytes);
  if (end * width > storage.length) {
    m.refuse(
      `a tensor of shape [${shownShape(shape)}] with strides [${shownShape(strides)}] from element ${from} of a storage ` +
        `of ${Math.floor(storage.length / width)}`,
    );
  }
  return {
    ...stored,
    shape: sizes,
    strides: steps,
    bytes: within(storage, from * width, (end - from) * width),
  };
};

const isCount = (n: PickleValue): boolean => Number.isSafeInteger(n) && (n as number) >= 0;

/** torch's _rebuild_parameter(tensor, requires_grad, hooks[, attributes]): the tensor. */
const parameter: Call = (m, name, args) =>
  args[0] instanceof FileArray || isObject(args[0]) ? args[0] : misused(m, name, args);

/** torch's _rebuild_from_type_v2(make, class, arguments, attributes): what `make` makes. */
const fromType: Call = (m, name, args) => {
  const [make, type, of] = args;
  const isSound = isGlobal(make) && isGlobal(type) && classes.includes(type.name) && make.name !== name;
  return isSound && of !== undefined ? call(m, make, of) : misused(m, name, args);
};

/** torch.Size(numbers): a tuple. */
const size: Call = (m, name, args) => {
  const [of] = args;
  return args.length === 1 && isTuple(of) ? m.sequence('tuple', of.items) : misused(m, name, args);
};
