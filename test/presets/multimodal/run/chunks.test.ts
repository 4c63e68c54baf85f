import t from 'tap';
import * as fc from '../../../property.js';
import { chunks, decodeInChunks, publishedChunkSize } from '../../../../presets/multimodal/run/chunks.js';

const published = { image: 16 * 224 * 224, audio: 1920 };

const elements = fc.record({
  audio: fc.integer({ min: 1, max: 40 }),
  image: fc.integer({ min: 1, max: 300 }),
});

t.test("the published chunks are the colab's 128 of 6272 pixels and 15 pieces of audio", (t) => {
  const all = chunks(published, publishedChunkSize);
  t.equal(all.length, 128);
  all.forEach(({ image, audio }, i) => {
    if (image.length !== 6272 || audio.length !== 15)
      t.fail(`chunk ${i} has ${image.length} and ${audio.length}`);
    if (image[0] !== 6272 * i || audio[0] !== 15 * i) t.fail(`chunk ${i} starts elsewhere`);
  });
  t.end();
});

t.test('every element is in one chunk, in order, and every chunk has some of every modality', (t) => {
  fc.assert(
    fc.property(elements, fc.integer({ min: 1, max: 400 }), (counts, size) => {
      const all = chunks(counts, size);
      return (['audio', 'image'] as const).every((name) => {
        const points = all.flatMap((chunk) => [...chunk[name]]);
        return (
          all.every((chunk) => chunk[name].length > 0) &&
          points.length === counts[name] &&
          points.every((point, i) => point === i)
        );
      });
    }),
  );
  t.end();
});

t.test('a chunk is no larger than asked for, where each modality has enough elements', (t) => {
  fc.assert(
    fc.property(elements, fc.integer({ min: 1, max: 400 }), (counts, size) => {
      const all = chunks(counts, size);
      const largest = Math.max(...all.map(({ audio, image }) => audio.length + image.length));
      return largest <= size || all.length === Math.min(counts.audio, counts.image);
    }),
  );
  t.equal(chunks(published, 1e9).length, 1);
  t.equal(chunks({ audio: 3, image: 300 }, 10).length, 3, 'three pieces of audio are three chunks at most');
  t.end();
});

t.test('what is decoded does not depend on the size of the chunks', async () => {
  const value = (point: number, channel: number) => Math.fround(Math.sin(7 * point + channel));
  const decode = (points: Readonly<Record<string, Int32Array>>) => ({
    image: Float32Array.from({ length: 3 * points.image.length }, (_, i) =>
      value(points.image[(i / 3) | 0], i % 3),
    ),
    audio: Float32Array.from(points.audio, (point) => value(point, 5)),
  });
  await fc.assert(
    fc.asyncProperty(elements, fc.integer({ min: 1, max: 400 }), async (counts, size) => {
      const { image, audio } = await decodeInChunks(counts, size, decode);
      return (
        image.length === 3 * counts.image &&
        image.every((x, i) => x === value((i / 3) | 0, i % 3)) &&
        audio.length === counts.audio &&
        audio.every((x, i) => x === value(i, 5))
      );
    }),
    { numRuns: 50 },
  );
});

t.test('chunks are decoded one after the other, and told their place', async (t) => {
  const seen: unknown[] = [];
  let busy = 0;
  await decodeInChunks({ a: 5 }, 2, async (points, index, numChunks) => {
    t.equal(++busy, 1);
    await Promise.resolve();
    busy--;
    seen.push([index, numChunks, [...points.a]]);
    return { a: Float32Array.from(points.a) };
  });
  t.strictSame(seen, [
    [0, 3, [0]],
    [1, 3, [1, 2]],
    [2, 3, [3, 4]],
  ]);
});

t.test('missing values, a changing width and sizes that are none are mistakes', async (t) => {
  await t.rejects(
    decodeInChunks({ a: 4 }, 2, () => ({})),
    { message: 'a: undefined values for 2 points' },
  );
  await t.rejects(
    decodeInChunks({ a: 4 }, 2, (_, i) => ({ a: new Float32Array(2 + 2 * i) })),
    { message: 'a: 4 values for 2 points' },
  );
  await t.rejects(
    decodeInChunks({ a: 4 }, 2, () => ({ a: new Float32Array(3) })),
    RangeError,
  );
  for (const size of [0, -3, 1.5, NaN]) t.throws(() => chunks({ a: 4 }, size), RangeError);
  t.throws(() => chunks({ a: 0 }, 4), RangeError);
});
