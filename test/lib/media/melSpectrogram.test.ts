/** Mel spectrograms are librosa's, by numbers that librosa 0.11.0 gave. */
import t from 'tap';
import { melSpectrogram } from '../../../lib/media/melSpectrogram.js';

const options = { sampleRate: 48000, windowSize: 2048, hop: 1024, numSteps: 6, numMels: 80 };

/** A tone, a rising one and a high one. */
const sound = Float32Array.from({ length: 6144 }, (_, i) => {
  const turn = (2 * Math.PI * i) / 48000;
  return 0.5 * Math.sin(440 * turn) + 0.25 * Math.sin((3000 + i) * turn) + 0.1 * Math.cos(15000 * turn);
});

/** `librosa.feature.melspectrogram(y=sound, sr=48000, n_fft=2048, hop_length=1024, n_mels=80)`: [step, band, power]. */
const expected = [
  [0, 0, 3.84121232],
  [0, 3, 5.8935351],
  [0, 9, 85.9508494],
  [0, 20, 0.0447556734],
  [0, 40, 4.83151],
  [0, 63, 0.000314223822],
  [0, 79, 2.17971904e-5],
  [1, 3, 0.000128396671],
  [1, 9, 44.9725927],
  [1, 40, 0.000651395743],
  [5, 0, 3.77762896e-6],
  [5, 3, 0.0001222841],
  [5, 9, 44.973212],
];

t.test("powers are librosa's", async (t) => {
  const powers = melSpectrogram(sound, options);
  t.equal(powers.length, 6 * 80);
  for (const [step, band, power] of expected) {
    const found = powers[80 * step + band];
    t.ok(Math.abs(found - power) < 1e-4 * power + 1e-8, `step ${step}, band ${band}: ${found}, not ${power}`);
  }
  const sum = powers.reduce((a, b) => a + b, 0);
  t.ok(Math.abs(sum - 11117.200186) < 0.01, `${sum}`);
});

t.test('a window that halves cannot divide is refused', async (t) => {
  t.throws(() => melSpectrogram(sound, { ...options, windowSize: 1500 }), {
    message: 'windowSize is 1500, expected a power of two',
  });
});
