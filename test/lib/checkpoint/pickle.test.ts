/**
 * Every opcode that makes data, on pickles written by CPython 3.11, NumPy 2 and optax 0.2.8, and by hand where Python
 * writes them no more.
 */
import * as E from 'fp-ts/lib/Either.js';
import t from 'tap';
import type { PickleValue } from '../../../lib/checkpoint/index.js';
import { FileArray, parsePickle, showCheckpointError } from '../../../lib/checkpoint/index.js';

/** Pickles as strings of one character a byte. */
const latin1 = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));
const base64 = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));

const read = (bytes: Uint8Array): PickleValue => {
  const value = parsePickle(bytes);
  if (E.isLeft(value)) throw new Error(showCheckpointError(value.left));
  return value.right;
};

/** A value without offsets and classes: dicts as pairs, arrays with their elements. */
const plain = (value: PickleValue): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof FileArray) return { shape: value.shape, dtype: value.dtype, data: [...value.data] };
  switch (value.kind) {
    case 'dict':
      return { dict: [...value.entries].map(([key, item]) => [plain(key), plain(item)]) };
    case 'object':
    case 'namedTuple':
      return { name: value.name, fields: value.fields.map(plain) };
    case 'bytes':
      return { bytes: [...value.bytes] };
    case 'text':
      return { text: value.bytes.length };
    case 'global':
    case 'elementType':
      return value.name;
    default:
      return { [value.kind]: value.items.map(plain) };
  }
};

const builtins = (protocol: number) => (protocol < 3 ? '__builtin__' : 'builtins');

const everything = (protocol: number) => ({
  dict: [
    [
      'int',
      {
        list: [
          ...[0, 1, 255, 256, 65536, -1, -129, 2 ** 31],
          ...[2n ** 53n, -(2n ** 53n), 2n ** 53n + 1n, 2n ** 70n, -(2n ** 70n)],
        ],
      },
    ],
    ['float', { list: [0.5, -1e300, Infinity] }],
    ['text', { list: ['a\nb\\', 'é', '線', '😀', ''] }],
    ['bytes', { list: [{ bytes: [] }, { bytes: [0, 255] }, { bytes: [120, 121] }, { bytes: [] }] }],
    ['none', null],
    ['bools', { tuple: [true, false] }],
    ['set', { set: [1] }],
    ['frozen', { set: [2] }],
    ['tuples', { tuple: [[], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4]].map((tuple) => ({ tuple })) }],
    [
      'ordered',
      {
        dict: [
          ['b', 1],
          ['a', 2],
        ],
      },
    ],
    ['default', { dict: [['k', { list: [1] }]] }],
    ['complex', { name: `${builtins(protocol)}.complex`, fields: [1, 2] }],
  ],
});

