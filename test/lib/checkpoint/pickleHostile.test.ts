/** Pickles that nobody wrote: damaged ones by property, and small ones that ask for much. */
import * as fc from '../../property.js';
import * as E from 'fp-ts/lib/Either.js';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import {
  flattenValue,
  parseCheckpoint,
  parsePickle,
  showCheckpointError,
} from '../../../lib/checkpoint/index.js';

const folder = join(process.cwd(), 'test/goldens/pickles');
const small = readdirSync(folder)
  .filter((file) => file.endsWith('.pickle') && !/many|deep|empty/.test(file))
  .map((file) => new Uint8Array(readFileSync(join(folder, file))));

const latin1 = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));

const reason = (bytes: Uint8Array): string => {
  const result = parsePickle(bytes);
  return E.isLeft(result) ? showCheckpointError(result.left) : 'read';
};

/** Reads in every way and touches every array; what is thrown fails the property. */
const readsOrRefuses = (bytes: Uint8Array): boolean => {
  const value = parsePickle(bytes);
  parseCheckpoint(bytes);
  if (E.isRight(value)) {
    const arrays = flattenValue(value.right);
    if (E.isRight(arrays)) for (const array of arrays.right.values()) void array.data.length;
  } else if (value.left.kind === 'pickle' || value.left.kind === 'global') {
    return value.left.offset >= 0 && value.left.offset <= bytes.length;
  }
  return E.isRight(value);
};

const damaged = (bytes: Uint8Array, changes: readonly (readonly [number, number])[], length: number) => {
  const out = bytes.slice(0, Math.ceil(bytes.length * length));
  for (const [at, byte] of changes) if (out.length > 0) out[Math.floor(at * (out.length - 1))] = byte;
  return out;
};

const unit = fc.double({ min: 0, max: 1, noNaN: true });
const changes = fc.array(fc.tuple(unit, fc.integer({ min: 0, max: 255 })), { maxLength: 4 });

t.test('a damaged pickle is read or refused, never thrown at', async (t) => {
  const property = fc.property(
    fc.constantFrom(...small),
    changes,
    fc.constantFrom(1, 1, 0.5, 0.99),
    (bytes, at, length) => readsOrRefuses(damaged(bytes, at, length)),
  );
  t.doesNotThrow(() => fc.assert(property, { numRuns: 3000 }));
});

t.test('a pickle cut anywhere is refused', async (t) => {
  const bytes = new Uint8Array(readFileSync(join(folder, 'with-optax-state.pickle')));
  for (let length = 0; length < bytes.length; length++) {
    if (E.isRight(parsePickle(bytes.subarray(0, length)))) t.fail(`cut to ${length} bytes and read`);
  }
  t.ok(E.isRight(parsePickle(bytes)));
});

t.test('any sequence of opcodes is read or refused', async (t) => {
  const opcode = fc.oneof(
    fc.constantFrom(
      ...['(', ')', '}', ']', 'N', '0', '1', '2', 't', 'l', 'd', 'e', 'a', 's', 'u', 'R', 'b', 'o'].map(
        latin1,
      ),
      ...['K\x01', 'h\0', 'q\0', 'h\x01', 'q\x01', 'U\x01a', 'C\x01a', 'X\x02\0\0\0f4'].map(latin1),
      ...['\x81', '\x85', '\x86', '\x87', '\x88', '\x8f', '\x90', '\x91', '\x92', '\x93', '\x94'].map(latin1),
      ...[
        'numpy\ndtype',
        'numpy\nndarray',
        'numpy.core.multiarray\n_reconstruct',
        'numpy.core.multiarray\nscalar',
      ]
        .concat(
          'collections\nOrderedDict',
          '__builtin__\nlist',
          '_codecs\nencode',
          'copy_reg\n_reconstructor',
        )
        .concat('numpy.core.numeric\n_frombuffer', 'jax._src.array\n_reconstruct_array', 'optax\nAdamState')
        .map((name) => latin1(`c${name}\n`)),
    ),
    fc.uint8Array({ minLength: 1, maxLength: 3 }),
  );
  const property = fc.property(fc.array(opcode, { maxLength: 40 }), (codes) =>
    readsOrRefuses(Uint8Array.from([0x80, 4, ...codes.flatMap((code) => [...code]), 0x2e])),
  );
  t.doesNotThrow(() => fc.assert(property, { numRuns: 5000 }));
});

