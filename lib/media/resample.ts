/**
 * Sound at another rate, by a windowed sinc: what both rates can hold passes, what the new one cannot is cut off.
 * Source: J. O. Smith, "Digital Audio Resampling", with a Kaiser window. The window and the band are those that come
 * nearest to soxr's high quality, librosa's default: white noise is within 4e-4, but for the first samples, which soxr
 * alone fades in.
 */
import type { Sound } from './sound.js';

/** Zero crossings of the sinc on each side of its middle. */
const numZeros = 100;
/** Samples of the filter between two zero crossings; values between them are interpolated. */
const perZero = 512;
/** The Kaiser window's shape: side lobes below −120 dB. */
const beta = 13.157;
/** The place where half of the amplitude passes, as a share of the lower rate's half. */
const rolloff = 0.95684;

/** The modified Bessel function of the first kind and order 0. */
const bessel = (x: number): number => {
  let [sum, term] = [1, 1];
  for (let k = 1; term > 1e-17 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
};

/** The right half of the filter, at steps of 1 / perZero of a zero crossing. */
const makeFilter = (): Float64Array =>
  Float64Array.from({ length: numZeros * perZero + 2 }, (_, i) => {
    const x = i / perZero;
    if (x >= numZeros) return 0;
    const angle = Math.PI * rolloff * x;
    const sinc = x === 0 ? 1 : Math.sin(angle) / angle;
    return (rolloff * sinc * bessel(beta * Math.sqrt(1 - (x / numZeros) ** 2))) / bessel(beta);
  });

let filter: Float64Array | undefined;

/** One channel at another rate: ceil(length · ratio) samples. */
const resampleChannel = (samples: Float32Array, ratio: number): Float32Array => {
  const taps = (filter ??= makeFilter());
  // Going down, the filter is as much wider as the new rate is lower.
  const scale = Math.min(1, ratio);
  const reach = numZeros / scale;
  return Float32Array.from({ length: Math.ceil(samples.length * ratio) }, (_, i) => {
    const at = i / ratio;
    const last = Math.min(samples.length - 1, Math.floor(at + reach));
    let sum = 0;
    for (let n = Math.max(0, Math.ceil(at - reach)); n <= last; n++) {
      const place = Math.abs(at - n) * scale * perZero;
      const index = Math.floor(place);
      sum += samples[n] * (taps[index] + (place - index) * (taps[index + 1] - taps[index]));
    }
    return scale * sum;
  });
};

/**
 * Sound at another rate. Channels stay apart; samples may go slightly beyond [-1, 1].
 * @param sampleRate  samples of a channel in a second, from 1
 * @throws RangeError for a rate that is not a positive number
 */
export const resample = (sound: Sound, sampleRate: number): Sound => {
  if (!(sampleRate > 0 && Number.isFinite(sampleRate)))
    throw new RangeError(`the sample rate is ${sampleRate}, expected a number above 0`);
  if (sound.sampleRate === sampleRate) return sound;
  const ratio = sampleRate / sound.sampleRate;
  return { sampleRate, channels: sound.channels.map((samples) => resampleChannel(samples, ratio)) };
};