/** The bytes of `everything` in each protocol. */
const written = [
  'KGRwMApWaW50CnAxCihscDIKSTAKYUkxCmFJMjU1CmFJMjU2CmFJNjU1MzYKYUktMQphSS0xMjkKYUwyMTQ3NDgzNjQ4TAphTDkwMDcxOTkyNTQ3NDA5OTJMCmFMLTkwMDcxOTkyNTQ3NDA5OTJMCmFMOTAwNzE5OTI1NDc0MDk5M0wKYUwxMTgwNTkxNjIwNzE3NDExMzAzNDI0TAphTC0xMTgwNTkxNjIwNzE3NDExMzAzNDI0TAphc1ZmbG9hdApwMwoobHA0CkYwLjUKYUYtMWUrMzAwCmFGaW5mCmFzVnRleHQKcDUKKGxwNgpWYVx1MDAwYWJcdTAwNWMKcDcKYVbpCnA4CmFWXHU3ZGRhCnA5CmFWXFUwMDAxZjYwMApwMTAKYVYKcDExCmFzVmJ5dGVzCnAxMgoobHAxMwpjX19idWlsdGluX18KYnl0ZXMKcDE0Cih0UnAxNQphY19jb2RlY3MKZW5jb2RlCnAxNgooVlx1MDAwMP8KcDE3ClZsYXRpbjEKcDE4CnRwMTkKUnAyMAphY19fYnVpbHRpbl9fCmJ5dGVhcnJheQpwMjEKKGcxNgooVnh5CnAyMgpnMTgKdHAyMwpScDI0CnRwMjUKUnAyNgphZzIxCih0UnAyNwphc1Zub25lCnAyOApOc1Zib29scwpwMjkKKEkwMQpJMDAKdHAzMApzVnNldApwMzEKY19fYnVpbHRpbl9fCnNldApwMzIKKChscDMzCkkxCmF0cDM0ClJwMzUKc1Zmcm96ZW4KcDM2CmNfX2J1aWx0aW5fXwpmcm96ZW5zZXQKcDM3CigobHAzOApJMgphdHAzOQpScDQwCnNWdHVwbGVzCnA0MQooKHQoSTEKdHA0MgooSTEKSTIKdHA0MwooSTEKSTIKSTMKdHA0NAooSTEKSTIKSTMKSTQKdHA0NQp0cDQ2CnNWb3JkZXJlZApwNDcKY2NvbGxlY3Rpb25zCk9yZGVyZWREaWN0CnA0OAoodFJwNDkKVmIKcDUwCkkxCnNWYQpwNTEKSTIKc3NWZGVmYXVsdApwNTIKY2NvbGxlY3Rpb25zCmRlZmF1bHRkaWN0CnA1MwooY19fYnVpbHRpbl9fCmxpc3QKcDU0CnRwNTUKUnA1NgpWawpwNTcKKGxwNTgKSTEKYXNzVmNvbXBsZXgKcDU5CmNfX2J1aWx0aW5fXwpjb21wbGV4CnA2MAooRjEuMApGMi4wCnRwNjEKUnA2MgpzLg==',
  'fXEAKFgDAAAAaW50cQFdcQIoSwBLAUv/TQABSgAAAQBK/////0p/////TDIxNDc0ODM2NDhMCkw5MDA3MTk5MjU0NzQwOTkyTApMLTkwMDcxOTkyNTQ3NDA5OTJMCkw5MDA3MTk5MjU0NzQwOTkzTApMMTE4MDU5MTYyMDcxNzQxMTMwMzQyNEwKTC0xMTgwNTkxNjIwNzE3NDExMzAzNDI0TAplWAUAAABmbG9hdHEDXXEEKEc/4AAAAAAAAEf+N+Q8iAB1nEd/8AAAAAAAAGVYBAAAAHRleHRxBV1xBihYBAAAAGEKYlxxB1gCAAAAw6lxCFgDAAAA57eacQlYBAAAAPCfmIBxClgAAAAAcQtlWAUAAABieXRlc3EMXXENKGNfX2J1aWx0aW5fXwpieXRlcwpxDilScQ9jX2NvZGVjcwplbmNvZGUKcRAoWAMAAAAAw79xEVgGAAAAbGF0aW4xcRJ0cRNScRRjX19idWlsdGluX18KYnl0ZWFycmF5CnEVKGgQKFgCAAAAeHlxFmgSdHEXUnEYdHEZUnEaaBUpUnEbZVgEAAAAbm9uZXEcTlgFAAAAYm9vbHNxHShJMDEKSTAwCnRxHlgDAAAAc2V0cR9jX19idWlsdGluX18Kc2V0CnEgKF1xIUsBYXRxIlJxI1gGAAAAZnJvemVucSRjX19idWlsdGluX18KZnJvemVuc2V0CnElKF1xJksCYXRxJ1JxKFgGAAAAdHVwbGVzcSkoKShLAXRxKihLAUsCdHErKEsBSwJLA3RxLChLAUsCSwNLBHRxLXRxLlgHAAAAb3JkZXJlZHEvY2NvbGxlY3Rpb25zCk9yZGVyZWREaWN0CnEwKVJxMShYAQAAAGJxMksBWAEAAABhcTNLAnVYBwAAAGRlZmF1bHRxNGNjb2xsZWN0aW9ucwpkZWZhdWx0ZGljdApxNShjX19idWlsdGluX18KbGlzdApxNnRxN1JxOFgBAAAAa3E5XXE6SwFhc1gHAAAAY29tcGxleHE7Y19fYnVpbHRpbl9fCmNvbXBsZXgKcTwoRz/wAAAAAAAAR0AAAAAAAAAAdHE9UnE+dS4=',
  'gAJ9cQAoWAMAAABpbnRxAV1xAihLAEsBS/9NAAFKAAABAEr/////Sn////+KBQAAAIAAigcAAAAAAAAgigcAAAAAAADgigcBAAAAAAAgigkAAAAAAAAAAECKCQAAAAAAAAAAwGVYBQAAAGZsb2F0cQNdcQQoRz/gAAAAAAAAR/435DyIAHWcR3/wAAAAAAAAZVgEAAAAdGV4dHEFXXEGKFgEAAAAYQpiXHEHWAIAAADDqXEIWAMAAADnt5pxCVgEAAAA8J+YgHEKWAAAAABxC2VYBQAAAGJ5dGVzcQxdcQ0oY19fYnVpbHRpbl9fCmJ5dGVzCnEOKVJxD2NfY29kZWNzCmVuY29kZQpxEFgDAAAAAMO/cRFYBgAAAGxhdGluMXEShnETUnEUY19fYnVpbHRpbl9fCmJ5dGVhcnJheQpxFWgQWAIAAAB4eXEWaBKGcRdScRiFcRlScRpoFSlScRtlWAQAAABub25lcRxOWAUAAABib29sc3EdiImGcR5YAwAAAHNldHEfY19fYnVpbHRpbl9fCnNldApxIF1xIUsBYYVxIlJxI1gGAAAAZnJvemVucSRjX19idWlsdGluX18KZnJvemVuc2V0CnElXXEmSwJhhXEnUnEoWAYAAAB0dXBsZXNxKSgpSwGFcSpLAUsChnErSwFLAksDh3EsKEsBSwJLA0sEdHEtdHEuWAcAAABvcmRlcmVkcS9jY29sbGVjdGlvbnMKT3JkZXJlZERpY3QKcTApUnExKFgBAAAAYnEySwFYAQAAAGFxM0sCdVgHAAAAZGVmYXVsdHE0Y2NvbGxlY3Rpb25zCmRlZmF1bHRkaWN0CnE1Y19fYnVpbHRpbl9fCmxpc3QKcTaFcTdScThYAQAAAGtxOV1xOksBYXNYBwAAAGNvbXBsZXhxO2NfX2J1aWx0aW5fXwpjb21wbGV4CnE8Rz/wAAAAAAAAR0AAAAAAAAAAhnE9UnE+dS4=',
  'gAN9cQAoWAMAAABpbnRxAV1xAihLAEsBS/9NAAFKAAABAEr/////Sn////+KBQAAAIAAigcAAAAAAAAgigcAAAAAAADgigcBAAAAAAAgigkAAAAAAAAAAECKCQAAAAAAAAAAwGVYBQAAAGZsb2F0cQNdcQQoRz/gAAAAAAAAR/435DyIAHWcR3/wAAAAAAAAZVgEAAAAdGV4dHEFXXEGKFgEAAAAYQpiXHEHWAIAAADDqXEIWAMAAADnt5pxCVgEAAAA8J+YgHEKWAAAAABxC2VYBQAAAGJ5dGVzcQxdcQ0oQwBxDkMCAP9xD2NidWlsdGlucwpieXRlYXJyYXkKcRBDAnh5cRGFcRJScRNoEClScRRlWAQAAABub25lcRVOWAUAAABib29sc3EWiImGcRdYAwAAAHNldHEYY2J1aWx0aW5zCnNldApxGV1xGksBYYVxG1JxHFgGAAAAZnJvemVucR1jYnVpbHRpbnMKZnJvemVuc2V0CnEeXXEfSwJhhXEgUnEhWAYAAAB0dXBsZXNxIigpSwGFcSNLAUsChnEkSwFLAksDh3ElKEsBSwJLA0sEdHEmdHEnWAcAAABvcmRlcmVkcShjY29sbGVjdGlvbnMKT3JkZXJlZERpY3QKcSkpUnEqKFgBAAAAYnErSwFYAQAAAGFxLEsCdVgHAAAAZGVmYXVsdHEtY2NvbGxlY3Rpb25zCmRlZmF1bHRkaWN0CnEuY2J1aWx0aW5zCmxpc3QKcS+FcTBScTFYAQAAAGtxMl1xM0sBYXNYBwAAAGNvbXBsZXhxNGNidWlsdGlucwpjb21wbGV4CnE1Rz/wAAAAAAAAR0AAAAAAAAAAhnE2UnE3dS4=',
  'gASV3AEAAAAAAAB9lCiMA2ludJRdlChLAEsBS/9NAAFKAAABAEr/////Sn////+KBQAAAIAAigcAAAAAAAAgigcAAAAAAADgigcBAAAAAAAgigkAAAAAAAAAAECKCQAAAAAAAAAAwGWMBWZsb2F0lF2UKEc/4AAAAAAAAEf+N+Q8iAB1nEd/8AAAAAAAAGWMBHRleHSUXZQojARhCmJclIwCw6mUjAPnt5qUjATwn5iAlIwAlGWMBWJ5dGVzlF2UKEMAlEMCAP+UjAhidWlsdGluc5SMCWJ5dGVhcnJheZSTlEMCeHmUhZRSlGgSKVKUZYwEbm9uZZROjAVib29sc5SIiYaUjANzZXSUj5QoSwGQjAZmcm96ZW6UKEsCkZSMBnR1cGxlc5QoKUsBhZRLAUsChpRLAUsCSwOHlChLAUsCSwNLBHSUdJSMB29yZGVyZWSUjAtjb2xsZWN0aW9uc5SMC09yZGVyZWREaWN0lJOUKVKUKIwBYpRLAYwBYZRLAnWMB2RlZmF1bHSUaCWMC2RlZmF1bHRkaWN0lJOUaBCMBGxpc3SUk5SFlFKUjAFrlF2USwFhc4wHY29tcGxleJRoEIwHY29tcGxleJSTlEc/8AAAAAAAAEdAAAAAAAAAAIaUUpR1Lg==',
  'gAWV1AEAAAAAAAB9lCiMA2ludJRdlChLAEsBS/9NAAFKAAABAEr/////Sn////+KBQAAAIAAigcAAAAAAAAgigcAAAAAAADgigcBAAAAAAAgigkAAAAAAAAAAECKCQAAAAAAAAAAwGWMBWZsb2F0lF2UKEc/4AAAAAAAAEf+N+Q8iAB1nEd/8AAAAAAAAGWMBHRleHSUXZQojARhCmJclIwCw6mUjAPnt5qUjATwn5iAlIwAlGWMBWJ5dGVzlF2UKEMAlEMCAP+UlgIAAAAAAAAAeHmUlgAAAAAAAAAAlGWMBG5vbmWUTowFYm9vbHOUiImGlIwDc2V0lI+UKEsBkIwGZnJvemVulChLApGUjAZ0dXBsZXOUKClLAYWUSwFLAoaUSwFLAksDh5QoSwFLAksDSwR0lHSUjAdvcmRlcmVklIwLY29sbGVjdGlvbnOUjAtPcmRlcmVkRGljdJSTlClSlCiMAWKUSwGMAWGUSwJ1jAdkZWZhdWx0lGggjAtkZWZhdWx0ZGljdJSTlIwIYnVpbHRpbnOUjARsaXN0lJOUhZRSlIwBa5RdlEsBYXOMB2NvbXBsZXiUaCmMB2NvbXBsZXiUk5RHP/AAAAAAAABHQAAAAAAAAACGlFKUdS4=',
];

