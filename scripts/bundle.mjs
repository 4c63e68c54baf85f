/**
 * Bundles the compiled command line, with the packages that nearly every command loads, into a few files of
 * dist/cli/bundle: `renga` starts in half the time. Modules of one command are loaded by that command alone, as before.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { build } from 'esbuild';

/** The packages in the bundle, with all that they import; others are imported from where npm put them. */
const bundled = [
  ...['@bufbuild/protobuf', '@tensorflow/tfjs-backend-cpu', '@tensorflow/tfjs-backend-wasm'],
  ...['@tensorflow/tfjs-core', 'commander', 'env-paths', 'fflate', 'flatbuffers', 'fp-ts', 'fzstd', 'io-ts'],
];

const isBundled = (name) => bundled.some((each) => name === each || name.startsWith(`${each}/`));

/** The names that Node gives to modules in CommonJS; tfjs's asks for them. Files may have names like those without $. */
const commonJs = [
  "import{createRequire as $createRequire}from'node:module';import{fileURLToPath as $fileURLToPath,URL as $URL}from'node:url';",
  "const require=$createRequire(import.meta.url),__dirname=$fileURLToPath(new $URL('.',import.meta.url));",
].join('');

/** Each module keeps its own address, so that it finds the data files beside it. */
const addresses = (out) => ({
  name: 'addresses-of-modules',
  setup: ({ onLoad, onResolve }) => {
    // What bundled packages import themselves is bundled, too: it may not be found from here.
    onResolve({ filter: /^[^./]/ }, ({ path, kind, importer }) =>
      kind === 'entry-point' || isBundled(path) || importer.includes('node_modules')
        ? undefined
        : { path, external: true },
    );
    onLoad({ filter: /[\\/]dist[\\/](cli|lib|modules|presets)[\\/].*\.js$/ }, ({ path }) => {
      const address = JSON.stringify(relative(out, path).split(sep).join('/'));
      const contents = readFileSync(path, 'utf8');
      return {
        contents: contents.replaceAll('import.meta.url', `new URL(${address}, import.meta.url).href`),
      };
    });
  },
});

/** Puts the bundle into dist, which has the compiled modules. */
export const bundle = async (dist) => {
  const out = join(dist, 'cli', 'bundle');
  rmSync(out, { recursive: true, force: true });
  await build({
    entryPoints: [join(dist, 'cli', 'renga.js')],
    outdir: out,
    bundle: true,
    splitting: true,
    minifyWhitespace: true,
    minifySyntax: true,
    format: 'esm',
    target: 'node20',
    platform: 'node',
    mainFields: ['module', 'main'],
    banner: { js: commonJs },
    chunkNames: '[name]-[hash]',
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [addresses(out)],
  });
};
