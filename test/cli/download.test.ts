/** `renga download`, and `published` and `hf:` where a checkpoint is asked for. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as E from 'fp-ts/lib/Either.js';
import t from 'tap';
import { locate } from '../../cli/locate.js';
import { formatCheckpoint, writeNpz } from '../../lib/checkpoint/index.js';
import { engine } from '../../lib/engine/index.js';
import { key } from '../../lib/random/index.js';
import type { AnyModel } from '../../presets/preset.js';
import { fromHuggingFace } from '../../presets/huggingFace/fromHuggingFace.js';
import { toHuggingFaceNames } from '../../presets/huggingFace/trees.js';
import { digits, language } from '../../presets/index.js';
import { bytesOf, startHub } from '../lib/download/hub.js';
import { file, serve, status } from '../lib/download/server.js';
import { complaintOf, outputOf, rengaBeside, rengaInTurn } from './run.js';

const shipped = fileURLToPath(digits().card.checkpoint?.url as URL);

const right = <L, A>(result: E.Either<L, A>): A => {
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left));
  return result.right;
};

/** The language model at a size that is computed in no time. */
const small = {
  maxLength: 16,
  modelChannels: 16,
  encoder: {
    numLatents: 4,
    numLatentChannels: 16,
    numSelfAttendsPerBlock: 1,
    numSelfAttendHeads: 2,
    numCrossAttendHeads: 2,
    qkChannels: 16,
    vChannels: 16,
  },
  decoder: { position: { kind: 'trainable', numChannels: 16 }, numHeads: 2, qkChannels: 16, vChannels: 16 },
} as const;

await engine();

t.test('download fetches what the authors published, once', async (t) => {
  const folder = t.testdir({});
  const bytes = readFileSync(shipped);
  const server = await serve(t, file(bytes));
  const env = { RENGA_CACHE: join(folder, 'cache'), RENGA_MIRROR: server.address };
  const host = encodeURIComponent(new URL(server.address).host);
  const path = join(folder, 'cache', host, 'optical_flow_checkpoint.pystate');
  const first = outputOf(await rengaBeside(folder, env, 'download', 'flow'));
  t.equal(
    first,
    `${path}: 222.3 kB, fetched\nlicense: not known; it is from ${server.address}/optical_flow_checkpoint.pystate\n`,
  );
  t.ok(readFileSync(path).equals(bytes));
  t.equal(server.asked[0].path, '/optical_flow_checkpoint.pystate');
  const second = JSON.parse(
    outputOf(await rengaBeside(folder, env, 'download', 'flow', '--offline', '--json')),
  );
  t.match(second, { preset: 'flow', path, from: 'cache', bytes: bytes.length });
  t.equal(server.asked.length, 1);
  const listed = outputOf(await rengaBeside(folder, env, 'cache', '--verify'));
  t.match(listed, `${path}: 222.3 kB, sound, sha256 `);
});

t.test('--checkpoint published is fetched before it is read', async (t) => {
  const folder = t.testdir({ 'small.json': JSON.stringify(small) });
  const npz = join(folder, 'small.npz');
  await writeNpz(npz, language(small).init(key(7)))();
  const server = await serve(t, file(readFileSync(npz)));
  const env = { RENGA_CACHE: join(folder, 'cache'), RENGA_MIRROR: server.address };
  const args = ['fill-mask', 'a sm_ll p___t', '--preset', 'language', '--config', 'small.json'];
  const bySeed = outputOf(await rengaBeside(folder, env, ...args, '--seed', '7'));
  t.equal(outputOf(await rengaBeside(folder, env, ...args, '--checkpoint', 'published')), bySeed);
  t.equal(server.asked.length, 1);
});

t.test('a repository of a hub is fetched by its name', async (t) => {
  const folder = t.testdir({});
  const hub = await startHub(t, { 'config.json': bytesOf('{}'), 'model.safetensors': bytesOf('{}') });
  const env = { RENGA_CACHE: join(folder, 'cache'), HF_ENDPOINT: hub.address };
  const said = outputOf(await rengaBeside(folder, env, 'download', 'hf:owner/name', '--revision', 'main'));
  t.match(
    said,
    /model\.safetensors: 2 B, fetched, sha256 [0-9a-f]{64}\n.*config\.json: 2 B, fetched, git-sha1/,
  );
});

