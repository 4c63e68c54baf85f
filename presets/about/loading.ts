/**
 * Instructions to load weights: in code, on the command line, in JAX, in PyTorch. A model gives its file and an input; the
 * rest of each instruction is here.
 */
import type { Loading } from '../../lib/docs/about.js';

/** A preset in code. */
interface InCode {
  /** The name of the preset's export from `renga/presets`. */
  readonly preset: string;
  /** Code for an input. */
  readonly input: string;
  /** Code for the part of `output`, the result of `run`, that is printed. */
  readonly shown: string;
}

/** A file that DeepMind published. */
interface PublishedFile extends InCode {
  readonly file: string;
  /** '804 MB' */
  readonly size: string;
}

/** A repository at Hugging Face. */
interface Repository {
  readonly repository: string;
  readonly note: string;
}

export const inCode = ({ preset, input, shown, file, size }: PublishedFile): Loading => ({
  by: 'renga',
  snippet: {
    language: 'ts',
    code: `import { either as E, taskEither as TE } from 'fp-ts';
import { pipe } from 'fp-ts/lib/function.js';
import { adopt, engine, showAdoptError } from 'renga';
import { readCheckpoint, showCheckpointError } from 'renga/checkpoint';
import { ${preset}, showInputError } from 'renga/presets';

await engine();
const model = ${preset}();
const input = ${input};

const output = await pipe(
  readCheckpoint('${file}'),
  TE.mapLeft(showCheckpointError),
  TE.chainEitherK((checkpoint) => E.mapLeft(showAdoptError)(adopt(model)(checkpoint))),
  TE.chain((weights) => TE.mapLeft(showInputError)(model.run(weights, input))),
)();
console.log(E.isRight(output) ? ${shown} : output.left);`,
  },
  note: `The file is ${size} and can be fetched by \`npx renga download\`, or in code by \`download(model.card.checkpoint!.url)\` of \`renga/download\`. Reading it runs no code that it holds; every name and shape is checked, and all problems come at once.`,
});

/** A preset in code, with weights of the package. */
export const inPackage = ({ preset, input, shown }: InCode): Loading => ({
  by: 'renga',
  snippet: {
    language: 'ts',
    code: `import { either as E, taskEither as TE } from 'fp-ts';
import { pipe } from 'fp-ts/lib/function.js';
import { adopt, engine, showAdoptError } from 'renga';
import { readCheckpoint, showCheckpointError } from 'renga/checkpoint';
import { download, showDownloadError } from 'renga/download';
import { ${preset}, showInputError } from 'renga/presets';

await engine();
const model = ${preset}();
const input = ${input};

const output = await pipe(
  download(model.card.checkpoint!.url),
  TE.mapLeft(showDownloadError),
  TE.chain(({ path }) => TE.mapLeft(showCheckpointError)(readCheckpoint(path))),
  TE.chainEitherK((checkpoint) => E.mapLeft(showAdoptError)(adopt(model)(checkpoint))),
  TE.chain((weights) => TE.mapLeft(showInputError)(model.run(weights, input))),
)();
console.log(E.isRight(output) ? ${shown} : output.left);`,
  },
  note: "The weights come in the package; `download` of an address inside it is the file's path, and nothing is fetched. In a page, fetch the same address and give the bytes to `parseCheckpoint`.",
});

export const onCommandLine = (commands: readonly string[], note?: string): Loading => ({
  by: 'the command line',
  snippet: { language: 'sh', code: commands.join('\n') },
  note,
});

/** A model in JAX with Haiku, as in DeepMind's colabs. */
export const inHaiku = (
  file: string,
  { hasState = false, apply }: { hasState?: boolean; apply: string },
): Loading => ({
  by: 'JAX (Haiku)',
  snippet: {
    language: 'python',
    code: `import pickle

import jax

with open('${file}', 'rb') as file:
    ${hasState ? 'checkpoint = pickle.load(file)' : 'params = pickle.load(file)'}
${hasState ? "params, state = checkpoint['params'], checkpoint['state']\n" : ''}
${apply}`,
  },
  note: `\`pickle.load\` runs whatever a file tells it to: load only what you trust. dm-haiku has to be installed, for its mappings. Where a newer JAX stops with "No module named 'jax._src.device_array'", \`npx renga convert ${file} new.pickle\` writes the same arrays as NumPy's. The network is a function of DeepMind's colab, in deepmind-research/perceiver/colabs.`,
});

/** A model in PyTorch with transformers. */
export const inTransformers = (code: string, { note }: Pick<Repository, 'note'>): Loading => ({
  by: 'PyTorch (transformers)',
  snippet: { language: 'python', code },
  note,
});

/** Files of Hugging Face, read by this library. */
export const fromHuggingFace = ({ repository, note }: Repository): Loading => ({
  by: "renga, from Hugging Face's files",
  snippet: {
    language: 'ts',
    code: `import { either as E, taskEither as TE } from 'fp-ts';
import { pipe } from 'fp-ts/lib/function.js';
import { downloadRepository, showDownloadError } from 'renga/download';
import { loadHuggingFace, showHuggingFaceError } from 'renga/presets';

const loaded = await pipe(
  downloadRepository('${repository}'),
  TE.mapLeft(showDownloadError),
  TE.chain(({ folder }) => TE.mapLeft(showHuggingFaceError)(loadHuggingFace(folder))),
)();
if (E.isLeft(loaded)) console.log(loaded.left);
else console.log(loaded.right.architecture, loaded.right.ignored); // keys that change nothing of the outputs`,
  },
  note,
});

/** A preset whose parameters nobody published: they begin by seed. */
export const fromSeed = (preset: string): readonly Loading[] => [
  {
    by: 'renga',
    snippet: {
      language: 'ts',
      code: `import { key } from 'renga';
import { ${preset} } from 'renga/presets';

const { params } = ${preset}().init(key(42)); // untrained, as nobody published trained ones
console.log(Object.keys(params).length);`,
    },
    note: 'No parameters were published: it starts from parameters by seed.',
  },
];
