/** Files by address: continued, checked, refused; nothing half-written under a file's name. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as E from 'fp-ts/lib/Either.js';
import t from 'tap';
import { crc32c } from '../../../lib/files/crc32.js';
import { download } from '../../../lib/download/index.js';
import { breakOff, cut, file, type Handler, inTurn, serve, silence, status } from './server.js';
import { bytes, other, stage, told } from './stage.js';

const md5Of = (content: Uint8Array) => createHash('md5').update(content).digest('base64');
const crcOf = (content: Uint8Array) => {
  const word = Buffer.alloc(4);
  word.writeUInt32BE(crc32c(content));
  return word.toString('base64');
};
const google = (content: Uint8Array) => ({
  'x-goog-hash': `crc32c=${crcOf(content)}, md5=${md5Of(content)}`,
});

const isWhole = (path: string): boolean => readFileSync(path).equals(bytes);

t.test('a file is fetched once and found ever after', async (t) => {
  const { server, run, path, folder } = await stage(t, file(bytes, { headers: google(bytes) }));
  const seen: (readonly [number, number | undefined])[] = [];
  const first = await run({ onProgress: (done, total) => seen.push([done, total]) });
  t.match(first, E.right({ path, bytes: 100_000, from: 'network', digest: { algorithm: 'md5' } }));
  t.strictSame(seen.at(-1), [100_000, 100_000]);
  t.ok(isWhole(path));
  t.match(await run(), E.right({ path, bytes: 100_000, from: 'cache' }));
  t.equal(server.asked.length, 1);
  t.equal(server.asked[0].headers['accept-encoding'], 'identity');
  t.strictSame(readdirSync(folder), ['a.pickle']);
  t.equal(told(await run({ isRefreshed: true })), 'network 100000');
  t.equal(server.asked.length, 2);
});

t.test('what breaks off is continued where it ended', async (t) => {
  const { server, run, path, notices } = await stage(t, inTurn(cut(bytes, 40_000), file(bytes)));
  t.equal(told(await run()), 'network 100000');
  t.ok(isWhole(path));
  t.match(server.asked[1].headers, { range: 'bytes=40000-', 'if-range': '"1"' });
  t.match(notices, [/the connection was lost; trying again in 0\.0 s$/]);
});

t.test('a later call continues what an earlier one left', async (t) => {
  const { server, run, path, folder } = await stage(t, inTurn(cut(bytes, 40_000), file(bytes)));
  t.match(
    told(await run({ retries: 0 })),
    /a\.pickle: the connection was lost\n.*put the file at .*a\.pickle/,
  );
  t.strictSame(readdirSync(folder).sort(), ['a.pickle.partial', 'a.pickle.partial.json']);
  t.equal(told(await run()), 'network 100000');
  t.equal(server.asked[1].headers.range, 'bytes=40000-');
  t.ok(isWhole(path));
  t.strictSame(readdirSync(folder), ['a.pickle']);
});

t.test('a file that has changed meanwhile is begun anew', async (t) => {
  const handlers = [cut(other, 40_000, { tag: '"0"' }), file(bytes, { tag: '"1"' })];
  const { server, run, path } = await stage(t, inTurn(...handlers));
  t.equal(told(await run()), 'network 100000');
  t.equal(server.asked[1].headers['if-range'], '"0"');
  t.ok(isWhole(path));
});

t.test('a part of another file is not joined to what came before', async (t) => {
  // A server that gives parts without looking at the tag.
  const careless: Handler = (request, response) => {
    delete request.headers['if-range'];
    file(bytes, { tag: '"1"' })(request, response);
  };
  const { server, run, path } = await stage(t, inTurn(cut(other, 40_000, { tag: '"0"' }), careless));
  t.equal(told(await run()), 'network 100000');
  t.strictSame(
    server.asked.map(({ headers }) => headers.range),
    [undefined, 'bytes=40000-', undefined],
  );
  t.ok(isWhole(path));
});

t.test('without a tag and a digest nothing is continued', async (t) => {
  const untagged = { tag: 'W/"weak"' };
  const { server, run, path } = await stage(t, inTurn(cut(bytes, 40_000, untagged), file(bytes, untagged)));
  t.equal(told(await run()), 'network 100000');
  t.equal(server.asked[1].headers.range, undefined);
  t.ok(isWhole(path));
});

t.test('a part that another one replaced is found out by its digest', async (t) => {
  const lying = { tag: '"1"', headers: google(bytes) };
  const { server, run, path } = await stage(t, inTurn(cut(other, 40_000, lying), file(bytes, lying)));
  t.equal(told(await run()), 'network 100000');
  t.equal(server.asked.length, 3, 'begun anew');
  t.ok(isWhole(path));
});

t.test('a whole part needs no other question', async (t) => {
  const { server, run, path, folder, url } = await stage(t, file(bytes));
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${path}.partial`, bytes);
  writeFileSync(`${path}.partial.json`, JSON.stringify({ url, size: bytes.length, tag: '"1"' }));
  t.equal(told(await run()), 'network 100000');
  t.equal(server.asked.length, 0);
  t.ok(isWhole(path));
});

t.test('a part whose notes are damaged, or of another address, is begun anew', async (t) => {
  const { server, run, path, folder } = await stage(t, file(bytes));
  mkdirSync(folder, { recursive: true });
  for (const notes of ['{"url', 'null', '{"url":"http://127.0.0.1/else"}']) {
    writeFileSync(`${path}.partial`, other);
    writeFileSync(`${path}.partial.json`, notes);
    t.equal(told(await run({ isRefreshed: true })), 'network 100000', notes);
    t.ok(isWhole(path));
  }
  t.ok(server.asked.every(({ headers }) => headers.range === undefined));
});

t.test('416: what the server does not continue is begun anew', async (t) => {
  const { server, run, path } = await stage(
    t,
    inTurn(cut(bytes, 40_000), status(416, { 'content-range': 'bytes */30000' }), file(bytes)),
  );
  t.equal(told(await run()), 'network 100000');
  t.strictSame(
    server.asked.map(({ headers }) => headers.range),
    [undefined, 'bytes=40000-', undefined],
  );
  t.ok(isWhole(path));
});