t.test('--checkpoint hf:owner/name: from a hub to an answer', async (t) => {
  const config = {
    architectures: ['PerceiverForMaskedLM'],
    model_type: 'perceiver',
    max_position_embeddings: 16,
    d_model: 16,
    num_latents: 4,
    d_latents: 16,
    num_self_attends_per_block: 1,
    qk_channels: 16,
    v_channels: 16,
  };
  const folder = t.testdir({ 'config.json': JSON.stringify(config) });
  const made = right(fromHuggingFace(config));
  const weights = right(toHuggingFaceNames()((made.model as AnyModel).init(key(7))));
  const bytes = right(formatCheckpoint(weights, { format: 'safetensors', separator: '.' }));
  const hub = await startHub(t, {
    'config.json': bytesOf(JSON.stringify(config)),
    'model.safetensors': bytes,
  });
  const env = { RENGA_CACHE: join(folder, 'cache'), HF_ENDPOINT: hub.address };
  const args = ['fill-mask', 'a sm_ll p___t', '--preset', 'language', '--config', 'config.json'];
  const inTurn = rengaInTurn(t, folder, env);
  const bySeed = outputOf(await rengaBeside(folder, env, ...args, '--seed', '7'));
  t.equal(outputOf(await rengaBeside(folder, env, ...args, '--checkpoint', 'hf:owner/name')), bySeed);
  t.match(
    complaintOf(await inTurn(...args.slice(0, 4), '--checkpoint', 'hf:owner/name', '--offline')),
    /model\.safetensors does not fit language:\n[^]*\nthe config beside it says its size: --config .*config\.json$/,
  );
  t.match(
    complaintOf(await inTurn('classify', 'a.png', '--config', 'config.json')),
    /architectures: found "PerceiverForMaskedLM", expected a class that is imagenet-conv/,
  );
});

t.test('what cannot be fetched is said with its address and what to do', async (t) => {
  const folder = t.testdir({});
  const server = await serve(t, status(404));
  const env = { RENGA_CACHE: join(folder, 'cache'), RENGA_MIRROR: server.address };
  const inTurn = rengaInTurn(t, folder, env);
  const complaint = async (...args: string[]) => complaintOf(await inTurn(...args));
  t.match(
    await complaint('download', 'flow'),
    /^http:\/\/127\.0\.0\.1:\d+\/optical_flow_checkpoint\.pystate: the server answered 404 \(not found\)\nif other means .*put the file at .*optical_flow_checkpoint\.pystate$/,
  );
  t.match(
    await complaint('download', 'flow', '--revision', 'main'),
    /^--revision says nothing about a preset$/,
  );
  t.match(await complaint('inspect', 'hf:owner/name', '--offline'), /not in the cache, and offline mode/);
});

t.test('what is meant by what is written', async (t) => {
  const cache = t.testdir({});
  const offline = { cache, isOffline: true, endpoint: 'https://hub.example' };
  const where = (reference: string) => locate(reference, undefined, offline);
  t.equal(await where('./published'), './published');
  t.equal(await where('published.npz'), 'published.npz');
  t.equal(await where('published:digits'), shipped);
  t.equal(await locate('published', digits().card, offline), shipped);
  await t.rejects(where('published'), { message: /^'published' of which preset\? published:PRESET/ });
  await t.rejects(where('published:x'), { message: /^no preset 'x'; there are / });
  await t.rejects(where('published:starcraft'), { message: /^nobody published parameters of starcraft/ });
  await t.rejects(where('published:language'), {
    message:
      /^https:\/\/storage\.googleapis\.com\/perceiver_io\/language_perceiver_io_bytes\.pickle is not in the cache/,
  });
  await t.rejects(where('hf:name'), { message: "found 'name', expected a repository, owner/name" });
  await t.rejects(where('hf:owner/name'), { message: /^https:\/\/hub\.example\/owner\/name\/resolve\/main/ });
});
