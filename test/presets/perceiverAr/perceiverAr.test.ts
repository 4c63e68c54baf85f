/** Perceiver AR: the published configurations to the unit, texts continued, and inputs that are refused. */
import { readFileSync } from 'node:fs';
import type * as tf from '@tensorflow/tfjs-core';
import t from 'tap';
import * as E from 'fp-ts/lib/Either.js';
import { float32, type HostArray, int32, sizeOf } from '../../../lib/data/array.js';
import { flatten } from '../../../lib/data/tree.js';
import { engine, key } from '../../../lib/index.js';
import { engineRunner } from '../../../lib/run/index.js';
import { showInputError } from '../../../lib/data/inputError.js';
import { configurations, perceiverAr } from '../../../presets/perceiverAr/preset.js';
import { perceiverAr as network } from '../../../presets/perceiverAr/network.js';
import { emptyMemory, memoryDecoder } from '../../../presets/perceiverAr/run/decoding.js';
import { leftOut, processLogits, sampleEvents } from '../../../presets/perceiverAr/run/sampling.js';
import type { Beginning } from '../../../presets/perceiverAr/run.js';

const published = JSON.parse(readFileSync('test/goldens/ar/published.json', 'utf8')) as Readonly<
  Record<string, { readonly parameters: number }>
>;

const small = {
  embedChannels: 16,
  latentChannels: 16,
  numLatents: 4,
  contextLength: 24,
  positionSizes: [25],
  numCrossAttendHeads: 2,
  numSelfAttendHeads: 2,
};

t.before(() => engine());

t.test('every published configuration has its parameters to the unit', async (t) => {
  t.same(Object.keys(configurations).sort(), Object.keys(published).sort());
  for (const [name, { parameters }] of Object.entries(published)) {
    const { outline } = perceiverAr(configurations[name]);
    const counts = flatten(outline.params).map(([, { shape }]) => sizeOf(shape));
    t.equal(
      counts.reduce((sum, count) => sum + count, 0),
      parameters,
      name,
    );
  }
});

t.test('steps with a memory give the logits of the full pass', async (t) => {
  for (const position of ['absolute', 'rotary'] as const) {
    const model = perceiverAr({ ...small, numLatents: 8, position, zeroLogits: false });
    const { config } = model;
    const ids = [2, 40, 7, 199, 40, 61, 3, 258];
    const events = int32([1, 9], [...ids, 0]);
    const positions = int32([1, 9, 1], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    await using runner = engineRunner(model.init(key(42)));
    const sizes = { inputs: 8, latents: 8 };
    const decoder = memoryDecoder(runner, config, positions, sizes);
    let memory = emptyMemory(config, 1, sizes);
    for (let place = 1; place <= ids.length; place++) {
      const step = await decoder.next({ events, memory }, place);
      ({ memory } = step);
      const whole = network(config);
      const full = await runner.run(
        (s, seen: tf.Tensor, given: tf.Tensor) => whole(s, seen, given, { numLatents: place }).logits,
        [
          int32([1, place], ids.slice(0, place)),
          int32(
            [1, place, 1],
            ids.slice(0, place).map((_, i) => i + 1),
          ),
        ],
      );
      const last = (full as HostArray).data.slice(-config.numClasses) as Float32Array;
      const [scale, error] = [
        Math.max(...last.map(Math.abs)),
        Math.max(...last.map((value, i) => Math.abs(value - (step.logits.data[i] as number)))),
      ];
      t.ok(scale > 0.1 && error < 1e-5, `${position}, place ${place}: ${error} of ${scale}`);
    }
  }
});

t.test('a text is continued: the same seed writes the same bytes, another one others', async (t) => {
  const model = perceiverAr(small);
  const weights = model.init(key(42));
  const written = async (beginning: Beginning) => {
    const result = await model.run(weights, beginning)();
    if (E.isLeft(result)) throw new Error(showInputError(result.left));
    return result.right;
  };
  const pieces: string[] = [];
  const first = await written({ text: 'ab', length: 12, seed: 1, onText: (piece) => pieces.push(piece) });
  t.ok(first.text.startsWith('ab'));
  t.equal(pieces.join(''), first.continuation);
  t.ok(first.isEnded || first.bytes.length === 12);
  t.same((await written({ text: 'ab', length: 12, seed: 1 })).bytes, first.bytes);
  t.not((await written({ text: 'ab', length: 12, seed: 2 })).bytes.join(), first.bytes.join());
});

t.test('top-k keeps the likeliest few and what ties with them', async (t) => {
  const logits = float32([1, 5], Float32Array.of(0.5, 3, -1, 2, 2));
  const kept = (topK: number) =>
    [...processLogits(logits, { topK }).data].map((value) => value > leftOut / 2);
  t.same(kept(1), [false, true, false, false, false]);
  t.same(kept(2), [false, true, false, true, true]);
  t.same(kept(5), [true, true, true, true, true]);
  for (let seed = 0; seed < 8; seed++) t.same([...sampleEvents(key(seed), logits, { topK: 1 }).data], [1]);
});

t.test('what cannot be continued is told', async (t) => {
  const model = perceiverAr(small);
  const weights = model.init(key(42));
  const told = async (beginning: Beginning): Promise<string> => {
    const result = await model.run(weights, beginning)();
    return E.isLeft(result) ? showInputError(result.left) : 'written';
  };
  t.match(await told({ text: 'x'.repeat(40) }), /^the text: found \d+ bytes, expected at most \d+/);
  t.match(
    await told({ text: 'a', length: 1000 }),
    /^length: found 1000, expected a whole number from 1 to \d+/,
  );
  t.match(await told({ text: 'a', length: 0 }), /^length: found 0/);
  t.match(await told({ text: 'a', temperature: -1 }), /^temperature: found -1/);
  t.match(await told({ text: 'a', topP: 2 }), /^topP: found 2/);
  t.match(await told({ text: 'a', topK: 0 }), /^topK: found 0/);
});
