/** `.npy`: arrays that NumPy 2 wrote, and headers that it would not. */
import * as fc from '../../property.js';
import * as E from 'fp-ts/lib/Either.js';
import t from 'tap';
import type { HostArray } from '../../../lib/data/array.js';
import { array, float32 } from '../../../lib/data/array.js';
import type { FileArray } from '../../../lib/checkpoint/index.js';
import { formatNpy, parseNpy, showCheckpointError } from '../../../lib/checkpoint/index.js';
import { parseNpyHeader } from '../../../lib/checkpoint/npyHeader.js';

const base64 = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));

const read = (bytes: Uint8Array): FileArray => {
  const result = parseNpy(bytes);
  if (E.isLeft(result)) throw new Error(showCheckpointError(result.left));
  return result.right;
};

const reason = (bytes: Uint8Array): string => {
  const result = parseNpy(bytes);
  return E.isLeft(result) ? showCheckpointError(result.left) : 'read';
};

const plain = ({ shape, dtype, data }: HostArray) => ({ shape: [...shape], dtype, data: [...data] });

/** Written by `numpy.save`: what we write for the same array has the same bytes. */
const written: readonly (readonly [string, HostArray])[] = [
  [
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAACAPwAAAEAAAEBAAACAQAAAoEA=',
    float32([2, 3], [0, 1, 2, 3, 4, 5]),
  ],
  [
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPGk4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAAAAEAAAAAAAAAAgAAAAAAAAADAAAAAAAAAAQAAAAAAAAABQAAAAAAAAA=',
    array([2, 3], 'int64', BigInt64Array.of(0n, 1n, 2n, 3n, 4n, 5n)),
  ],
  [
    'k05VTVBZAQB2AHsnZGVzY3InOiAnfGIxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAABAQE=',
    array([2, 3], 'bool', Uint8Array.of(0, 0, 0, 1, 1, 1)),
  ],
  [
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPFYyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAIA/AEBAQIBAoEA=',
    array([2, 3], 'bfloat16', Uint16Array.of(0, 0x3f80, 0x4000, 0x4040, 0x4080, 0x40a0)),
  ],
  [
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAEQA==',
    array([], 'float64', Float64Array.of(2.5)),
  ],
  [
    'k05VTVBZAQB2AHsnZGVzY3InOiAnfGkxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDMsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoB/gM=',
    array([3], 'int8', Int8Array.of(1, -2, 3)),
  ],
  [
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPHUyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDAsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAo=',
    array([0, 3], 'uint16', new Uint16Array()),
  ],
];

t.test("NumPy's arrays are read, and written with NumPy's bytes", async (t) => {
  for (const [text, expected] of written) {
    t.strictSame(plain(read(base64(text))), plain(expected));
    t.strictSame(Buffer.from(formatNpy(expected)).toString('base64'), text);
    t.strictSame(
      Buffer.from(formatNpy(read(base64(text)))).toString('base64'),
      text,
      'views are written as they are',
    );
  }
});

t.test('versions, orders of axes and orders of bytes all give the same array', async (t) => {
  const same = [
    'k05VTVBZAgB0AAAAeydkZXNjcic6ICc8ZjQnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMiwgMyksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAACAPwAAAEAAAEBAAACAQAAAoEA=',
    'k05VTVBZAwB0AAAAeydkZXNjcic6ICc8ZjQnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMiwgMyksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAACAPwAAAEAAAEBAAACAQAAAoEA=',
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMyksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAABAQAAAgD8AAIBAAAAAQAAAoEA=',
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPmY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAP4AAAEAAAABAQAAAQIAAAECgAAA=',
  ];
  for (const text of same) {
    t.strictSame(plain(read(base64(text))), plain(written[0][1]));
    t.strictSame(Buffer.from(formatNpy(read(base64(text)))).toString('base64'), written[0][0]);
  }
});

