/**
 * Mel spectrograms: the power of a sound in bands that are evenly spaced on the mel scale, as librosa computes them:
 * Slaney's scale and norm, a Hann window, steps around whose middle the window lies, silence outside of the sound.
 */

export interface MelOptions {
  /** Samples in a second. */
  readonly sampleRate: number;
  /** Samples of the window; a power of two. */
  readonly windowSize: number;
  /** Samples from one step to the next. */
  readonly hop: number;
  readonly numSteps: number;
  /** Number of bands, from 0 Hz to half of the sample rate. */
  readonly numMels: number;
}

/** Hertz to mels by Slaney: linear below 1 kHz, logarithmic above. */
const toMel = (hertz: number): number =>
  hertz < 1000 ? (3 * hertz) / 200 : 15 + (27 * Math.log(hertz / 1000)) / Math.log(6.4);
const toHertz = (mel: number): number => (mel < 15 ? (200 * mel) / 3 : 1000 * 6.4 ** ((mel - 15) / 27));

/** Triangles of the bands over the frequencies of the transform, each of area one: numMels rows of windowSize / 2 + 1. */
const filters = ({ sampleRate, windowSize, numMels }: MelOptions): readonly Float64Array[] => {
  const top = toMel(sampleRate / 2);
  const edges = Array.from({ length: numMels + 2 }, (_, i) => toHertz((top * i) / (numMels + 1)));
  return Array.from({ length: numMels }, (_, band) => {
    const [low, middle, high] = edges.slice(band, band + 3);
    return Float64Array.from({ length: windowSize / 2 + 1 }, (_bin, k) => {
      const frequency = (k * sampleRate) / windowSize;
      const height = Math.min((frequency - low) / (middle - low), (high - frequency) / (high - middle));
      return (Math.max(0, height) * 2) / (high - low);
    });
  });
};

/** The discrete Fourier transform in place, by halves (Cooley and Tukey); the length is a power of two. */
const transform = (re: Float64Array, im: Float64Array): void => {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) [re[i], re[j], im[i], im[j]] = [re[j], re[i], im[j], im[i]];
  }
  for (let size = 2; size <= n; size *= 2) {
    const half = size / 2;
    for (let k = 0; k < half; k++) {
      const [c, s] = [Math.cos((-2 * Math.PI * k) / size), Math.sin((-2 * Math.PI * k) / size)];
      for (let a = k; a < n; a += size) {
        const b = a + half;
        const [x, y] = [re[b] * c - im[b] * s, re[b] * s + im[b] * c];
        [re[b], im[b]] = [re[a] - x, im[a] - y];
        [re[a], im[a]] = [re[a] + x, im[a] + y];
      }
    }
  }
};

/**
 * The mel spectrogram of a sound.
 * @param samples one channel
 * @returns powers [numSteps, numMels]; step i lies around sample i · hop
 * @throws RangeError for a window that is not a power of two
 * @example melSpectrogram(samples, { sampleRate: 48000, windowSize: 2048, hop: 1024, numSteps: 60, numMels: 80 })
 * Source: librosa `feature.melspectrogram`, its defaults.
 */
export const melSpectrogram = (samples: Float32Array, options: MelOptions): Float32Array => {
  const { windowSize, hop, numSteps, numMels } = options;
  if (!(windowSize >= 2 && Number.isInteger(Math.log2(windowSize))))
    throw new RangeError(`windowSize is ${windowSize}, expected a power of two`);
  const bands = filters(options);
  const powers = new Float32Array(numSteps * numMels);
  for (let step = 0; step < numSteps; step++) {
    const start = step * hop - windowSize / 2;
    const re = Float64Array.from(
      { length: windowSize },
      (_, i) => (samples[start + i] ?? 0) * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / windowSize)),
    );
    const im = new Float64Array(windowSize);
    transform(re, im);
    bands.forEach((weights, band) => {
      powers[step * numMels + band] = weights.reduce(
        (sum, weight, k) => sum + (weight && weight * (re[k] ** 2 + im[k] ** 2)),
        0,
      );
    });
  }
  return powers;
};
