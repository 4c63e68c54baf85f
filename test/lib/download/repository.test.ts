/** Repositories of model hubs: one commit's files, checked; the token for the hub and for nobody else. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import t from 'tap';
import {
  downloadRepository,
  type Repository,
  type RepositoryOptions,
  showDownloadError,
} from '../../../lib/download/index.js';
import { bytesOf, type Hub, sha256, startHub } from './hub.js';
import { cut, file, inTurn, onReached, status } from './server.js';

for (const name of [
  'HF_TOKEN',
  'HF_ENDPOINT',
  'HF_HUB_OFFLINE',
  'RENGA_OFFLINE',
  'RENGA_REVISION',
  'RENGA_MIRROR',
])
  delete process.env[name];

const weights = Uint8Array.from({ length: 50_000 }, (_, i) => i % 251);
const config = bytesOf('{"model_type":"perceiver"}');

const run = (hub: Hub, cache: string, options: RepositoryOptions = {}, name = 'owner/name') =>
  downloadRepository(name, {
    cache,
    endpoint: hub.address,
    pauseMs: 1,
    retries: 2,
    onProgress: onReached,
    ...options,
  })();

const right = <A>(result: E.Either<Parameters<typeof showDownloadError>[0], A>): A => {
  if (E.isLeft(result)) throw new Error(showDownloadError(result.left));
  return result.right;
};

const told = (result: E.Either<Parameters<typeof showDownloadError>[0], Repository>): string =>
  E.isLeft(result) ? showDownloadError(result.left) : 'right';

const withToken = async <A>(token: string, work: () => Promise<A>): Promise<A> => {
  process.env.HF_TOKEN = token;
  try {
    return await work();
  } finally {
    delete process.env.HF_TOKEN;
  }
};

t.test('weights and config of one commit, checked by what the hub says of them', async (t) => {
  const hub = await startHub(t, { 'config.json': config, 'model.safetensors': weights });
  const cache = t.testdir({});
  const found = right(await run(hub, cache));
  t.match(found, {
    commit: hub.commit,
    weights: { from: 'network', bytes: 50_000, digest: { algorithm: 'sha256', hex: sha256(weights) } },
    config: { from: 'network', digest: { algorithm: 'git-sha1' } },
    shards: [],
  });
  t.ok(readFileSync(found.weights.path).equals(weights));
  t.ok(readFileSync(found.config!.path).equals(config));
  t.strictSame(
    hub.asked.map(({ method, path }) => `${method} ${path}`),
    [
      'HEAD /owner/name/resolve/main/config.json',
      `GET /owner/name/resolve/${hub.commit}/config.json`,
      `GET /owner/name/resolve/${hub.commit}/model.safetensors`,
    ],
  );
  t.match(right(await run(hub, cache, { isOffline: true })), { weights: { from: 'cache' } });
  t.equal(hub.asked.length, 3, 'nothing is asked again');
});

t.test('a branch stays where it was until it is asked for anew', async (t) => {
  const hub = await startHub(t, { 'config.json': config, 'model.safetensors': weights });
  const cache = t.testdir({});
  const { commit: first } = right(await run(hub, cache));
  hub.commit = 'b'.repeat(40);
  t.equal(right(await run(hub, cache)).commit, first);
  const renewed = right(await run(hub, cache, { isRefreshed: true }));
  t.match(renewed, { commit: hub.commit, weights: { from: 'network' } });
  t.match(right(await run(hub, cache, { isRefreshed: true })), { weights: { from: 'cache' } });
  t.equal(right(await run(hub, cache, {}, `owner/name@${first}`)).commit, first, 'by its commit');
});

t.test('other revisions, by option, by name, by environment', async (t) => {
  const hub = await startHub(t, { 'config.json': config, 'model.safetensors': weights });
  const cache = t.testdir({});
  right(await run(hub, cache, { revision: 'refs/pr/1' }));
  t.equal(hub.asked[0].path, '/owner/name/resolve/refs%2Fpr%2F1/config.json');
  right(await run(hub, t.testdir({}), {}, 'owner/name@refs/pr/1'));
  t.equal(hub.asked[3].path, '/owner/name/resolve/refs%2Fpr%2F1/config.json');
  t.match(
    told(await run(hub, cache, { revision: 'v9' })),
    /404 \(not found\); the repository has no such revision/,
  );
  process.env.RENGA_REVISION = 'v8';
  t.teardown(() => delete process.env.RENGA_REVISION);
  t.match(told(await run(hub, cache)), /resolve\/v8\/config\.json: .* no such revision/);
});

t.test('weights over several files come with their index', async (t) => {
  const [a, b] = [weights, weights.map((byte) => byte ^ 1)];
  const [nameA, nameB] = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
  const index = bytesOf(JSON.stringify({ metadata: {}, weight_map: { x: nameA, y: nameB, z: nameA } }));
  const hub = await startHub(t, { 'model.safetensors.index.json': index, [nameA]: a, [nameB]: b });
  const cache = t.testdir({});
  const found = right(await run(hub, cache));
  t.equal(found.config, undefined);
  t.match(found.weights.path, /model\.safetensors\.index\.json$/);
  t.equal(found.shards.length, 2);
  t.ok(readFileSync(found.shards[0].path).equals(a) && readFileSync(found.shards[1].path).equals(b));
  const { length } = hub.asked;
  t.match(right(await run(hub, cache, { isOffline: true })).shards, [{ from: 'cache' }, { from: 'cache' }]);
  t.equal(hub.asked.length, length);
});

t.test('an index that leads elsewhere is refused', async (t) => {
  for (const [text, found] of [
    [
      '{"weight_map":{"x":"../../../evil.safetensors"}}',
      /index: found at byte \d+: .*which is no file beside/,
    ],
    ['{"weight_map":{"x":"/etc/passwd"}}', /index: found at byte \d+: .*which is no file beside/],
    ['{"weight_map":{"x":"a.exe"}}', /index: found the file "a\.exe", expected the \.safetensors files/],
    ['{"weight_map":{"x":".hidden.safetensors"}}', /index: found the file "\.hidden/],
    ['{"weight_map":{"x":7}}', /index: found at byte/],
    ['{"weight_map":{}}', /index: found no file/],
    ['[]', /index: found at byte/],
    ['{', /index: found at byte/],
  ] as const) {
    const hub = await startHub(t, { 'model.safetensors.index.json': bytesOf(text) });
    t.match(told(await run(hub, t.testdir({}))), found);
  }
});

t.test('PyTorch files where there is nothing else, and any other file by its name', async (t) => {
  const hub = await startHub(t, {
    'config.json': config,
    'pytorch_model.bin': weights,
    'flax.msgpack': config,
  });
  t.match(right(await run(hub, t.testdir({}))).weights.path, /pytorch_model\.bin$/);
  t.match(right(await run(hub, t.testdir({}), { file: 'flax.msgpack' })).weights.path, /flax\.msgpack$/);
  t.match(
    told(await run(hub, t.testdir({}), { file: '../x' })),
    /found '\.\.\/x', expected the name of a file/,
  );
  hub.files.delete('pytorch_model.bin');
  t.match(
    told(await run(hub, t.testdir({}))),
    /owner\/name: the repository has none of model\.safetensors, model\.safetensors\.index\.json, pytorch_model\.bin/,
  );
});

t.test('the token is for the hub alone', async (t) => {
  const hub = await startHub(t, { 'config.json': config, 'model.safetensors': weights });
  const found = await withToken('secret', () => run(hub, t.testdir({})));
  t.match(right(found), { weights: { from: 'network' } });
  t.ok(hub.asked.every(({ headers }) => headers.authorization === 'Bearer secret'));
  t.equal(hub.storage.asked.length, 1);
  t.match(hub.storage.asked[0].headers.host, /^localhost:/);
  t.equal(hub.storage.asked[0].headers.authorization, undefined);
  t.notMatch(readdirSync(t.testdirName, { recursive: true }).join(), 'secret');

  // The same machine and port by another name is another host.
  hub.instead.set('model.safetensors', (request, response) =>
    `${request.headers.host}`.startsWith('localhost')
      ? file(weights)(request, response)
      : status(307, { location: `${hub.elsewhere}${request.url}` })(request, response),
  );
  const before = hub.asked.length;
  right(await withToken('secret', () => run(hub, t.testdir({}))));
  const elsewhere = hub.asked
    .slice(before)
    .filter(({ headers }) => `${headers.host}`.startsWith('localhost'));
  t.equal(elsewhere.length, 1);
  t.equal(elsewhere[0].headers.authorization, undefined);
});

t.test('no token goes over an open connection', async (t) => {
  const hub = await startHub(t, {});
  const found = await withToken('secret', () => run(hub, t.testdir({}), { endpoint: 'http://hub.invalid' }));
  t.match(told(found), /hub\.invalid\/.*: the token is not sent over an open connection/);
  t.notMatch(told(found), /secret/);
});

t.test('what the hub refuses, and what to do', async (t) => {
  const hub = await startHub(t, { 'config.json': config, 'model.safetensors': weights });
  t.match(
    told(await run(hub, t.testdir({}), {}, 'owner/other')),
    /404 \(not found\); there is no such repository, or it is private and HF_TOKEN does not open it/,
  );
  hub.instead.set('config.json', status(403, { 'x-error-code': 'GatedRepo' }));
  t.match(
    told(await run(hub, t.testdir({}))),
    /403 \(forbidden\); its terms have to be accepted at .*\/owner\/name, and HF_TOKEN set/,
  );
  hub.instead.set('config.json', status(401));
  t.match(told(await run(hub, t.testdir({}))), /401 \(not without a token\)/);
  hub.instead.set('config.json', file(config));
  t.match(
    told(await run(hub, t.testdir({}))),
    /x-repo-commit: found none, expected a commit; is this a model hub/,
  );
  hub.instead.set('config.json', status(200, { 'x-repo-commit': '../..' }));
  t.match(told(await run(hub, t.testdir({}))), /x-repo-commit: found \.\.\/\.\., expected a commit/);
});

t.test('a hub that is busy is asked again', async (t) => {
  const hub = await startHub(t, { 'config.json': config, 'model.safetensors': weights });
  const busy = inTurn(status(429, { 'retry-after': '0' }), status(503), (request, response) =>
    file(config, { headers: { 'x-repo-commit': hub.commit } })(request, response),
  );
  hub.instead.set('config.json', busy);
  t.equal(told(await run(hub, t.testdir({}))), 'right');
});

t.test('wrong bytes and wrong sizes are found out', async (t) => {
  const hub = await startHub(t, { 'config.json': config, 'model.safetensors': weights });
  const other = weights.map((byte) => byte ^ 1);
  const linked = { 'x-linked-etag': `"${sha256(other)}"`, 'x-linked-size': '50000' };
  const location = `${hub.storage.elsewhere}/model.safetensors`;
  hub.instead.set('model.safetensors', status(302, { ...linked, location }));
  t.match(told(await run(hub, t.testdir({}))), /contents: found sha256 .*, expected sha256/);
  hub.instead.set('model.safetensors', status(302, { ...linked, 'x-linked-size': '60000', location }));
  t.match(
    told(await run(hub, t.testdir({}))),
    /length: found 50000 bytes, expected the 60000 that the hub announces/,
  );
  hub.instead.delete('model.safetensors');
  hub.instead.set(
    'config.json',
    file(config, { tag: `"${'0'.repeat(40)}"`, headers: { 'x-repo-commit': hub.commit } }),
  );
  t.match(
    told(await run(hub, t.testdir({}))),
    /contents: found git-sha1 [0-9a-f]{40}, expected git-sha1 0{40}/,
  );
});

t.test('weights that break off are continued from the storage', async (t) => {
  const hub = await startHub(t, { 'config.json': config });
  const served = { tag: '"of the storage"' };
  const lfs = { 'x-linked-etag': `"${sha256(weights)}"`, 'x-linked-size': `${weights.length}` };
  hub.instead.set('model.safetensors', (request, response) =>
    `${request.headers.host}`.startsWith('localhost')
      ? parts(request, response)
      : status(302, { ...lfs, location: `${hub.elsewhere}${request.url}` })(request, response),
  );
  const parts = inTurn(cut(weights, 20_000, served), file(weights, served));
  const found = right(await run(hub, t.testdir({})));
  t.match(found.weights, { bytes: 50_000, digest: { hex: sha256(weights) } });
  t.match(hub.asked.at(-1)?.headers, { range: 'bytes=20000-', 'if-range': '"of the storage"' });
});

t.test('a config larger than any is refused', async (t) => {
  const hub = await startHub(t, { 'model.safetensors': weights });
  const head = { 'x-repo-commit': hub.commit, 'content-length': `${2 ** 27}` };
  hub.instead.set('config.json', (request, response) => {
    response.writeHead(200, head);
    if (request.method === 'HEAD') response.end();
    else response.write(config);
  });
  t.match(told(await run(hub, t.testdir({}))), /length: found 134217728 bytes or more, expected 67108864/);
});

t.test('names that are none, and a cache that is damaged', async (t) => {
  const hub = await startHub(t, { 'config.json': config, 'model.safetensors': weights });
  const cache = t.testdir({});
  for (const name of [
    'name',
    'owner/',
    '/name',
    'a/b/c',
    '../name',
    'owner/..',
    'owner/na me',
    'o/n@a@b',
    '',
  ])
    t.match(told(await run(hub, cache, {}, name)), /expected a repository, owner\/name/, name);
  for (const revision of ['', '..', 'a..b', '-x', 'a b', 'a//b', '/a'])
    t.match(told(await run(hub, cache, { revision })), /expected a branch, a tag or a commit/, revision);
  t.equal(hub.asked.length, 0);
  t.match(told(await run(hub, cache, { isOffline: true })), /not in the cache, and offline mode/);
  const { weights: kept } = right(await run(hub, cache));
  const repository = join(kept.path, '..', '..', '..');
  writeFileSync(join(repository, 'refs', 'main'), '../../etc');
  t.match(told(await run(hub, cache)), /refs.main: holds no commit; remove it/);
  rmSync(join(repository, 'refs', 'main'));
  t.match(right(await run(hub, cache)), { weights: { from: 'cache' } });
  t.ok(existsSync(kept.path));
});

t.test('what is absent is asked again when that is asked for', async (t) => {
  const hub = await startHub(t, { 'model.safetensors': bytesOf('weights') });
  const cache = t.testdir({});
  const options = { cache, endpoint: hub.address, pauseMs: 1 };
  t.equal(right(await downloadRepository('owner/name', options)()).config, undefined);
  hub.files.set('config.json', bytesOf('{}'));
  t.equal(
    right(await downloadRepository('owner/name', options)()).config,
    undefined,
    'a commit does not change',
  );
  const again = right(await downloadRepository('owner/name', { ...options, isRefreshed: true })());
  t.match(again.config, { from: 'network' });
});

t.test('files lie where the programs of the hub look for them, and theirs are found', async (t) => {
  const hub = await startHub(t, { 'model.safetensors': bytesOf('weights'), 'config.json': bytesOf('{}') });
  const cache = t.testdir({});
  const place = join(cache, 'hub', 'models--owner--name');
  const snapshot = join(place, 'snapshots', hub.commit);
  mkdirSync(join(place, 'blobs'), { recursive: true });
  mkdirSync(snapshot, { recursive: true });
  mkdirSync(join(place, 'refs'), { recursive: true });
  writeFileSync(join(place, 'refs', 'main'), hub.commit);
  writeFileSync(join(place, 'blobs', 'abc'), 'weights that Python fetched');
  symlinkSync(join('..', '..', 'blobs', 'abc'), join(snapshot, 'model.safetensors'));
  const found = right(await downloadRepository('owner/name', { cache, endpoint: hub.address, pauseMs: 1 })());
  t.match(found.weights, { path: join(snapshot, 'model.safetensors'), from: 'cache' });
  t.equal(found.config?.path, join(snapshot, 'config.json'));
  t.equal(readFileSync(join(place, 'refs', 'main'), 'utf8'), hub.commit);
});
