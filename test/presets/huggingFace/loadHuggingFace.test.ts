/** Folders of Hugging Face's: one becomes a model that runs; what is wrong with another is said with its file. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import t from 'tap';
import { formatSafetensors, parseCheckpoint, writeCheckpoint } from '../../../lib/checkpoint/index.js';
import { engine } from '../../../lib/engine/index.js';
import type { Architecture } from '../../../presets/huggingFace/families.js';
import { loadHuggingFace, showHuggingFaceError } from '../../../presets/huggingFace/loadHuggingFace.js';
import { toHaikuNames, toHuggingFaceNames } from '../../../presets/huggingFace/trees.js';
import { tiny, weightsOf } from './weights.js';

const learned = 'PerceiverForImageClassificationLearned';

const bytesOfWeights = (architecture: Architecture): Uint8Array => {
  const formatted = formatSafetensors(weightsOf(tiny[architecture]));
  if (E.isLeft(formatted)) throw new Error('no file');
  return formatted.right;
};

/** A folder as transformers writes it. */
const folderOf = (
  directory: string,
  files: Readonly<Record<string, string | Uint8Array>> = {
    'config.json': JSON.stringify(tiny[learned].config),
    'model.safetensors': bytesOfWeights(learned),
  },
): string => {
  mkdirSync(directory, { recursive: true });
  for (const [name, contents] of Object.entries(files)) writeFileSync(join(directory, name), contents);
  return directory;
};

const said = async (directory: string, options = {}): Promise<string> => {
  const loaded = await loadHuggingFace(directory, options)();
  if (E.isRight(loaded)) throw new Error('it was loaded');
  return showHuggingFaceError(loaded.left);
};

const picture = { width: 6, height: 5, data: Uint8Array.from({ length: 120 }, (_, i) => (i * 37) % 256) };

t.before(() => engine());

t.test('a folder becomes a model that runs', async (t) => {
  const progress: number[] = [];
  const onProgress = (done: number, total: number) => void progress.push(done / total);
  const loaded = await loadHuggingFace(folderOf(t.testdir()), { onProgress })();
  t.ok(E.isRight(loaded), E.isLeft(loaded) ? showHuggingFaceError(loaded.left) : '');
  if (E.isLeft(loaded) || loaded.right.architecture !== learned) return t.fail();
  const { model, weights, ignored } = loaded.right;
  t.equal(progress.at(-1), 1);
  t.ok(ignored.includes('initializer_range'));
  const guesses = await model.run(weights, picture)();
  t.ok(E.isRight(guesses));
  if (E.isRight(guesses)) t.equal(guesses.right.length, 5);
});

t.test('shards are loaded as one file is', async (t) => {
  const directory = folderOf(t.testdir(), { 'config.json': JSON.stringify(tiny[learned].config) });
  const whole = parseCheckpoint(bytesOfWeights(learned));
  if (E.isLeft(whole)) throw new Error('no checkpoint');
  const written = await writeCheckpoint(join(directory, 'model.safetensors'), whole.right, {
    format: 'safetensors',
    separator: '.',
    shardSize: 200_000,
  })();
  t.ok(E.isRight(written) && written.right.files.length > 2);
  const [sharded, single] = await Promise.all([
    loadHuggingFace(directory)(),
    loadHuggingFace(folderOf(join(directory, 'single')))(),
  ]);
  t.ok(E.isRight(sharded) && E.isRight(single));
  if (E.isRight(sharded) && E.isRight(single)) t.same(sharded.right.weights, single.right.weights);
});

t.test('weights that were written here under their names are loaded again', async (t) => {
  const directory = folderOf(t.testdir());
  const read = parseCheckpoint(bytesOfWeights(learned));
  const back = pipe(read, E.chainW(toHaikuNames()), E.chainW(toHuggingFaceNames()));
  if (E.isLeft(back)) throw new Error('no names');
  await writeCheckpoint(join(directory, 'model.safetensors'), back.right, {
    format: 'safetensors',
    separator: '.',
    metadata: { format: 'pt' },
  })();
  t.ok(E.isRight(await loadHuggingFace(directory)()));
});

t.test('what is missing is said', async (t) => {
  const directory = t.testdir();
  t.match(await said(join(directory, 'nothing')), /nothing: has no weights: model\.safetensors/);
  const weights = { 'model.safetensors': bytesOfWeights(learned) };
  t.match(
    await said(folderOf(join(directory, 'a'), weights)),
    /config\.json: found no such file or directory, expected a file that can be read/,
  );
  const config = { 'config.json': JSON.stringify(tiny[learned].config) };
  t.match(await said(folderOf(join(directory, 'b'), config)), /b: has no weights: model\.safetensors, /);
});

t.test('a config that is none, or of another model, is said with its file', async (t) => {
  const directory = t.testdir();
  const weights = { 'model.safetensors': bytesOfWeights(learned) };
  const withConfig = (name: string, config: string) =>
    folderOf(join(directory, name), { ...weights, 'config.json': config });
  t.match(await said(withConfig('a', '{')), /config\.json: is not JSON: /);
  t.match(await said(withConfig('b', '{"d_modell": 3}')), /config\.json:\n {2}architectures: found nothing/);
  t.match(
    await said(withConfig('c', '{"d_modell": 3}'), { architecture: learned }),
    /config\.json:\n {2}d_modell: found 3, expected a key that is known; is it d_model\?/,
  );
  const flow = JSON.stringify(tiny.PerceiverForOpticalFlow.config);
  t.match(
    await said(withConfig('d', flow)),
    /names that no rule knows:\n {2}perceiver\.input_preprocessor\.convnet_1x1/,
  );
  const larger = JSON.stringify({ ...tiny[learned].config, num_latents: 7 });
  t.match(
    await said(withConfig('e', larger)),
    /of another shape:\n {2}perceiver_encoder.*pos_embs: found \[6, 16\], expected \[7, 16\]/,
  );
});

t.test('weights that are damaged are refused as they are without a folder', async (t) => {
  const directory = folderOf(t.testdir());
  writeFileSync(join(directory, 'model.safetensors'), bytesOfWeights(learned).subarray(0, 5000));
  t.match(await said(directory), /at byte /);
});