t.test('416 to a question for the whole is final', async (t) => {
  const { server, run } = await stage(t, status(416));
  t.match(told(await run()), /the server answered 416 \(not the part that was asked for\)/);
  t.equal(server.asked.length, 1);
});

t.test('403 and 404 are final, and say what to do', async (t) => {
  for (const [code, meaning] of [
    [403, 'forbidden'],
    [404, 'not found'],
    [418, undefined],
  ] as const) {
    const { server, run, url, folder, path } = await stage(t, status(code));
    const result = await run();
    t.match(result, E.left({ kind: 'status', status: code, url }));
    const said = `${url}: the server answered ${code}${meaning ? ` (${meaning})` : ''}\n`;
    t.equal(
      told(result),
      `${said}if other means can fetch it (a browser, another machine): put the file at ${path}`,
    );
    t.equal(server.asked.length, 1);
    t.strictSame(readdirSync(folder), [], 'nothing is left');
  }
});

t.test('429 and 503 pass: the pause that they ask for is kept', async (t) => {
  const { server, run, notices } = await stage(
    t,
    inTurn(status(429, { 'retry-after': '0' }), status(503, { 'retry-after': '1' }), file(bytes)),
  );
  const start = performance.now();
  t.equal(told(await run()), 'network 100000');
  t.ok(performance.now() - start >= 990);
  t.equal(server.asked.length, 3);
  t.match(notices, [/429 \(too many questions\); trying again in 0\.0 s/, /503 .*; trying again in 1\.0 s/]);
});

t.test('a pause of hours is not kept but told', async (t) => {
  const { server, run } = await stage(t, status(429, { 'retry-after': '7200' }));
  t.match(told(await run()), /429 \(too many questions\), and asks to wait for 7200 s\n/);
  t.equal(server.asked.length, 1);
});