t.test('arrays of objects and structures are refused', async (t) => {
  t.match(
    reason(
      base64(
        'k05VTVBZAQB2AHsnZGVzY3InOiAnfE8nLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMiwpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAqABJWOAAAAAAAAAIwWbnVtcHkuX2NvcmUubXVsdGlhcnJheZSMDF9yZWNvbnN0cnVjdJSTlIwFbnVtcHmUjAduZGFycmF5lJOUSwCFlEMBYpSHlFKUKEsBSwKFlGgDjAVkdHlwZZSTlIwCTziUiYiHlFKUKEsDjAF8lE5OTkr/////Sv////9LP3SUYoldlCh9lEsBZXSUYi4=',
      ),
    ),
    /^at byte 128: an array of Python objects/,
  );
  t.match(
    reason(
      base64(
        'k05VTVBZAQB2AHsnZGVzY3InOiBbKCdhJywgJzxmNCcpXSwgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDEsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAA',
      ),
    ),
    /structures/,
  );
  t.match(
    reason(
      base64(
        'k05VTVBZAQB2AHsnZGVzY3InOiAnPFUyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDEsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAphAAAAYgAAAA==',
      ),
    ),
    /elements of type "<U2"/,
  );
});

const bytes = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));
const npy = (header: string, elements = '\0\0\0\0') =>
  bytes(`\x93NUMPY\x01\0${String.fromCharCode(header.length & 255, header.length >> 8)}${header}${elements}`);

t.test('a header is a literal of exactly three keys', async (t) => {
  const good = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }";
  t.equal(reason(npy(good)), 'read');
  t.equal(reason(npy('{"shape":(1,),"fortran_order":True,"descr":"<f4"}')), 'read');
  t.equal(reason(npy(good.replace('(1,)', '(1L,)'))), 'read', 'as Python 2 wrote it');
  t.equal(reason(npy(good.replace('(1,)', '( 1 , 1 )'))), 'read');
  const bad = [
    '',
    '{}',
    'x',
    good.replace("'<f4'", '__import__("os")'),
    good.replace("'<f4'", "'<f4' + ''"),
    good.replace("'<f4'", "'\\x3cf4'"),
    good.replace('False', '0'),
    good.replace('(1,)', '(1)'),
    good.replace('(1,)', '(-1,)'),
    good.replace('(1,)', '(1.0,)'),
    good.replace('(1,)', '(,)'),
    good.replace('(1,)', '((1,),)'),
    good.replace('(1,)', '[1]'),
    good.replace('descr', '__proto__'),
    good.replace('}', "'shape': (1,), }"),
    good.replace('}', "'more': 1, }"),
    `${good}; 1`,
  ];
  for (const header of bad) t.match(reason(npy(header)), /a header that is not one|structures/, header);
});

t.test('what a header declares is compared with what is there', async (t) => {
  const header = (shape: string) => `{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}}`;
  t.match(reason(npy(header('(2,)'))), /float32 of shape \[2\] needs 8, found 4/);
  t.match(reason(npy(header('()'), '\0\0\0\0\0')), /needs 4, found 5/);
  t.match(reason(npy(header('(9007199254740991, 9007199254740991)'))), /needs NaN, found 4/);
  t.match(reason(npy(header('(9007199254740993,)'))), /needs NaN/);
  t.match(reason(bytes('\x93NUMPY\x01\0\xff\xff{')), /past the end/);
  t.match(reason(bytes('\x93NUMPY\x02\0\xff\xff\xff\xff{')), /a header of 4294967295 bytes/);
  t.match(reason(bytes('\x93NUMPY\x04\0\0\0')), /version 4\.0/);
  t.match(reason(bytes('hello')), /^at byte 0: not an \.npy array/);
  t.match(reason(bytes('')), /not an \.npy array/);
});

t.test('a damaged array is read or refused, never thrown at', async (t) => {
  const whole = base64(written[0][0]);
  const flips = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 3 });
  const property = fc.property(flips, fc.nat(whole.length), (changes, length) => {
    const damaged = whole.slice(0, length + 100);
    for (const [at, byte] of changes) damaged[at] = byte;
    const result = parseNpy(damaged);
    return E.isLeft(result) || result.right.data.length >= 0;
  });
  t.doesNotThrow(() => fc.assert(property, { numRuns: 1000 }));
});

t.test('a header of many brackets is refused in no time', async (t) => {
  t.equal(parseNpyHeader(`{'descr': ${'['.repeat(60_000)}`), undefined);
  t.equal(parseNpyHeader(`{${"'shape': (), ".repeat(4000)}}`), undefined);
  t.equal(parseNpyHeader(`{${' '.repeat(60_000)}x}`), undefined);
});
