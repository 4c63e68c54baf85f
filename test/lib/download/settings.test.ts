/** Small rules: what the environment says, what headers mean, how long pauses are, where files are kept. */
import { join } from 'node:path';
import * as fc from '../../property.js';
import t from 'tap';
import { crc32c } from '../../../lib/files/crc32.js';
import { digestOfFile, digestOfGoogle, digestOfTag } from '../../../lib/download/digest.js';
import { Interruption, errorOf } from '../../../lib/download/error.js';
import { placeOf } from '../../../lib/download/reference.js';
import { interruptionOf } from '../../../lib/download/request.js';
import { pauseAfter } from '../../../lib/download/retry.js';
import { settingsOf } from '../../../lib/download/settings.js';
import { pauseOf } from '../../../lib/download/status.js';

t.test('options come first, then the environment, then what is usual', async (t) => {
  t.match(settingsOf({}, {}), { isOffline: false, revision: 'main', retries: 5, mirror: undefined });
  t.equal(settingsOf({}, {}).endpoint.href, 'https://huggingface.co/');
  t.match(settingsOf({}, {}).cache, /renga/i);
  const environment = {
    RENGA_CACHE: '/c',
    RENGA_OFFLINE: '1',
    RENGA_REVISION: 'v1',
    RENGA_MIRROR: 'https://mirror.example/a',
    HF_ENDPOINT: 'https://hub.example',
    HF_TOKEN: ' t\n',
  };
  const said = settingsOf({}, environment);
  t.match(said, { cache: '/c', isOffline: true, revision: 'v1', token: 't' });
  t.equal(said.mirror?.href, 'https://mirror.example/a/');
  t.equal(said.endpoint.href, 'https://hub.example/');
  const asked = settingsOf(
    {
      cache: '/d',
      isOffline: false,
      revision: 'v2',
      endpoint: 'https://e.example',
      mirror: 'https://m.example',
    },
    environment,
  );
  t.match(asked, { cache: '/d', isOffline: false, revision: 'v2' });
  t.equal(asked.endpoint.href, 'https://e.example/');
  t.equal(asked.mirror?.href, 'https://m.example/');
  t.equal(settingsOf({}, { HF_HUB_OFFLINE: 'ON', RENGA_CACHE: ' ' }).isOffline, true);
  t.equal(settingsOf({}, { RENGA_OFFLINE: '0' }).isOffline, false);
});

t.test('an endpoint is an address, without a name and a password in it', async (t) => {
  for (const endpoint of ['hub', 'ftp://hub', 'https://me:secret@hub.example']) {
    try {
      settingsOf({ endpoint }, {});
      t.fail(endpoint);
    } catch (thrown) {
      t.match(errorOf(thrown), { kind: 'reference', expected: 'the https address of a model hub' });
      t.notMatch(JSON.stringify(errorOf(thrown)), /secret/);
    }
  }
});

t.test('digests in headers', async (t) => {
  const sha256 = 'ab'.repeat(32);
  t.strictSame(digestOfTag(`"${sha256}"`), { algorithm: 'sha256', hex: sha256 });
  t.strictSame(digestOfTag(`W/"${'0'.repeat(40)}"`), { algorithm: 'git-sha1', hex: '0'.repeat(40) });
  for (const tag of [null, '', '"1"', `"${'g'.repeat(40)}"`]) t.equal(digestOfTag(tag), undefined);
  t.strictSame(digestOfGoogle('crc32c=AAAAAQ=='), { algorithm: 'crc32c', hex: '00000001' });
  t.strictSame(digestOfGoogle('crc32c=AAAAAQ==,md5=CS9tHYTtyFntzj7B9nkkJQ=='), {
    algorithm: 'md5',
    hex: '092f6d1d84edc859edce3ec1f6792425',
  });
  for (const header of [null, '', 'crc32c=', 'md5=AAAA', 'sha1=AAAA'])
    t.equal(digestOfGoogle(header), undefined);
});

t.test('digests of files are those that everybody computes', async (t) => {
  const path = join(t.testdir({ digits: '123456789', empty: '' }), 'digits');
  t.equal((await digestOfFile(path, 'crc32c')).hex, 'e3069283', "the catalogue's check value");
  t.equal((await digestOfFile(path, 'md5')).hex, '25f9e794323b453885f5181f1b624d0b');
  t.match((await digestOfFile(path, 'sha256')).hex, /^15e2b0d3c33891eb/);
  const empty = join(path, '..', 'empty');
  t.equal(
    (await digestOfFile(empty, 'git-sha1')).hex,
    'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391',
    'as git has it',
  );
});

t.test('CRC-32C of parts is that of the whole', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), (bytes, cut) => {
      const at = Math.min(cut, bytes.length);
      return crc32c(bytes.subarray(at), crc32c(bytes.subarray(0, at))) === crc32c(bytes);
    }),
  );
});

t.test('pauses double up to half a minute, and a little is added', async (t) => {
  const none = () => 0;
  t.strictSame(
    [1, 2, 3, 7, 20].map((failures) => pauseAfter(failures, 500, none)),
    [500, 1000, 2000, 30_000, 30_000],
  );
  t.equal(
    pauseAfter(1, 500, () => 1),
    625,
  );
});

t.test('Retry-After is seconds or a date', async (t) => {
  const now = Date.parse('Wed, 21 Oct 2015 07:28:00 GMT');
  t.equal(pauseOf('120'), 120_000);
  t.equal(pauseOf('Wed, 21 Oct 2015 07:28:30 GMT', now), 30_000);
  t.equal(pauseOf('Wed, 21 Oct 2015 07:27:00 GMT', now), 0);
  t.equal(pauseOf(null), undefined);
  t.equal(pauseOf('soon'), undefined);
});

t.test('addresses have places in the cache, and none leads out of it', async (t) => {
  t.equal(placeOf('c', new URL('https://h.example/a/b%20c')), join('c', 'h.example', 'a', 'b%20c'));
  t.equal(placeOf('c', new URL('http://h:1/%2e%2e%2fx')), join('c', 'h%3A1', '..%2Fx'));
  fc.assert(
    fc.property(fc.webUrl(), fc.string(), (url, tail) => {
      const place = placeOf('cache', new URL(`${url}/${tail}`));
      return place.startsWith('cache') && !place.split(/[\\/]/).includes('..');
    }),
  );
});

t.test(
  'a host that is not known, a certificate that is not trusted: final; a lost connection is not',
  async (t) => {
    const place = { url: new URL('https://h.example/a'), path: 'a' };
    const { signal } = new AbortController();
    const failed = (code: string) => Object.assign(new Error(), { code });
    for (const code of ['ENOTFOUND', 'CERT_HAS_EXPIRED', 'SELF_SIGNED_CERT_IN_CHAIN']) {
      try {
        interruptionOf(failed(code), signal, place);
        t.fail(code);
      } catch (thrown) {
        t.match(errorOf(thrown), { kind: 'network', url: 'https://h.example/a' });
      }
    }
    for (const code of ['ECONNRESET', 'EAI_AGAIN', 'EPIPE', 'ANYTHING'])
      t.ok(interruptionOf(failed(code), signal, place) instanceof Interruption);
    const bug = new RangeError('a bug');
    t.equal(interruptionOf(bug, signal, place), bug);
  },
);