t.test('no damage reaches the prototype of objects', async (t) => {
  t.strictSame(Object.keys(Object.prototype), []);
  t.notOk('polluted' in {});
  t.equal(
    reason(latin1('}U\x09__proto__}U\x08pollutedK\x01ss.')),
    'at byte 26: the key "__proto__", which no module or leaf is called',
  );
  t.match(reason(latin1('cbuiltins\n__class__\n.')), /builtins\.__class__/);
});

/** A list or dict of two uses of the one before, thirty times over. */
const laughs = (one: string, two: string) => {
  const levels = Array.from(
    { length: 30 },
    (_, i) => `${two.replaceAll('?', `h${String.fromCharCode(i)}`)}q${String.fromCharCode(i + 1)}`,
  );
  return latin1(`\x80\x02${one}q\0${levels.join('')}.`);
};

t.test('structure that doubles thirty times is refused at once', async (t) => {
  const before = process.memoryUsage().heapUsed;
  t.match(reason(laughs(']', '(??l')), /too large/);
  t.match(reason(laughs('}', '(U\x01a?U\x01b?d')), /too large/);
  t.match(reason(laughs(')', '(??t')), /too large/);
  t.ok(process.memoryUsage().heapUsed - before < 50e6);
});

t.test('structure that shares within reason is read', async (t) => {
  const levels = Array.from(
    { length: 8 },
    (_, i) => `(h${String.fromCharCode(i)}h${String.fromCharCode(i)}lq${String.fromCharCode(i + 1)}`,
  );
  t.equal(reason(latin1(`\x80\x02]q\0${levels.join('')}.`)), 'read');
});

t.test('depth ends at a hundred containers', async (t) => {
  t.equal(reason(latin1(`\x80\x02)${'\x85'.repeat(99)}.`)), 'read');
  t.match(reason(latin1(`\x80\x02)${'\x85'.repeat(100)}.`)), /too deep/);
  t.match(reason(latin1(`\x80\x02)${'\x85'.repeat(2e5)}.`)), /too deep/);
  t.match(reason(latin1(`\x80\x02${']'.repeat(2e5)}${'a'.repeat(2e5 - 1)}.`)), /too deep/);
});

t.test('every kind of cycle is refused', async (t) => {
  for (const text of [
    ']q\0h\0a.',
    '}q\0h\0h\0s.',
    ']q\0(h\0ta.',
    '\x80\x04\x8fq\0(h\0\x90.',
    ']q\0)\x85q\x01ah\x01.',
  ]) {
    const isCyclic = text !== ']q\0)\x85q\x01ah\x01.';
    t.match(reason(latin1(text)), isCyclic ? /cyclic/ : /^read$/, JSON.stringify(text));
  }
});

t.test('copying what a few bytes name again and again ends early', async (t) => {
  const long = `X\0\0\x08\0${'a'.repeat(1 << 19)}`;
  const encodeOften = `\x80\x02c_codecs\nencode\nq\0${long}q\x01X\x06\0\0\0latin1q\x02(${'h\0h\x01h\x02\x86R'.repeat(10_000)}t.`;
  const before = process.memoryUsage().arrayBuffers;
  t.equal(reason(latin1(encodeOften)), 'read');
  t.ok(process.memoryUsage().arrayBuffers - before < 50e6, 'the bytes are made once');
  const pairs = `(${'K\x01K\x02\x86'.repeat(10_000)}lq\x01`;
  const copyOften = `\x80\x02ccollections\nOrderedDict\nq\0${pairs}0(${'h\0h\x01\x85R'.repeat(10_000)}t.`;
  t.match(reason(latin1(copyOften)), /more copies than the file has bytes/);
});

t.test('a file of nothing but objects or marks ends at the limit', async (t) => {
  const filled = (byte: string, count: number) => {
    const bytes = new Uint8Array(count + 2).fill(byte.charCodeAt(0));
    bytes.set([0x80, 2]);
    return bytes;
  };
  t.match(reason(filled('N', 8.1e6)), /more than \d+ items/);
  t.match(reason(filled('(', 8.1e6)), /more than \d+ items/);
});

