/** Sound at another rate, as soxr makes it, which librosa asks. */
import t from 'tap';
import { resample } from '../../../lib/media/resample.js';

/** `soxr.resample(x, 44100, 16000, quality='HQ')` of soxr 1.x for x[i] = 0.8 sin(0.37 i²), from its sixth sample on. */
const expected = [
  0.13996, 0.41597, 0.18556, 0.09269, -0.4753, -0.11143, 0.05009, 0.53355, 0.31251, 0.03363, -0.11942,
  -0.05226, -0.00144, 0.43198, 0.58062, -0.21925, 0.35171, 0.18866, 0.0218, 0.04723, 0.59212, -0.39063,
  0.47189, 0.56391, 0.02097, -0.22115, -0.13822, -0.17693, 0.05175, 0.45677, -0.0932, -0.01188, -0.83537,
  0.04657, -0.09639, -0.49528, -0.18284, 0.18316, -0.09504,
];

t.test('a sound that fills the band comes out as soxr makes it, to its end', async (t) => {
  const samples = Float32Array.from({ length: 120 }, (_, i) => 0.8 * Math.sin(i * i * 0.37));
  const { channels, sampleRate } = resample({ sampleRate: 44_100, channels: [samples] }, 16_000);
  t.equal(sampleRate, 16_000);
  t.equal(channels[0].length, 44);
  expected.forEach((wanted, i) => t.ok(Math.abs(channels[0][i + 5] - wanted) < 1e-3, `sample ${i + 5}`));
});

t.test('a rate that is none is refused', async (t) => {
  const sound = { sampleRate: 8000, channels: [new Float32Array(4)] };
  for (const rate of [0, -1, NaN, Infinity])
    t.throws(() => resample(sound, rate), /the sample rate is .*, expected a number above 0/);
});