written.forEach((text, protocol) => {
  t.test(`protocol ${protocol} gives the values that Python wrote`, async (t) => {
    t.strictSame(plain(read(base64(text))), everything(protocol));
  });
});

t.test('opcodes that Python writes no more still make their data', async (t) => {
  const cases: readonly (readonly [string, unknown])[] = [
    ["S'it\\'s \\x41\\101\\n'\n.", "it's AA\n"],
    ['S"two"\n.', 'two'],
    ['U\x02\xe9!.', 'é!'],
    ['T\x02\0\0\0ab.', 'ab'],
    ['V\\u00e9\\U0001f600\xe9\n.', 'é😀é'],
    ['I00\n.', false],
    ['I01\n.', true],
    ['I-7\n.', -7],
    ['L12345678901234567890L\n.', 12345678901234567890n],
    ['L5\n.', 5],
    ['F-.5e2\n.', -50],
    ['K\x01K\x020.', 1],
    ['K\x012\x86.', { tuple: [1, 1] }],
    ['(K\x01K\x02l.', { list: [1, 2] }],
    ['(K\x01K\x02d.', { dict: [[1, 2]] }],
    ['K\x01(K\x02K\x031.', 1],
    ['K\x01(0.', 1],
    ['(lp0\nI1\nag0\n0.', { list: [1] }],
    ['(icollections\nOrderedDict\n.', { dict: [] }],
    ['(ccollections\nOrderedDict\no.', { dict: [] }],
    ['ccollections\nOrderedDict\n(((U\x01aK\x01lltR.', { dict: [['a', 1]] }],
    ['\x80\x04\x8f(K\x01\x90.', { set: [1] }],
    ['\x80\x02]K\x01a.', { list: [1] }],
    ['\x80\x02}U\x01ar\x07\0\0\0K\x02s.', { dict: [['a', 2]] }],
    ['\x80\x02]r\x05\0\0\0j\x05\0\0\0\x86.', { tuple: [{ list: [] }, { list: [] }] }],
    ['\x80\x02\x8b\x01\0\0\0\xff.', -1],
    ['\x80\x02\x8a\x00.', 0],
    ['\x80\x04\x8d\x01\0\0\0\0\0\0\0a.', 'a'],
    ['\x80\x04\x8e\x01\0\0\0\0\0\0\0a.', { bytes: [97] }],
    ['\x80\x05\x96\x01\0\0\0\0\0\0\0a\x98.', { bytes: [97] }],
    ['\x80\x04ccollections\nOrderedDict\n)}\x92.', { dict: [] }],
  ];
  for (const [text, expected] of cases)
    t.strictSame(plain(read(latin1(text))), expected, JSON.stringify(text));
});

