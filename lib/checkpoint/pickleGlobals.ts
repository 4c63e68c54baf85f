/**
 * The allow-list: every class and function that a checkpoint of JAX, NumPy 1 and 2, Haiku, optax and ml_dtypes names,
 * and what becomes of it here. Nothing is ever imported or called: a role picks a case of `pickleCalls`.
 */

export type Role =
  | 'ndarray'
  | 'reconstruct'
  | 'scalar'
  | 'fromBuffer'
  | 'jaxArray'
  | 'dtype'
  | 'elementType'
  | 'mapping'
  | 'defaultMapping'
  | 'sequence'
  | 'set'
  | 'bytes'
  | 'encode'
  | 'object'
  | 'copyReconstructor'
  | 'namedTuple';

const product = (modules: readonly string[], names: readonly string[], role: Role): [string, Role][] =>
  modules.flatMap((module) => names.map((name): [string, Role] => [`${module}.${name}`, role]));

const numpyCore = (part: string) => [`numpy.core.${part}`, `numpy._core.${part}`];
const builtins = ['builtins', '__builtin__'];

const roles: ReadonlyMap<string, Role> = new Map([
  ...product(['numpy'], ['ndarray'], 'ndarray'),
  ...product(['numpy'], ['dtype'], 'dtype'),
  ...product(numpyCore('multiarray'), ['_reconstruct'], 'reconstruct'),
  ...product(numpyCore('multiarray'), ['scalar'], 'scalar'),
  ...product(numpyCore('numeric'), ['_frombuffer'], 'fromBuffer'),
  ...product(
    ['jax._src.array', 'jax._src.device_array', 'jax.interpreters.xla'],
    ['_reconstruct_array', 'reconstruct_device_array', '_reconstruct_device_array'],
    'jaxArray',
  ),
  ...product(
    ['numpy'],
    [
      'float64',
      'float32',
      'float16',
      'int64',
      'int32',
      'int16',
      'int8',
      'uint64',
      'uint32',
      'uint16',
      'uint8',
    ],
    'elementType',
  ),
  ...product(['numpy'], ['bool', 'bool_'], 'elementType'),
  ...product(
    ['ml_dtypes', 'ml_dtypes._ml_dtypes_ext', 'jaxlib.xla_extension', 'jaxlib.xla_client'],
    ['bfloat16'],
    'elementType',
  ),
  ...product(
    ['haiku._src.data_structures'],
    ['FlatMapping', 'FlatMap', 'frozendict', 'to_haiku_dict', 'to_immutable_dict'],
    'mapping',
  ),
  ...product(['collections'], ['OrderedDict'], 'mapping'),
  ...product(['collections'], ['defaultdict'], 'defaultMapping'),
  ...product(builtins, ['dict'], 'mapping'),
  ...product(builtins, ['list', 'tuple'], 'sequence'),
  ...product(builtins, ['set', 'frozenset'], 'set'),
  ...product(builtins, ['bytes', 'bytearray'], 'bytes'),
  ...product(builtins, ['object'], 'object'),
  ...product(builtins, ['complex'], 'namedTuple'),
  ...product(['_codecs'], ['encode'], 'encode'),
  ...product(['copyreg', 'copy_reg'], ['_reconstructor'], 'copyReconstructor'),
]);

/** The role of a dotted name; undefined when it is not allowed. */
export const roleOf = (name: string): Role | undefined =>
  roles.get(name) ?? (/^optax(\.\w+)+$/.test(name) ? 'namedTuple' : undefined);
