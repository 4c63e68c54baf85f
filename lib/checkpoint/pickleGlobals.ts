/**
 * Names of classes and functions in pickles. Known names, which checkpoints of JAX, NumPy 1 and 2, Haiku, Flax, optax,
 * dill, joblib and ml_dtypes have, stand for data that `pickleCalls` makes. Forbidden names are those of code that acts
 * on a machine: no checkpoint needs them, and a file that has one is refused. All other names become inert placeholders.
 * Nothing is ever imported or called.
 */

export type Role =
  | 'ndarray'
  | 'reconstruct'
  | 'scalar'
  | 'fromBuffer'
  | 'jaxArray'
  | 'dillArray'
  | 'joblibArray'
  | 'keyArray'
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
  ...product(['dill._dill', 'dill.dill'], ['_create_array'], 'dillArray'),
  ...product(['joblib.numpy_pickle'], ['NumpyArrayWrapper'], 'joblibArray'),
  ...product(['jax._src.prng', 'jax._src.random.prng'], ['PRNGKeyArray', 'PRNGKeyArrayImpl'], 'keyArray'),
  ...product(['flax.core.frozen_dict'], ['FrozenDict'], 'mapping'),
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

/** Modules of Python whose functions act on the machine, or run, load or look up code. */
const forbidden = new Set(
  (
    'os posix nt posixpath ntpath sys subprocess _posixsubprocess shutil pty commands popen2 platform signal ' +
    'importlib imp runpy pkgutil zipimport code codeop compileall py_compile pdb bdb trace profile cProfile timeit ' +
    'ctypes _ctypes cffi mmap socket _socket ssl select asyncio multiprocessing threading _thread concurrent ' +
    'builtins __builtin__ types inspect gc operator _operator functools _functools itertools marshal pickle _pickle ' +
    'cPickle dill cloudpickle shelve copyreg copy_reg _codecs codecs io _io tempfile glob fileinput linecache ' +
    'webbrowser urllib urllib2 http httplib ftplib smtplib telnetlib xmlrpc requests aiohttp httpx ' +
    'pip setuptools distutils site venv doctest unittest test idlelib tkinter torch.hub torch.utils torch._inductor ' +
    'numpy.testing numpy.f2py numpy.distutils'
  ).split(' '),
);

/** Names of those modules that stand for plain values: as placeholders they are as inert as any other. */
const plain = new Set([
  'types.SimpleNamespace',
  'functools.partial',
  ...builtins.flatMap((module) =>
    'range xrange slice Ellipsis NotImplemented int float str bool'
      .split(' ')
      .map((name) => `${module}.${name}`),
  ),
]);

/** True if a dotted name is that of code that acts on a machine. */
export const isForbidden = (name: string): boolean => {
  if (plain.has(name)) return false;
  const parts = name.split('.');
  return forbidden.has(parts[0]) || forbidden.has(parts.slice(0, 2).join('.'));
};