t.test('a server that only fails is given up', async (t) => {
  const { server, run } = await stage(t, status(500));
  t.match(told(await run({ retries: 2 })), /the server answered 500 \(it failed\), at the last of 3 tries\n/);
  t.equal(server.asked.length, 3);
});

t.test('a server that falls silent is left', async (t) => {
  const half: Handler = (_, response) => {
    response.writeHead(200, { 'content-length': bytes.length, etag: '"1"' });
    response.write(bytes.subarray(0, 40_000));
  };
  // Silent before its answer, then in the midst of it; a machine that is busy may find it silent more often.
  const whole = file(bytes);
  const rest: Handler = (request, response) =>
    (request.headers.range === undefined ? half : whole)(request, response);
  const { server, run, path, notices } = await stage(t, inTurn(silence, rest));
  t.equal(told(await run({ stallMs: 250, retries: 50 })), 'network 100000');
  t.ok(
    notices.length >= 2 &&
      notices.every((notice) => /: next to nothing came for 0\.25 s; trying/.test(notice)),
  );
  t.match(server.asked.at(-1)?.headers.range, /^bytes=\d+-$/);
  t.ok(isWhole(path));
});

t.test('wrong bytes are found out by each digest, and not kept', async (t) => {
  const wrong = {
    md5: { 'x-goog-hash': `crc32c=${crcOf(bytes)},md5=${md5Of(other)}` },
    crc32c: { 'x-goog-hash': `crc32c=${crcOf(other)}` },
  };
  for (const [algorithm, headers] of Object.entries(wrong)) {
    const { run, folder } = await stage(t, file(bytes, { headers }));
    t.match(
      told(await run()),
      new RegExp(`contents: found ${algorithm} [0-9a-f]+, expected ${algorithm} [0-9a-f]+$`),
    );
    t.strictSame(readdirSync(folder), []);
  }
  const { run, folder } = await stage(t, file(bytes));
  const sha256 = createHash('sha256').update(other).digest('hex');
  t.match(told(await run({ sha256 })), new RegExp(`contents: found sha256 .*, expected sha256 ${sha256}$`));
  t.strictSame(readdirSync(folder), []);
});

t.test('a digest known beforehand is asked of the cache as well', async (t) => {
  const { run, path } = await stage(t, file(bytes));
  const sha256 = createHash('sha256').update(bytes).digest('hex').toUpperCase();
  t.match(await run({ sha256 }), E.right({ from: 'network', digest: { hex: sha256.toLowerCase() } }));
  t.match(await run({ sha256 }), E.right({ from: 'cache', digest: { hex: sha256.toLowerCase() } }));
  writeFileSync(path, other);
  t.match(told(await run({ sha256 })), /the file in the cache, .*a\.pickle: found sha256/);
  t.match(told(await run({ sha256: 'abc' })), /found 'abc', expected a SHA-256, 64 hexadecimal digits/);
});

t.test('a length that is not kept: too little is asked for again, too much is refused', async (t) => {
  const { server, run } = await stage(t, (request, response) => {
    const from = Number(/\d+/.exec(request.headers.range ?? '0')?.[0]);
    response.writeHead(from ? 206 : 200, {
      'content-length': 200_000 - from,
      etag: '"1"',
      ...(from && { 'content-range': `bytes ${from}-199999/200000` }),
    });
    if (from) response.destroy();
    else breakOff(response, bytes, bytes.length);
  });
  t.match(told(await run({ retries: 2 })), /at the last of 3 tries/);
  t.strictSame(
    server.asked.map(({ headers }) => headers.range),
    [undefined, 'bytes=100000-', 'bytes=100000-'],
  );

  // More than is announced does not come through; what does is not what it should be.
  const short = await stage(t, (_, response) => {
    response.writeHead(200, { 'content-length': 50_000, ...google(bytes), connection: 'close' }).end(bytes);
  });
  t.match(told(await short.run()), /contents: found md5/);
  t.strictSame(readdirSync(short.folder), []);

  const growing = await stage(
    t,
    inTurn(cut(bytes, 40_000), (_, response) => {
      response.writeHead(206, { etag: '"1"', 'content-range': 'bytes 40000-99999/100000' });
      response.end(bytes);
    }),
  );
  t.match(told(await growing.run()), /length: found \d+ bytes or more, expected 100000$/);
  t.strictSame(readdirSync(growing.folder), []);
});

