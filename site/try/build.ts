/**
 * Makes the page's folder: its script in one file, its style, tfjs's binaries, and the trained models.
 */
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import * as E from 'fp-ts/lib/Either.js';
import {
  castLater,
  type CheckpointError,
  readCheckpoint,
  showCheckpointError,
  writeCheckpoint,
} from '../../lib/checkpoint/index.js';
import { digits } from '../../presets/digits/preset.js';
import { words } from '../../presets/words/preset.js';
import { readExamples } from './examples.js';
import { files } from './files.js';
import { type Shell, tryPage } from './page.js';

/** Compiled into dist; the style stays beside the source. */
const style = fileURLToPath(new URL('../../../site/try/style.css', import.meta.url));
const entry = fileURLToPath(new URL('./main.js', import.meta.url));

const binaries = ['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm'];

const rightOf = <A>(either: E.Either<CheckpointError, A>): A => {
  if (E.isLeft(either)) throw new Error(showCheckpointError(either.left));
  return either.right;
};

/** The file of a model whose weights are in the package. */
const checkpointFile = ({
  card,
}: {
  readonly card: { readonly checkpoint?: { readonly url: URL } };
}): string => fileURLToPath(card.checkpoint?.url as URL);

const bundle = (out: string): Promise<unknown> =>
  build({
    entryPoints: { try: entry },
    outdir: out,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    legalComments: 'none',
    logLevel: 'warning',
  });

/** The language model in half the bytes: each parameter as the nearest float16. */
const writeWords = async (path: string): Promise<void> => {
  const { params } = rightOf(await readCheckpoint(checkpointFile(words()))());
  rightOf(await writeCheckpoint(path, { params: castLater(params, 'float16') }, { format: 'safetensors' })());
};

/**
 * Builds the page into a folder, which is made where it is missing: `index.html` and all that it fetches.
 * @param shell  what is put around the page; a plain one if not given
 */
export const buildTry = async (out: string, shell?: Shell): Promise<void> => {
  await mkdir(out, { recursive: true });
  const installed = createRequire(import.meta.url)
    .resolve('@tensorflow/tfjs-backend-wasm')
    .replace(/[^\\/]*$/, '');
  await Promise.all([
    bundle(out),
    cp(style, join(out, 'try.css')),
    ...binaries.map((name) => cp(join(installed, name), join(out, name))),
    cp(checkpointFile(digits()), join(out, files.digits)),
    writeWords(join(out, files.words)),
    readExamples().then((examples) => writeFile(join(out, files.examples), JSON.stringify(examples))),
    writeFile(join(out, 'index.html'), tryPage(shell)),
  ]);
};
