/** Matrices in GPTQ's form: written, read back, and packed as its own tools pack them. */
import * as E from 'fp-ts/lib/Either.js';
import t from 'tap';
import { array, float32, type HostArray, int32 } from '../../../lib/data/array.js';
import type { Tree } from '../../../lib/data/tree.js';
import {
  formatCheckpoint,
  formatSafetensors,
  parseCheckpoint,
  showCheckpointError,
  toGptq,
} from '../../../lib/checkpoint/index.js';

const right = <A>(either: E.Either<Parameters<typeof showCheckpointError>[0], A>): A => {
  if (E.isLeft(either)) throw new Error(showCheckpointError(either.left));
  return either.right;
};

const wave = (shape: readonly [number, number]): HostArray =>
  float32(
    shape,
    Float32Array.from({ length: shape[0] * shape[1] }, (_, i) => Math.sin(i * 0.7) * (1 + (i % 5))),
  );

const tree: Tree<HostArray> = {
  'net/linear': { w: wave([64, 32]), b: float32([32], new Float32Array(32).fill(0.5)) },
  'net/cross_attention/linear': { w: wave([32, 32]) },
  'net/odd': { w: wave([33, 32]) },
};

const written = (params: Tree<HostArray>, separator?: '.'): Uint8Array =>
  right(formatCheckpoint({ params }, { format: 'safetensors', separator }));

const farthest = (a: HostArray, b: HostArray): number =>
  Math.max(...(a.data as Float32Array).map((value, i) => Math.abs(value - Number(b.data[i]))));

for (const [bits, tolerance] of [
  [8, 0.025],
  [4, 0.7],
] as const) {
  t.test(`matrices of ${bits} bits come back near what they were, others as they were`, async (t) => {
    const bytes = written(toGptq(tree, bits).tree);
    const { params } = right(parseCheckpoint(bytes));
    t.same(Object.keys(params), Object.keys(tree));
    const { w, b } = params['net/linear'];
    t.same([w.shape, w.dtype], [[64, 32], 'float32']);
    t.ok(farthest(w, tree['net/linear'].w) < tolerance, `${farthest(w, tree['net/linear'].w)}`);
    t.same(b.data, tree['net/linear'].b.data);
    for (const whole of ['net/cross_attention/linear', 'net/odd'])
      t.same(params[whole].w.data, tree[whole].w.data, whole);
    const again = right(parseCheckpoint(written(toGptq(params, bits).tree)));
    t.same(again.params['net/linear'].w.data, w.data, 'rounded once more they are the same');
  });
}

t.test("PyTorch's matrices lie the other way round", async (t) => {
  const { params } = right(
    parseCheckpoint(written(toGptq({ net: { weight: wave([32, 64]) } }, 8).tree, '.')),
  );
  t.same(params.net.weight.shape, [32, 64]);
  t.ok(farthest(params.net.weight, wave([32, 64])) < 0.025);
});

/** 8 inputs, 8 outputs, 4 bits, two groups whose inputs take turns: as GPTQ's tools write them. */
const byHand = (): Map<string, HostArray> =>
  new Map<string, HostArray>([
    ['a.qweight', int32([1, 8], new Int32Array(8).fill(0x76543210))],
    ['a.qzeros', int32([2, 1], Int32Array.of(0x77777777, 0x01234567))],
    [
      'a.scales',
      array(
        [2, 8],
        'float16',
        Uint16Array.from({ length: 16 }, (_, i) => (i < 8 ? 0x3c00 : 0x4000)),
      ),
    ],
    ['a.g_idx', int32([8], Int32Array.of(0, 1, 0, 1, 0, 1, 0, 1))],
  ]);

t.test('levels, zeros less one, scales and groups are read by their rule', async (t) => {
  const { params, notes } = right(parseCheckpoint(right(formatSafetensors(byHand()))));
  t.same(notes, ['1 matrix of 4 bits (GPTQ): 104 B in the file, read as float32, 256 B']);
  const { data } = params.a.weight;
  t.same(
    data.slice(0, 8),
    [0, 1, 2, 3, 4, 5, 6, 7].map((level, k) => (k % 2 ? 2 * (level - 8) : level - 8)),
    'the first output',
  );
  t.same(Number(data[7 * 8 + 1]), 2 * (1 - 1), 'the last output has zero 0 + 1 in the second group');
});

