/** Imports go one way: presets -> modules -> lib; the language knows no engine and no format. */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'lib-knows-no-layer',
      severity: 'error',
      from: { path: '^lib/' },
      to: { path: '^(modules|presets|cli|site|test)/' },
    },
    {
      name: 'modules-know-no-preset',
      severity: 'error',
      from: { path: '^modules/' },
      to: { path: '^(presets|cli|site|test)/' },
    },
    {
      name: 'modules-know-no-format',
      severity: 'error',
      from: { path: '^modules/' },
      to: { path: '^lib/checkpoint/' },
    },
    {
      name: 'presets-know-no-cli',
      severity: 'error',
      from: { path: '^presets/' },
      to: { path: '^(cli|site|test)/' },
    },
    {
      name: 'commands-know-no-site',
      severity: 'error',
      from: { path: '^cli/' },
      to: { path: '^(site|test)/' },
    },
    {
      name: 'language-knows-no-format',
      severity: 'error',
      from: { path: '^lib/[a-zA-Z]+\\.ts$', pathNot: '^lib/index\\.ts$' },
      to: { path: '^lib/checkpoint/' },
    },
    {
      name: 'formats-know-no-language',
      severity: 'error',
      from: { path: '^lib/checkpoint/' },
      to: { path: '^lib/(scope|module|transform|engine)' },
    },
    {
      name: 'engines-know-no-language',
      severity: 'error',
      from: { path: '^lib/engine/' },
      to: { path: '^lib/(scope|module|transform|checkpoint)' },
    },
    {
      name: 'downloads-know-no-language',
      severity: 'error',
      from: { path: '^lib/download/' },
      to: { path: '^lib/(?!download/|checkpoint/)' },
    },
    {
      name: 'what-pages-bundle-knows-no-download',
      severity: 'error',
      from: { path: '^(lib/(?!download/)|modules|presets)' },
      to: { path: '^lib/download/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^lib/engine/assembly/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
  },
};
