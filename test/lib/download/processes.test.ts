/** Several processes and one cache: one fetches, the others wait; what one left that ended is continued. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { download } from '../../../lib/download/index.js';
import { file, type Handler, inTurn, serve } from './server.js';

const entry = new URL('../../../lib/download/index.js', import.meta.url).href;

/** Downloads to a cache; says each notice and how far it is, and prints what becomes of it. */
const program = `
  import { download } from ${JSON.stringify(entry)};
  const [url, cache] = process.argv.slice(1);
  const onProgress = (done) => console.error('at ' + done);
  const result = await download(url, { cache, onProgress, onNotice: console.error })();
  console.log(JSON.stringify(result.right ?? result.left));
`;

const start = (url: string, cache: string) => {
  const env = { ...process.env, NODE_OPTIONS: '' };
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, url, cache], { env });
  let output = '';
  child.stdout.on('data', (text) => (output += text));
  const said = (what: string) =>
    new Promise<void>((resolve) => {
      let errors = '';
      child.stderr.on('data', (text) => {
        errors += text;
        if (errors.includes(what)) resolve();
      });
    });
  const result = once(child, 'close').then(() => (output === '' ? undefined : JSON.parse(output)));
  return { child, said, result };
};

const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => (i * i) >>> 3);

/** The first 40,000 bytes, and then nothing. */
const half: Handler = (_, response) => {
  response.writeHead(200, { 'content-length': bytes.length, etag: '"1"' });
  response.write(bytes.subarray(0, 40_000));
};

const folderOf = (cache: string, address: string) => join(cache, encodeURIComponent(new URL(address).host));

t.test('two processes fetch a file once', async (t) => {
  const cache = t.testdir({});
  let answer = () => {};
  let isAsked = () => {};
  const asked = new Promise<void>((resolve) => (isAsked = resolve));
  const server = await serve(t, (request, response) => {
    answer = () => file(bytes)(request, response);
    isAsked();
  });
  const url = `${server.address}/a`;
  const first = start(url, cache);
  await asked;
  const second = start(url, cache);
  await second.said(`another process is fetching ${url}; waiting for it`);
  answer();
  t.match(await first.result, { from: 'network', bytes: 100_000 });
  t.match(await second.result, { from: 'cache', bytes: 100_000 });
  t.equal(server.asked.length, 1);
  t.strictSame(readdirSync(folderOf(cache, url)), ['a'], 'no lock is left');
});

for (const signal of ['SIGINT', 'SIGKILL'] as const) {
  t.test(`what a process left that ended by ${signal} is continued`, async (t) => {
    const cache = t.testdir({});
    const server = await serve(t, inTurn(half, file(bytes)));
    const url = `${server.address}/a`;
    const path = join(folderOf(cache, url), 'a');
    const first = start(url, cache);
    await first.said('at 40000');
    first.child.kill(signal);
    t.equal(await first.result, undefined);
    t.notOk(existsSync(path));
    t.equal(statSync(`${path}.partial`).size, 40_000);
    t.equal(existsSync(`${path}.lock`), signal === 'SIGKILL');
    // Half a minute later, the lock of a process that is gone counts for nothing.
    if (signal === 'SIGKILL') utimesSync(`${path}.lock`, 1, 1);
    t.match(await download(url, { cache })(), { right: { path, bytes: 100_000 } });
    t.equal(server.asked[1].headers.range, 'bytes=40000-');
    t.ok(readFileSync(path).equals(bytes));
    t.strictSame(readdirSync(folderOf(cache, url)), ['a']);
  });
}
