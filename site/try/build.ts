/**
 * Makes the folder of the pages that run: scripts, style, tfjs's binaries, the trained models, and digits to train on.
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
import { trainingDigits } from '../../presets/digits/recipe/training.js';
import { heldOutDigits } from '../../presets/digits/verify.js';
import { words } from '../../presets/words/preset.js';
import { readExamples } from './examples.js';
import { files } from './files.js';
import { plainShell, type Shell, tryPage } from './page.js';
import { trainPage } from './training/page.js';

/** Compiled into dist; the style stays beside the source. */
const style = fileURLToPath(new URL('../../../site/try/style.css', import.meta.url));
const program = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Pages' scripts and the worker; modules that several of them use are in files of their own. */
const programs = {
  try: program('./main.js'),
  train: program('./training/main.js'),
  worker: program('./training/worker.js'),
};

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
    entryPoints: programs,
    outdir: out,
    bundle: true,
    splitting: true,
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
 * Builds the pages into a folder, which is made where it is missing: `index.html`, `train.html` and all that they fetch.
 * @param shell  puts the frame around a page; a plain one if not given
 */
export const buildTry = async (out: string, shell: Shell = plainShell): Promise<void> => {
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
    cp(fileURLToPath(trainingDigits), join(out, files.training)),
    cp(fileURLToPath(heldOutDigits), join(out, files.heldOut)),
    ...[tryPage, trainPage].map((page) => writeFile(join(out, page.file), shell(page))),
  ]);
};
