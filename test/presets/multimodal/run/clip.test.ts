import t from 'tap';
import * as E from 'fp-ts/lib/Either.js';
import { pictureOf } from '../../../../lib/media/picture.js';
import {
  clipAudio,
  clipImages,
  clipPictures,
  type ClipSize,
  clipSound,
  publishedClipSize,
  squareArea,
} from '../../../../presets/multimodal/run/clip.js';
import { bytesOf, colabs, difference, floatsOf, pictureOfRgb, rgbOf } from '../../colabs.js';

const size: ClipSize = { numFrames: 2, height: 4, width: 4, samplesPerFrame: 3, sampleRate: 48000 };
const grey = (value: number) => pictureOf(6, 4, () => [value, value, value]);
const ramp = Float32Array.from({ length: 10 }, (_, i) => i / 10);

t.test('the published film is 16 frames of 224 × 224 with 1920 samples each', (t) => {
  t.strictSame(publishedClipSize, {
    numFrames: 16,
    height: 224,
    width: 224,
    samplesPerFrame: 1920,
    sampleRate: 48000,
  });
  t.end();
});

t.test("frames are the colab's: the square in the middle, resized, in [0, 1]", (t) => {
  for (const { side, rgb, frame, ...sized } of colabs.frames) {
    const values = clipImages([pictureOfRgb(sized, bytesOf(rgb))], {
      ...size,
      numFrames: 1,
      width: side,
      height: side,
    });
    if (E.isLeft(values)) return t.fail(values.left.found);
    t.equal(difference(values.right, floatsOf(frame)), 0, `${sized.width} × ${sized.height}`);
  }
  t.end();
});

t.test('the square in the middle is as the colab cuts it, odd pixels and all', (t) => {
  t.strictSame(squareArea({ width: 7, height: 4 }), { left: 1, top: 0, width: 4, height: 4 });
  t.strictSame(squareArea({ width: 5, height: 8 }), { left: 0, top: 2, width: 5, height: 5 });
  t.end();
});

t.test('the first frames are taken, in their order', (t) => {
  const values = clipImages([grey(255), grey(51), grey(0)], size);
  if (E.isLeft(values)) return t.fail(values.left.found);
  t.equal(values.right.length, 2 * 4 * 4 * 3);
  t.ok(values.right.every((value, i) => value === (i < 48 ? 1 : Math.fround(0.2))));
  t.end();
});

t.test('too few frames, or one that is broken, is refused', (t) => {
  t.match(clipImages([grey(1)], size), { left: { where: 'frames', found: '1', expected: 'at least 2' } });
  t.match(clipImages([grey(1), { ...grey(1), width: 9 }], size), { left: { where: 'frame 1' } });
  t.end();
});

t.test('the first channel is taken, as long as the frames', (t) => {
  const sound = { sampleRate: 48000, channels: [ramp, new Float32Array(10)] };
  t.strictSame(clipAudio(sound, size), E.right(ramp.slice(0, 6)));
  t.end();
});

t.test('sound of another rate is resampled, and none is silence', (t) => {
  const found = clipAudio({ sampleRate: 24000, channels: [new Float32Array(200).fill(0.5)] }, size);
  if (E.isLeft(found)) return t.fail(found.left.found);
  t.equal(found.right.length, 6);
  t.strictSame(clipAudio(undefined, size), E.right(new Float32Array(6)));
  t.end();
});

t.test('sound too short, empty or not a number is refused', (t) => {
  const refused = (channels: Float32Array[], sampleRate = 48000) => clipAudio({ sampleRate, channels }, size);
  t.match(refused([ramp], 0), { left: { where: 'sound', found: '0 samples a second' } });
  t.match(refused([ramp.slice(0, 5)]), {
    left: { found: '5 samples', expected: 'at least 6, 2 frames long' },
  });
  t.match(refused([]), { left: { found: 'no channel' } });
  t.match(refused([ramp.map((x, i) => (i === 2 ? NaN : x))]), { left: { found: 'a sample of NaN' } });
  t.end();
});

t.test('frames become pictures again, and what is outside [0, 1] is cut off', (t) => {
  const pictures = [grey(0), pictureOf(6, 4, (x, y) => [x * 40, y * 60, 255])];
  const whole = { ...size, width: 4 };
  const values = clipImages(pictures, whole);
  if (E.isLeft(values)) return t.fail(values.left.found);
  const [, second] = clipPictures(values.right, whole);
  t.strictSame(rgbOf(second).slice(0, 6), [40, 0, 255, 80, 0, 255]);
  const [odd] = clipPictures([-1, 2, NaN], { ...size, numFrames: 1, width: 1, height: 1 });
  t.strictSame(rgbOf(odd), [0, 255, 0]);
  t.end();
});

t.test('samples become sound of one channel at the rate they came in', (t) => {
  t.strictSame(clipSound(ramp, size), { sampleRate: 48000, channels: [ramp] });
  t.end();
});