t.test('what the memo shares stays one object', async (t) => {
  const value = read(latin1('\x80\x02]q\0h\0\x86.'));
  if (typeof value !== 'object' || value?.kind !== 'tuple') return t.fail('a tuple was written');
  t.equal(value.items[0], value.items[1]);
});

t.test('text of more than a mebibyte stays bytes of the file', async (t) => {
  const size = (1 << 20) + 1;
  const text = Buffer.concat([latin1('X\x01\0\x10\0'), Buffer.alloc(size, 'a'), latin1('.')]);
  t.strictSame(plain(read(text)), { text: size });
});

t.test('bytes that protocol 2 wrote as long text are the same bytes', async (t) => {
  const codes = Uint8Array.from({ length: 1 << 20 }, (_, i) => i % 256);
  const utf8 = Buffer.from(String.fromCharCode(...codes.subarray(0, 256)).repeat(codes.length / 256));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(utf8.length);
  const text = [latin1('\x80\x02c_codecs\nencode\nX'), length, utf8, latin1('X\x06\0\0\0latin1\x86R.')];
  const value = read(Buffer.concat(text));
  if (typeof value !== 'object' || value?.kind !== 'bytes') return t.fail('bytes were written');
  t.ok(Buffer.from(value.bytes).equals(codes));
});