t.test('a length that nobody says is only taken from what has an end', async (t) => {
  const chunked = await stage(t, (_, response) => {
    response.writeHead(200);
    response.write(bytes.subarray(0, 10));
    response.end(bytes.subarray(10));
  });
  t.equal(told(await chunked.run()), 'network 100000');
  t.ok(isWhole(chunked.path));
  const endless = await stage(t, (_, response) => {
    response.useChunkedEncodingByDefault = false;
    response.writeHead(200, { connection: 'close' });
    response.end(bytes);
  });
  t.match(told(await endless.run()), /length: found none, expected a length or a digest/);
  t.strictSame(readdirSync(endless.folder), []);
});

t.test('a part that was not asked for is no file', async (t) => {
  const part: Handler = (_, response) => {
    response.writeHead(206, { 'content-range': 'bytes 5-99999/100000' }).end(bytes.subarray(5));
  };
  const { run, folder } = await stage(t, part);
  t.match(told(await run({ retries: 1 })), /does not give the rest of what it began, at the last of 2 tries/);
  t.strictSame(readdirSync(folder), []);
  const odd: Handler = (_, response) => void response.writeHead(206).end(bytes);
  t.match(told(await (await stage(t, odd)).run()), /content-range: found none, expected bytes FROM-TO\/SIZE/);
});

t.test('a page to sign in is no file, nor is what was packed', async (t) => {
  const page = file(bytes, { headers: { 'content-type': 'text/html; charset=utf-8' } });
  t.match(told(await (await stage(t, page)).run()), /content-type: found text\/html.*sign in first\?/);
  const packed = file(bytes, { headers: { 'content-encoding': 'x-\x9b31mown' } });
  t.match(
    told(await (await stage(t, packed)).run()),
    /content-encoding: found x-[^\x80-\x9f]+own, expected none/,
  );
});

t.test('a server that continues a file with something else, again and again, is given up', async (t) => {
  const large = new Uint8Array(3 << 20);
  const headers = google(bytes);
  const { server, run, folder } = await stage(t, (request, response) =>
    (request.headers.range === undefined ? cut(large, 2 << 20, { headers }) : file(large, { headers }))(
      request,
      response,
    ),
  );
  t.match(told(await run()), /it breaks off, and the server does not continue it/);
  t.equal(server.asked.length, 8);
  t.strictSame(readdirSync(folder), []);
});

t.test('tries that bring a mebibyte do not count as failures', async (t) => {
  const large = Uint8Array.from({ length: 5 << 20 }, (_, i) => i >>> 7);
  let count = 0;
  const { server, run, path } = await stage(t, (request, response) => {
    const from = Number(/\d+/.exec(request.headers.range ?? '0')?.[0]);
    const part = large.subarray(from, from + 1.25 * 2 ** 20);
    const range = { 'content-range': `bytes ${from}-${large.length - 1}/${large.length}` };
    const length = { etag: '"1"', 'content-length': large.length - from };
    response.writeHead(from ? 206 : 200, { ...length, ...(from && range) });
    if (++count === 4) response.end(part);
    else breakOff(response, part, from + part.length);
  });
  t.equal(told(await run({ retries: 1 })), `network ${large.length}`);
  t.equal(server.asked.length, 4);
  t.ok(readFileSync(path).equals(large));
});