t.test('arrays that do not fit each other are refused, and groups that are not there', async (t) => {
  const problemOf = (change: (arrays: Map<string, HostArray>) => void): string => {
    const arrays = byHand();
    change(arrays);
    const parsed = parseCheckpoint(right(formatSafetensors(arrays)));
    return E.isLeft(parsed) ? showCheckpointError(parsed.left) : 'read';
  };
  t.match(
    problemOf((arrays) => arrays.delete('a.scales')),
    /a\.qweight: found qweight without qzeros and scales/,
  );
  t.match(
    problemOf((arrays) => arrays.set('a.g_idx', int32([7], new Int32Array(7)))),
    /arrays that fit each other/,
  );
  t.match(
    problemOf((arrays) => arrays.set('a.qzeros', int32([2, 3], new Int32Array(6)))),
    /levels of 12 bits/,
  );
  t.match(
    problemOf((arrays) => arrays.set('a.g_idx', int32([8], new Int32Array(8).fill(2)))),
    /a\.g_idx: found input 0 in group 2, expected one of 2 groups/,
  );
  const scales = array([2, 8], 'float16', new Uint16Array(16).fill(0x7e00));
  t.match(
    problemOf((arrays) => arrays.set('a.scales', scales)),
    /a\.scales: found NaN at \[0, 0\], expected finite numbers/,
  );
  const damaged = formatSafetensors(byHand(), { quantization_config: '{bits' });
  t.match(parseCheckpoint(right(damaged)), {
    left: { problems: [{ found: 'a quantization_config of "{bits"', expected: 'an object of JSON' }] },
  });
});

t.test('the report names what is rounded, and what stays whole with the reason', async (t) => {
  const { rounding } = toGptq(tree, 4);
  t.same(rounding.rounded, ['net/linear/w']);
  t.same(
    rounding.whole.map(({ path, reason }) => `${path}: ${reason}`),
    [
      'net/cross_attention/linear/w: named by `whole`, by default cross-attentions',
      'net/odd/w: of sizes that 32 does not divide',
    ],
  );
  t.same(toGptq(tree, 4, /^$/).rounding.rounded.length, 2);
  const table = { word_embeddings: { weight: wave([64, 32]) } };
  t.same(toGptq(table, 8), { tree: table, rounding: { rounded: [], whole: [] } });
});

t.test('numbers that no level stands for end the writing with their place', async (t) => {
  for (const [bits, number] of [
    [8, NaN],
    [8, Infinity],
    [8, 1e30],
    [4, 1e6],
  ] as const) {
    const w = wave([64, 32]);
    w.data[77] = number;
    const formatted = formatCheckpoint(
      { params: toGptq({ net: { w } }, bits).tree },
      { format: 'safetensors' },
    );
    t.equal(
      E.isLeft(formatted) ? showCheckpointError(formatted.left) : 'written',
      `at net/w: found the number ${Math.fround(number)}, expected numbers that int${bits} can hold`,
    );
  }
});

t.test('gptq_v2, whose zeros are not less one, is refused by its metadata and by its zeros', async (t) => {
  const of = (arrays: Map<string, HostArray>, metadata: Record<string, string>) =>
    parseCheckpoint(right(formatSafetensors(arrays, metadata)));
  const named: readonly Record<string, string>[] = [
    { checkpoint_format: 'gptq_v2' },
    { quantization_config: JSON.stringify({ bits: 4, checkpoint_format: 'gptq_v2' }) },
    { config: JSON.stringify({ quantization_config: { checkpoint_format: 'gptq_v2' } }) },
  ];
  const refused = (metadata: Record<string, unknown>, message: RegExp) => {
    const parsed = of(byHand(), { quantization_config: JSON.stringify(metadata) });
    t.match(E.isLeft(parsed) && showCheckpointError(parsed.left), message);
  };
  refused({ quant_method: 'awq', bits: 4 }, /found matrices rounded by awq, expected those of gptq/);
  refused({ quant_method: 'gptq', bits: 8 }, /a\.qweight: found levels of 4 bits, expected 8, as the file's/);
  for (const metadata of named) {
    const parsed = of(byHand(), metadata);
    t.match(E.isLeft(parsed) && showCheckpointError(parsed.left), /matrices of the form gptq_v2, expected/);
  }
  const middle = of(byHand().set('a.qzeros', int32([2, 1], new Int32Array(2).fill(0x88888888))), {});
  t.match(
    E.isLeft(middle) && showCheckpointError(middle.left),
    /a\.qzeros: found zeros that are all 8, as in the form gptq_v2/,
  );
});
