/** `renga convert` and names: Hugging Face's and Haiku's, both ways, and rules of a user's own. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import t from 'tap';
import { bytesOf } from '../../lib/data/array.js';
import { type Checkpoint, parseCheckpoint } from '../../lib/checkpoint/index.js';
import { flatten } from '../../lib/data/tree.js';
import { fromHuggingFace } from '../../presets/index.js';
import { root } from '../project.js';
import { renga, rengaInTurn } from './run.js';

const original = join(root, 'test/goldens/hf/language.safetensors');
const digits = join(root, 'presets/digits/digits.pystate');

const read = (path: string): Checkpoint => {
  const parsed = parseCheckpoint(new Uint8Array(readFileSync(path)));
  if (E.isLeft(parsed)) throw new Error(JSON.stringify(parsed.left));
  return parsed.right;
};

t.test("Hugging Face's file becomes Haiku's and goes back as it was", async (t) => {
  const folder = t.testdir({});
  const there = renga(folder, 'convert', original, 'language.pickle', '--to', 'haiku');
  t.equal(there.status, 0, there.stderr);
  t.ok(
    'perceiver_encoder/~/self_attention_1/attention/linear_2' in read(join(folder, 'language.pickle')).params,
  );
  const back = renga(folder, 'convert', 'language.pickle', 'model.safetensors', '--to', 'huggingface');
  t.equal(back.status, 0, back.stderr);
  const [first, second] = [original, join(folder, 'model.safetensors')].map(read);
  t.equal(second.metadata.format, 'pt', 'transformers asks for it');
  const found = new Map(flatten(second.params));
  for (const [path, { shape, data }] of flatten(first.params)) {
    t.same(found.get(path)?.shape, shape, path);
    t.ok(Buffer.from(bytesOf(data)).equals(bytesOf(found.get(path)?.data ?? new Uint8Array())), path);
  }
  t.equal(found.size, flatten(first.params).length);
});

t.test('a dry run shows every name and writes nothing', async (t) => {
  const folder = t.testdir({});
  const { status, stdout } = renga(folder, 'convert', original, 'x.npz', '--to', 'haiku', '--dry-run');
  t.equal(status, 0);
  t.match(stdout, /^embedding_decoder\.bias +-> params\/embedding_decoder\/bias$/m);
  t.match(stdout, /attention\.self\.query\.weight +-> params\/.*\/attention\/linear\/w {2}\(transposed\)$/m);
  t.equal(stdout.trim().split('\n').length, 73);
  t.notOk(existsSync(join(folder, 'x.npz')));
});

t.test('rules come before the table, and both are shown', async (t) => {
  const rename = ['--rename', 'perceiver_encoder/{rest...}=perceiver_encoder/{rest}'];
  const { status, stdout } = renga(
    root,
    'convert',
    digits,
    'x.npz',
    ...rename,
    '--to',
    'huggingface',
    '--dry-run',
    '--json',
  );
  t.equal(status, 0);
  const { renamed, translated } = JSON.parse(stdout) as Record<string, { from: string; to: string }[]>;
  t.equal(renamed.length, translated.length);
  t.match(translated[0], { from: `params/${renamed[0].to}`, to: /^perceiver\./ });
});

const refusals: readonly (readonly [what: string, args: readonly string[], message: RegExp])[] = [
  [
    'names that are right already',
    [original, 'x.npz', '--to', 'huggingface'],
    /has Hugging Face's names already/,
  ],
  ['names that are right already', [digits, 'x.npz', '--to', 'haiku'], /has Haiku's names already/],
  ['a dry run of nothing', [digits, 'x.npz', '--dry-run'], /neither is given/],
  [
    'a rule that nothing follows',
    [digits, 'x.npz', '--rename', 'a/{b}=c/{b}'],
    /a\/\{b\}=c\/\{b\}: no path follows it/,
  ],
  ['a rule that is none', [digits, 'x.npz', '--rename', 'a/b'], /a\/b: expected FROM = TO/],
  [
    'names of nobody',
    [digits, 'x.npz', '--rename', '{m...}/w=other/{m}/w', '--to', 'huggingface'],
    /names that no rule knows/,
  ],
];

const empty = t.testdir({});
const inTurn = rengaInTurn(t, empty);
for (const [what, args, message] of refusals) {
  t.test(`${what}: one clear message, and no file`, async (t) => {
    const { status, stderr } = await inTurn('convert', ...args);
    t.ok(status === 1 || status === 2);
    t.match(stderr, message);
    t.notOk(existsSync(join(empty, 'x.npz')));
  });
}

t.test('a folder for from_pretrained: weights, and the config that says their model', async (t) => {
  const given = JSON.parse(readFileSync(join(root, 'test/goldens/hf/language.config.json'), 'utf8'));
  const architectures = ['PerceiverForMaskedLM'];
  const folder = t.testdir({ hub: {}, 'config.json': JSON.stringify({ ...given, architectures }) });
  const config = join(folder, 'config.json');
  const hub = [
    '--to',
    'huggingface',
    '--preset',
    'language',
    '--config',
    config,
    '--hf-config',
    'hub/config.json',
  ];
  t.equal(renga(folder, 'convert', original, 'language.pickle', '--to', 'haiku').status, 0);
  const { status, stderr, stdout } = renga(
    folder,
    'convert',
    'language.pickle',
    'hub/model.safetensors',
    ...hub,
  );
  t.equal(status, 0, stderr);
  t.match(stdout, /^hub\/config\.json: for PerceiverForMaskedLM$/m);
  const models = [config, join(folder, 'hub/config.json')].map((path) =>
    fromHuggingFace(JSON.parse(readFileSync(path, 'utf8'))),
  );
  if (!models.every(E.isRight)) return t.fail(JSON.stringify(models));
  t.same(models[1].right.model.config, models[0].right.model.config);
  t.equal(models[1].right.architecture, 'PerceiverForMaskedLM');
  const again = renga(folder, 'convert', 'hub/model.safetensors', 'back.pickle', '--to', 'haiku');
  t.equal(again.status, 0, again.stderr);
  const refused = renga(folder, 'convert', 'language.pickle', 'x.safetensors', '--hf-config', 'x.json');
  t.match(refused.stderr, /^renga: --hf-config needs --to huggingface and --preset$/m);
  t.notOk(existsSync(join(folder, 'x.safetensors')));
});
