/** WAV files to sound and back. Only plain samples are read: whole numbers of 8 to 32 bits, floats of 32 and 64. */
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import wavefile from 'wavefile';
import type { Sound } from './sound.js';
import { type InputError, inputError } from '../data/inputError.js';
import { damaged } from './damaged.js';

/** The scale of stored samples by bit depth; a sample in [-1, 1] is (value − zero) / one. */
const scales: Readonly<Record<string, { readonly zero: number; readonly one: number }>> = {
  '8': { zero: 128, one: 128 },
  '16': { zero: 0, one: 2 ** 15 },
  '24': { zero: 0, one: 2 ** 23 },
  '32': { zero: 0, one: 2 ** 31 },
  '32f': { zero: 0, one: 1 },
  '64': { zero: 0, one: 1 },
};

/** The fields of a WAV file that its reader has no types for. */
interface Fields {
  readonly fmt: { readonly numChannels: number; readonly sampleRate: number };
  readonly data: { readonly chunkSize: number; readonly samples: Uint8Array };
}

/** Written by programs that could not know the length. */
const unknownLength = 0xffffffff;

/** Compressed samples by the name that their reader has for them. */
const compressed: Readonly<Record<string, string>> = { '4': 'ADPCM', '8a': 'A-law', '8m': 'µ-law' };

const checkFields = (where: string, wav: wavefile.WaveFile): E.Either<InputError, Fields> => {
  const { fmt, data } = wav as unknown as Fields;
  if (!Object.hasOwn(scales, wav.bitDepth)) {
    return inputError(
      where,
      `a WAV of ${compressed[wav.bitDepth] ?? `${wav.bitDepth}-bit`} samples`,
      'plain samples: whole numbers of 8, 16, 24 or 32 bits, floats of 32 or 64',
    );
  }
  if (fmt.numChannels < 1 || fmt.sampleRate < 1) {
    return inputError(
      where,
      `${fmt.numChannels} channels, ${fmt.sampleRate} samples a second`,
      'at least 1 of each',
    );
  }
  if (data.samples.length < data.chunkSize && data.chunkSize !== unknownLength) {
    const found = `a WAV that breaks off after ${data.samples.length} of ${data.chunkSize} bytes of sound`;
    return inputError(where, found, 'a whole WAV');
  }
  return E.right({ fmt, data });
};

const channelsOf = (wav: wavefile.WaveFile, { fmt, data }: Fields): readonly Float32Array[] => {
  const { numChannels } = fmt;
  const { zero, one } = scales[wav.bitDepth];
  const samples = wav.getSamples(true); // one after the other, channel by channel
  // Sound of an odd number of bytes is followed by one that is no sample.
  const stored = Math.floor(data.chunkSize / (Number.parseInt(wav.bitDepth) / 8));
  const length = Math.floor(Math.min(samples.length, stored) / numChannels);
  return Array.from({ length: numChannels }, (_, c) =>
    Float32Array.from({ length }, (_, i) => (samples[i * numChannels + c] - zero) / one),
  );
};

/** Sound from the bytes of a WAV. */
export const parseWav = (where: string, bytes: Uint8Array): E.Either<InputError, Sound> => {
  const problem = damaged(where, 'WAV');
  return pipe(
    E.tryCatch(() => new wavefile.WaveFile(bytes), problem),
    E.bindTo('wav'),
    E.bind('fields', ({ wav }) => checkFields(where, wav)),
    E.chain(({ wav, fields }) =>
      E.tryCatch(() => ({ sampleRate: fields.fmt.sampleRate, channels: channelsOf(wav, fields) }), problem),
    ),
  );
};

/** Sound as a WAV of 32-bit floats, in which nothing is lost. */
export const formatWav = ({ sampleRate, channels }: Sound): Uint8Array => {
  const wav = new wavefile.WaveFile();
  wav.fromScratch(channels.length, sampleRate, '32f', channels.length === 1 ? channels[0] : [...channels]);
  return wav.toBuffer();
};