t.test("optax's named tuples keep their name and their fields in every protocol", async (t) => {
  const states = [
    'KGNjb3B5X3JlZwpfcmVjb25zdHJ1Y3RvcgpwMAooY29wdGF4Ll9zcmMuYmFzZQpFbXB0eVN0YXRlCnAxCmNfX2J1aWx0aW5fXwp0dXBsZQpwMgoodHRwMwpScDQKZzAKKGNvcHRheC50cmFuc2Zvcm1zLl9hY2N1bXVsYXRpb24KVHJhY2VTdGF0ZQpwNQpnMgooY251bXB5Ll9jb3JlLm11bHRpYXJyYXkKc2NhbGFyCnA2CihjbnVtcHkKZHR5cGUKcDcKKFZmNApwOApJMDAKSTAxCnRwOQpScDEwCihJMwpWPApwMTEKTk5OSS0xCkktMQpJMAp0cDEyCmJjX2NvZGVjcwplbmNvZGUKcDEzCihWXHUwMDAwXHUwMDAwwD8KcDE0ClZsYXRpbjEKcDE1CnRwMTYKUnAxNwp0cDE4ClJwMTkKdHAyMAp0cDIxClJwMjIKdHAyMwou',
    'KGNjb3B5X3JlZwpfcmVjb25zdHJ1Y3RvcgpxAChjb3B0YXguX3NyYy5iYXNlCkVtcHR5U3RhdGUKcQFjX19idWlsdGluX18KdHVwbGUKcQIpdHEDUnEEaAAoY29wdGF4LnRyYW5zZm9ybXMuX2FjY3VtdWxhdGlvbgpUcmFjZVN0YXRlCnEFaAIoY251bXB5Ll9jb3JlLm11bHRpYXJyYXkKc2NhbGFyCnEGKGNudW1weQpkdHlwZQpxByhYAgAAAGY0cQhJMDAKSTAxCnRxCVJxCihLA1gBAAAAPHELTk5OSv////9K/////0sAdHEMYmNfY29kZWNzCmVuY29kZQpxDShYBQAAAAAAw4A/cQ5YBgAAAGxhdGluMXEPdHEQUnERdHESUnETdHEUdHEVUnEWdHEXLg==',
    'gAJjb3B0YXguX3NyYy5iYXNlCkVtcHR5U3RhdGUKcQApgXEBY29wdGF4LnRyYW5zZm9ybXMuX2FjY3VtdWxhdGlvbgpUcmFjZVN0YXRlCnECY251bXB5Ll9jb3JlLm11bHRpYXJyYXkKc2NhbGFyCnEDY251bXB5CmR0eXBlCnEEWAIAAABmNHEFiYiHcQZScQcoSwNYAQAAADxxCE5OTkr/////Sv////9LAHRxCWJjX2NvZGVjcwplbmNvZGUKcQpYBQAAAAAAw4A/cQtYBgAAAGxhdGluMXEMhnENUnEOhnEPUnEQhXERgXEShnETLg==',
    'gASVwAAAAAAAAACMD29wdGF4Ll9zcmMuYmFzZZSMCkVtcHR5U3RhdGWUk5QpgZSMHm9wdGF4LnRyYW5zZm9ybXMuX2FjY3VtdWxhdGlvbpSMClRyYWNlU3RhdGWUk5SMFm51bXB5Ll9jb3JlLm11bHRpYXJyYXmUjAZzY2FsYXKUk5SMBW51bXB5lIwFZHR5cGWUk5SMAmY0lImIh5RSlChLA4wBPJROTk5K/////0r/////SwB0lGJDBAAAwD+UhpRSlIWUgZSGlC4=',
  ];
  const trace = { shape: [], dtype: 'float32', data: [1.5] };
  for (const text of states) {
    t.strictSame(plain(read(base64(text))), {
      tuple: [
        { name: 'optax._src.base.EmptyState', fields: [] },
        { name: 'optax.transforms._accumulation.TraceState', fields: [trace] },
      ],
    });
  }
});

