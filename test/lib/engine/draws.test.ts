/** Random draws by the kernels: bit for bit those of JavaScript, in every build and with any number of threads. */
import t from 'tap';
import * as fc from '../../property.js';
import * as tf from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { type EngineOptions, engine } from '../../../lib/engine/index.js';
import { drawsOn } from '../../../lib/engine/kernels/draws.js';
import { type Native, nativeOf } from '../../../lib/engine/wasm/native.js';
import { bits, type Key, type Mode, normal, truncatedNormal, uniform } from '../../../lib/random/index.js';
import type { Distribution } from '../../../lib/random/distribution.js';
import { javaScript } from '../../../lib/random/fill.js';
import { logarithms } from '../../../lib/random/logarithm.js';

const { fround } = Math;
const modes: readonly Mode[] = ['partitionable', 'legacy'];

/** Sizes at the ends of parts and tasks of a large draw, and a block more or less. */
const largeSizes = [2 ** 17, 2 ** 17 + 1, 2 ** 18 - 1, 2 ** 18 + 1, 2 ** 18 + 6145, 2 ** 19 + 12_289];

const word = fc.nat(0xffffffff);
const anyKey: fc.Arbitrary<Key> = fc.record({
  mode: fc.constantFrom(...modes),
  words: fc.tuple(word, word),
});
const anySize = fc.oneof(fc.constantFrom(0, 1, 2), fc.nat(1100), fc.integer({ min: 1024, max: 20_000 }));
const float = (min: number, max: number) => fc.float({ min: fround(min), max: fround(max), noNaN: true });

const anyUniform: fc.Arbitrary<Distribution> = fc.record({
  kind: fc.constant('uniform' as const),
  min: float(-1e30, 1e30),
  span: fc.oneof(float(0, 1e30), float(0, 1)),
});

/** Uniform draws within [-1, 1], its ends among them, and all that may be done to their inverse. */
const anyNormal: fc.Arbitrary<Distribution> = fc
  .record({
    min: fc.oneof(fc.constant(-1), fc.constant(fround(-1 + 2 ** -24)), float(-1, 0), float(0.99, 1)),
    reach: float(0, 1),
    lowest: fc.oneof(fc.constant(-Infinity), float(-6, 0)),
    highest: fc.oneof(fc.constant(Infinity), float(0, 6)),
    scale: float(-100, 100),
    shift: float(-100, 100),
  })
  .map(({ min, reach, ...rest }) => ({ kind: 'normal', min, span: fround(reach * (1 - min)), ...rest }));

/** The first place where bits differ. */
const difference = (a: Uint32Array | Float32Array, b: Uint32Array | Float32Array): string | undefined => {
  const [x, y] = [new Uint32Array(a.buffer), new Uint32Array(b.buffer)];
  const at = x.findIndex((value, i) => value !== y[i]);
  return at < 0 ? undefined : `at ${at} of ${a.length}: ${a[at]}, expected ${b[at]}`;
};

const backend = (): BackendWasm => tf.backend() as BackendWasm;
const native = (): Native => nativeOf(backend())!;

/** The difference between a draw by the kernels and the same draw by JavaScript. */
const wordsDiffer = (key: Key, size: number): string | undefined => {
  const [found, expected] = [new Uint32Array(size), new Uint32Array(size)];
  drawsOn(backend()).words(key, found);
  javaScript.words(key, expected);
  return difference(found, expected);
};

const floatsDiffer = (key: Key, size: number, distribution: Distribution): string | undefined => {
  const [found, expected] = [new Float32Array(size), new Float32Array(size)];
  drawsOn(backend()).floats(key, found, distribution);
  javaScript.floats(key, expected, distribution);
  return difference(found, expected);
};

/** Throws with the place where they differ, so that a counterexample says it. */
const expectSame = (found: string | undefined): void => {
  if (found !== undefined) throw new Error(found);
};

const standard = { kind: 'normal', min: fround(-1 + 2 ** -24), span: 2, scale: 1, shift: 0 } as const;
const normals: Distribution = { ...standard, lowest: -Infinity, highest: Infinity };

const builds: readonly (EngineOptions & { readonly threads: number })[] = [
  { kernels: 'relaxed', threads: 1 },
  { kernels: 'relaxed', threads: 2 },
  { kernels: 'plain', threads: 1 },
  { kernels: 'plain', threads: 2 },
];

for (const build of builds) {
  const name = `${build.kernels}, ${build.threads} threads`;

  t.test(`${name}: draws of any key, size and range have JavaScript's bits`, async (t) => {
    const { kernels, threads } = await engine(build);
    t.same({ kernels, threads }, build);
    native().pool.wake();
    t.equal(native().pool.running(), build.threads);
    const numRuns = 40;
    fc.assert(
      fc.property(anyKey, anySize, (key, size) => expectSame(wordsDiffer(key, size))),
      { numRuns },
    );
    for (const distribution of [anyUniform, anyNormal]) {
      fc.assert(
        fc.property(anyKey, anySize, distribution, (key, size, of) =>
          expectSame(floatsDiffer(key, size, of)),
        ),
        { numRuns: 2 * numRuns },
      );
    }
    t.end();
  });

  t.test(`${name}: so have draws that are made in parts`, async (t) => {
    for (const mode of modes) {
      for (const size of largeSizes) {
        const key: Key = { mode, words: [size, 7] };
        t.equal(floatsDiffer(key, size, normals), undefined, `${mode}, ${size} normals`);
      }
      t.equal(wordsDiffer({ mode, words: [3, 4] }, 2 ** 18 + 3), undefined, `${mode}, words`);
    }
  });
}

/** The heap where the kernels put what they draw: after the table that they draw by. */
const room = (): Uint32Array =>
  new Uint32Array(native().memory.buffer, native().packed() + logarithms.byteLength, 2048);

t.test('an engine that runs draws on its heap, and no engine in JavaScript does', async (t) => {
  await engine({ kernels: 'plain', threads: 1 });
  const key: Key = { mode: 'partitionable', words: [1, 2] };
  const draws = {
    bits: () => bits(key, [2048]).data,
    uniform: () => uniform(key, [2048]).data,
    normal: () => normal(key, [2048]).data,
    'truncated normal': () => truncatedNormal(key, -2, 2, [2048]).data,
  };
  const onHeap = new Map<string, Uint32Array | Float32Array>();
  for (const [name, draw] of Object.entries(draws)) {
    room().fill(0);
    const drawn = draw();
    onHeap.set(name, drawn);
    t.equal(difference(new Uint32Array(drawn.buffer), room().slice()), undefined, name);
  }
  const heap = room().fill(0);
  await engine({ backend: 'cpu' });
  for (const [name, draw] of Object.entries(draws)) {
    t.equal(difference(draw(), onHeap.get(name)!), undefined, `${name} by JavaScript`);
  }
  t.ok(heap.every((value) => value === 0));
  await engine({ kernels: 'stock' });
  t.equal(difference(draws.normal(), onHeap.get('normal')!), undefined, 'nor do kernels of tfjs alone');
});
