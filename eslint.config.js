import tseslint from 'typescript-eslint';

export default tseslint.config(
  {
    ignores: [
      ...['dist/**', 'node_modules/**', '.tap/**', '.conformance/**', 'site-out/**', 'test/goldens/**'],
      'lib/engine/assembly/**',
    ],
  },
  ...tseslint.configs.recommended,
  {
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'max-lines': ['error', { max: 400, skipComments: true, skipBlankLines: true }],
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
      'no-restricted-imports': [
        'error',
        { name: 'fp-ts', message: 'It loads all of the library: import fp-ts/lib/Either.js and its like.' },
        { name: 'fast-check', message: 'Its examples differ each time: import test/property.js.' },
      ],
    },
  },
  { files: ['presets/**/labels.ts'], rules: { 'max-lines': 'off' } },
  { files: ['test/property.ts'], rules: { 'no-restricted-imports': 'off' } },
  { files: ['docs/examples/**'], rules: { 'no-restricted-imports': 'off' } },
  { files: ['*.config.js', '*.cjs', 'scripts/**'], rules: { 'no-restricted-exports': 'off' } },
);