t.test('numbers and names of absurd length are refused', async (t) => {
  t.match(reason(latin1(`I${'9'.repeat(1e6)}\n.`)), /a line of 1000000 bytes/);
  t.match(reason(latin1(`\x80\x02\x8b\0\0\x10\0${'\xff'.repeat(1 << 20)}.`)), /an integer of 1048576 bytes/);
  t.match(reason(latin1(`c${'a'.repeat(3000)}\nb\n.`)), /asks for a{100}\.b,/);
  t.match(reason(latin1('g-1\n.')), /not a pickle/);
  t.match(reason(latin1('Ng-1\n.')), /memo index -1/);
});

t.test('misused names are refused with what they were given', async (t) => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['NN\x85R.', /a call of None/],
    ['cnumpy\ndtype\nNR.', /arguments/],
    ['cnumpy\ndtype\n)R.', /numpy\.dtype with the arguments/],
    ["cnumpy\ndtype\n(S'f4'\ntR(I3\nS'<'\nN(S'a'\ntNtb.", /fields/],
    ["cnumpy\ndtype\n(S'f4'\ntRNb.", /an element type with None/],
    ['cnumpy\nndarray\n)R.', /numpy\.ndarray/],
    [
      'cnumpy.core.multiarray\n_reconstruct\n(cnumpy\ndtype\ntR.',
      /_reconstruct with the arguments \(numpy\.dtype\)/,
    ],
    ['cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\ntR.', /never gets its elements/],
    ['cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\ntRNb.', /None for its state/],
    [
      "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\ntR((K\x01tcnumpy\ndtype\n(S'f4'\ntRI00\nNtb.",
      /elements are None/,
    ],
    ["cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n(S'f4'\ntRS'abc'\ntR.", /needs 4, found 3/],
    [
      "cnumpy.core.numeric\n_frombuffer\n(S'a'\ncnumpy\ndtype\n(S'i1'\ntR(K\x01tS'X'\ntR.",
      /_frombuffer with/,
    ],
    [
      "cnumpy.core.numeric\n_frombuffer\n(S'a'\ncnumpy\ndtype\n(S'i1'\ntR(K\x01tS'K'\n(K\x01ttR.",
      /permutation/,
    ],
    ['cjax._src.array\n_reconstruct_array\n(cnumpy\ndtype\n)NtR.', /_reconstruct_array with/],
    ["c_codecs\nencode\n(S'a'\nS'rot13'\ntR.", /_codecs\.encode with/],
    ['c_codecs\nencode\n(V\\u1234\nVlatin1\ntR.', /other characters/],
    ['c__builtin__\nbytes\n(K\x05tR.', /bytes with the arguments \(the number 5\)/],
    ['c__builtin__\nlist\n(K\x05tR.', /list with/],
    ['c__builtin__\nobject\n)R.', /object, a class without data/],
    ['ccollections\nOrderedDict\n(K\x05tR.', /OrderedDict with/],
    ['ccopy_reg\n_reconstructor\n(cnumpy\ndtype\nc__builtin__\nobject\nNtR.', /_reconstructor with/],
    ["}S'a'\nb.", /a state, the string "a", for a dict of 0 entries/],
    ['NK\x01a.', /not a list/],
    ['NK\x01K\x02s.', /not a dict/],
    ['](K\x01u.', /not a dict/],
    ['}(K\x01u.', /a key without a value/],
    ['Inope\n.', /"nope" for an integer/],
    ['F1e\n.', /"1e" for a float/],
    ['Sx\n.', /without quotes/],
    ["S'\\q'\n.", /not string-escape/],
    ['V\\u12\n.', /not raw-unicode-escape/],
    ['X\x01\0\0\0\xff.', /not utf-8/],
    ['(o.', /stack underflow/],
    ['\x80\x04NN\x93.', /not text/],
    ['\x80\x05\x97.', /out of band/],
    ['\x80\x05N\x98.', /not bytes/],
    ['\x80\x04ccollections\nOrderedDict\n)}U\x01aK\x01s\x92.', /keyword arguments/],
    ['P1\n.', /not a pickle/],
    ['NP1\n.', /persistent id/],
    ['(0.', /stack underflow/],
    ['N(0(.', /stack underflow/],
  ];
  for (const [text, expected] of cases) t.match(reason(latin1(text)), expected, JSON.stringify(text));
});
