/**
 * Imports go one way. Each folder is listed with the folders that it may import; everything else is an error.
 */
const folders = {
  'lib/data': [],
  'lib/random': ['lib/data'],
  'lib/files': ['lib/data'],
  'lib/media': ['lib/data', 'lib/files'],
  'lib/checkpoint': ['lib/data', 'lib/files'],
  'lib/download': ['lib/data', 'lib/files', 'lib/checkpoint'],
  'lib/engine': ['lib/data', 'lib/random'],
  'lib/language': ['lib/data', 'lib/random', 'lib/engine'],
  'lib/graph': ['lib/data', 'lib/random', 'lib/engine', 'lib/language'],
  'lib/onnx': ['lib/data', 'lib/files', 'lib/engine', 'lib/language', 'lib/graph'],
  'lib/stablehlo': ['lib/data', 'lib/files', 'lib/engine', 'lib/language', 'lib/graph'],
  'lib/run': ['lib/data', 'lib/random', 'lib/files', 'lib/engine', 'lib/language', 'lib/graph', 'lib/onnx'],
  'lib/train': [
    'lib/data',
    'lib/random',
    'lib/files',
    'lib/media',
    'lib/checkpoint',
    'lib/engine',
    'lib/language',
  ],
  'lib/docs': ['lib/data', 'lib/language', 'lib/graph'],
  modules: ['lib/data', 'lib/random', 'lib/engine', 'lib/language'],
  presets: ['lib/(?!download)', 'modules'],
  cli: ['lib', 'modules', 'presets'],
  site: ['lib', 'modules', 'presets', 'cli'],
  bench: ['lib', 'modules', 'presets', 'cli', 'test'],
};

const rules = Object.entries(folders).map(([folder, mayImport]) => ({
  name: `${folder.replace('/', '-')}-imports-only-what-is-listed`,
  severity: 'error',
  from: { path: `^${folder}/` },
  to: {
    path: '^(lib|modules|presets|cli|site|bench|test)/',
    pathNot: `^(${[folder, ...mayImport].join('|')})`,
  },
}));

/** The engine is known to other folders by its index alone. */
const engineByIndex = {
  name: 'engine-by-its-index',
  severity: 'error',
  from: { pathNot: '^(lib/engine|test)/' },
  to: { path: '^lib/engine/', pathNot: '^lib/engine/index\\.ts$' },
};

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    engineByIndex,
    ...rules,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^lib/engine/assembly/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
  },
};
