/** Servers that end early, trickle, lie or change their files, and the cache that keeps what they sent. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import t from 'tap';
import { cachedFiles, download, removeCached, verifyCache } from '../../../lib/download/index.js';
import { breakOff, cut, file, type Handler, inTurn, onReached, serve } from './server.js';
import { bytes, other, stage, told } from './stage.js';

const isWhole = (path: string): boolean => readFileSync(path).equals(bytes);

/** Answers a question with these bytes and nothing else, and closes the connection. */
const raw =
  (head: readonly string[], body: Uint8Array): Handler =>
  ({ socket }) => {
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    socket.end(body);
  };

const chunk = (part: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]);

t.test('a chunked answer without its last chunk is not the whole file', async (t) => {
  const head = ['HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', 'Connection: close'];
  const { run, path, notices } = await stage(
    t,
    inTurn(raw(head, chunk(bytes.subarray(0, 60_000))), file(bytes)),
  );
  t.equal(told(await run()), 'network 100000');
  t.ok(isWhole(path));
  t.match(notices, [/the connection was lost; trying again/]);
});

t.test('what came is kept when answer and end of the connection come at once', async (t) => {
  const cutting: Handler = (request, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const head = [
      from === 0 ? 'HTTP/1.1 200 OK' : 'HTTP/1.1 206 Partial Content',
      'ETag: "a"',
      `Content-Length: ${bytes.length - from}`,
      ...(from === 0 ? [] : [`Content-Range: bytes ${from}-${bytes.length - 1}/${bytes.length}`]),
    ];
    raw(head, bytes.subarray(from, from + 40_000))(request, response);
  };
  const { run, path } = await stage(t, cutting);
  t.equal(told(await run({ retries: 1 })), 'network 100000');
  t.ok(isWhole(path));
});

t.test('contents that are packed on the way are refused', async (t) => {
  const head = ['HTTP/1.1 200 OK', 'Transfer-Encoding: gzip, chunked', 'Connection: close'];
  const { run, folder } = await stage(t, raw(head, new Uint8Array()));
  t.match(told(await run()), /transfer-encoding: found gzip, chunked, expected none, or chunked/);
  t.strictSame(readdirSync(folder), []);
});

t.test('a server that sends a byte now and then is left', async (t) => {
  const { run, notices } = await stage(t, (_, response) => {
    response.writeHead(200, { 'content-length': bytes.length });
    const timer = setInterval(() => response.write('x'), 20);
    response.once('close', () => clearInterval(timer));
  });
  t.match(
    told(await run({ stallMs: 200, retries: 1 })),
    /next to nothing came for 0\.2 s, at the last of 2 tries/,
  );
  t.equal(notices.length, 1);
});

t.test('a part without a tag and without a digest is not joined to what came before', async (t) => {
  const half = cut(bytes, 50_000);
  const untagged: Handler = (request, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const headers = { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
    response.writeHead(206, headers).end(other.subarray(from));
  };
  const { run, path } = await stage(t, inTurn(half, untagged, file(other)));
  t.equal(told(await run()), 'network 100000');
  t.ok(readFileSync(path).equals(other), 'all of it is the new file');
});

t.test('a server that cuts every 50 kB gets on, however often it does', async (t) => {
  const large = Uint8Array.from({ length: 1_000_000 }, (_, i) => (i * i) >>> 5);
  const server = await serve(t, (request, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const headers = { etag: '"1"', 'content-range': `bytes ${from}-${large.length - 1}/${large.length}` };
    const isRest = from > 0;
    response.writeHead(isRest ? 206 : 200, {
      'content-length': large.length - from,
      ...(isRest ? headers : { etag: '"1"' }),
    });
    const to = Math.min(from + 50_000, large.length);
    if (to === large.length) return void response.end(large.subarray(from));
    breakOff(response, large.subarray(from, to), to);
  });
  const cache = join(t.testdir({}), 'cache');
  const result = await download(`${server.address}/a`, { cache, pauseMs: 1, onProgress: onReached })();
  t.equal(told(result), 'network 1000000');
  t.equal(server.asked.length, 20);
});

t.test('nothing at all, and a page under another name, are no files', async (t) => {
  const empty = await stage(t, file(new Uint8Array()));
  t.match(told(await empty.run()), /length: found no bytes, expected a file/);
  const page = Buffer.from('\n<!DOCTYPE html><title>Sign in</title>');
  const portal = await stage(t, file(page, { headers: { 'content-type': 'application/octet-stream' } }));
  t.match(told(await portal.run()), /contents: found a page, expected a file/);
  t.strictSame(readdirSync(portal.folder), []);
});

t.test('a file is held to the digest that it had when it was first fetched', async (t) => {
  const { run, path } = await stage(t, inTurn(file(bytes), file(other)));
  t.equal(told(await run()), 'network 100000');
  t.match(
    told(await run({ isRefreshed: true })),
    /contents: found sha256 .*as it was first fetched; renga cache/,
  );
  t.ok(isWhole(path), 'the first one stays');
  writeFileSync(path, other);
  t.match(told(await run()), /the file in the cache, .*: found sha256/);
});

t.test('the cache lists its files, compares them and removes them', async (t) => {
  const { run, path, cache } = await stage(t, file(bytes));
  await run();
  const name = path.slice(cache.length + 1);
  t.match(
    await cachedFiles({ cache })(),
    E.right([{ path, name, bytes: 100_000, digest: { algorithm: 'sha256' } }]),
  );
  t.match(await verifyCache({ cache })(), E.right([{ path, isSound: true }]));
  writeFileSync(path, other);
  t.match(await verifyCache({ cache })(), E.right([{ path, isSound: false }]));
  t.match(await removeCached('no such file', { cache })(), E.right([]));
  t.match(await removeCached('a.pickle', { cache })(), E.right([{ path }]));
  t.match(await cachedFiles({ cache })(), E.right([]));
  t.equal(told(await run()), 'network 100000', 'and what is removed is forgotten');
});