t.test('axes that NumPy permuted come back in their order', async (t) => {
  const permuted = base64(
    'gAWVmAAAAAAAAACME251bXB5Ll9jb3JlLm51bWVyaWOUjAtfZnJvbWJ1ZmZlcpSTlCiWGAAAAAAAAAAAAQIDBAUGBwgJCgsMDQ4PEBESExQVFheUjAVudW1weZSMBWR0eXBllJOUjAJpMZSJiIeUUpQoSwOMAXyUTk5OSv////9K/////0sAdJRiSwJLA0sEh5SMAUuUSwJLAEsBh5R0lFKULg==',
  );
  const of = (...shape: number[]) => Array.from({ length: shape[0] * shape[1] * shape[2] }, (_, i) => i);
  t.strictSame(plain(read(permuted)), {
    shape: [4, 2, 3],
    dtype: 'int8',
    data: of(4, 2, 3).map((i) => (i % 3) * 4 + (Math.floor(i / 3) % 2) * 12 + Math.floor(i / 6)),
  });
  const columnMajorBigEndian = base64(
    'gASVvQAAAAAAAACMFm51bXB5Ll9jb3JlLm11bHRpYXJyYXmUjAxfcmVjb25zdHJ1Y3SUk5SMBW51bXB5lIwHbmRhcnJheZSTlEsAhZRDAWKUh5RSlChLAUsCSwNLBIeUaAOMBWR0eXBllJOUjAJpMpSJiIeUUpQoSwOMAT6UTk5OSv////9K/////0sAdJRiiEMwAAAADAAEABAACAAUAAEADQAFABEACQAVAAIADgAGABIACgAWAAMADwAHABMACwAXlHSUYi4=',
  );
  t.strictSame(plain(read(columnMajorBigEndian)), { shape: [2, 3, 4], dtype: 'int16', data: of(2, 3, 4) });
});

t.test("Python 2's arrays, whose bytes are an 8-bit string, are read", async (t) => {
  const text =
    "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR" +
    "(I1\n(I2\ntcnumpy\ndtype\n(S'f4'\nI0\nI1\ntR(I3\nS'<'\nNNNI-1\nI-1\nI0\ntb" +
    "I00\nS'\\x00\\x00\\x80?\\x00\\x00\\x00@'\ntb.";
  t.strictSame(plain(read(latin1(text))), { shape: [2], dtype: 'float32', data: [1, 2] });
});