t.test('redirects are followed, but not round in circles, nor anywhere', async (t) => {
  const moved = await stage(t, (request, response) =>
    request.url === '/models/a.pickle'
      ? status(302, { location: '/elsewhere/b' })(request, response)
      : file(bytes)(request, response),
  );
  t.equal(told(await moved.run()), 'network 100000');
  t.ok(isWhole(moved.path), 'under the name of the address that was asked for');
  const circle = await stage(t, status(302, { location: '/models/a.pickle' }));
  t.match(told(await circle.run()), /more than 10 redirects/);
  t.equal(circle.server.asked.length, 11);
  const secret = await stage(t, status(302, { location: 'http://me:secret@127.0.0.1/' }));
  t.match(told(await secret.run()), /a redirect with a password, to 127\.0\.0\.1\n/);
  const away = await stage(t, status(302, { location: 'file:///etc/passwd' }));
  t.match(told(await away.run()), /a redirect to file:/);
  t.match(told(await (await stage(t, status(302, { location: 'http://' }))).run()), /to what is no address/);
});

t.test('no network: the address, what happened, what to do', async (t) => {
  const { server, run, path } = await stage(t, silence);
  const offline = await run({ isOffline: true });
  t.equal(
    told(offline),
    `${server.address}/models/a.pickle is not in the cache, and offline mode keeps from fetching it\nif other means can fetch it (a browser, another machine): put the file at ${path}`,
  );
  t.equal(server.asked.length, 0);
  const broken = await serve(t, (_, response) => void response.destroy());
  const lostAt = `${broken.address}/a.pickle`;
  const lost = await download(lostAt, { cache: t.testdir({}), pauseMs: 1, retries: 1 })();
  t.match(
    told(lost),
    new RegExp(`^${lostAt}: the connection was lost, .* 2 tries\\n.*put the file at .*\\nbehind a proxy`),
  );
  t.equal(broken.asked.length, 2);
});

t.test('offline, what is in the cache is found', async (t) => {
  const { run } = await stage(t, file(bytes));
  t.equal(told(await run()), 'network 100000');
  t.equal(told(await run({ isOffline: true })), 'cache 100000');
});

t.test('a mirror is asked in the place of the host', async (t) => {
  const { server, cache } = await stage(t, file(bytes));
  const mirror = `${server.address}/copies`;
  const url = 'https://storage.googleapis.com/perceiver_io/a.pickle';
  const result = await download(url, { cache, mirror, isOffline: false })();
  const path = join(cache, encodeURIComponent(new URL(server.address).host), 'copies', 'a.pickle');
  t.match(result, E.right({ path, from: 'network' }));
  t.equal(server.asked[0].path, '/copies/a.pickle');
});

t.test('what is no address is refused, and a file that is here is left where it is', async (t) => {
  t.match(
    told(await download('ftp://a/b')()),
    /found 'ftp:\/\/a\/b', expected an https address without a password/,
  );
  t.match(told(await download('a.pickle')()), /found 'a\.pickle'/);
  t.match(
    told(await download('https://me:secret@h.example/a')()),
    /found 'https:\/\/…@h\.example\/a', expected an https address without/,
  );
  t.match(
    told(await download('http://127.0.0.1/', { mirror: 'x' })()),
    /'x', expected the https address of a mirror/,
  );
  const path = join(t.testdir({ 'a.pickle': 'abc' }), 'a.pickle');
  t.match(await download(pathToFileURL(path))(), E.right({ path, bytes: 3, from: 'cache' }));
  t.match(told(await download(pathToFileURL(`${path}x`))()), /a\.picklex: .*no such file/);
});

t.test('a cache that cannot be written says why', async (t) => {
  const { server } = await stage(t, file(bytes));
  const folder = t.testdir({ blocked: 'a file' });
  const result = await download(`${server.address}/a`, { cache: join(folder, 'blocked') })();
  t.match(result, E.left({ kind: 'io', problem: 'a part of the path that is not a directory' }));
  t.equal(server.asked.length, 0);
});

t.test('a file larger than the disk is refused before a byte is written', async (t) => {
  const { run, folder } = await stage(t, (_, response) => {
    response.writeHead(200, { 'content-length': 999_999_999_999_999 });
    response.write(bytes);
  });
  t.match(told(await run()), /999999999999999 bytes are needed, \d+ are free on the disk/);
  t.strictSame(readdirSync(folder), []);
});
