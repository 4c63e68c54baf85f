/** Compressed sound, each format by an optional peer: MP3, FLAC, Ogg Vorbis and Opus. */
import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { type InputError, inputError } from '../data/inputError.js';
import { damaged } from './damaged.js';
import { decodeWith } from './decoder.js';
import type { Sound } from './sound.js';

interface Decoded {
  readonly channelData: readonly Float32Array[];
  readonly sampleRate: number;
  readonly bitDepth?: number;
  readonly errors: readonly { readonly message: string }[];
}

/** Members that all decoders have. */
interface Decoder {
  readonly ready: Promise<void>;
  readonly free: () => void;
}

/** The result of a decoder, which is freed afterwards. */
const using = async <D extends Decoder>(
  decoder: D,
  decode: (decoder: D) => Decoded | Promise<Decoded>,
): Promise<Decoded> => {
  await decoder.ready;
  try {
    return await decode(decoder);
  } finally {
    decoder.free();
  }
};

const withChannels = (decoded: Decoded, change: (samples: Float32Array) => Float32Array): Decoded => ({
  ...decoded,
  channelData: decoded.channelData.map(change),
});

/** Whole numbers as shares of 2 ** (bits - 1); FLAC's decoder gives shares of one less. */
const exactSamples = (decoded: Decoded): Decoded => {
  const one = 2 ** ((decoded.bitDepth ?? 16) - 1);
  return withChannels(decoded, (samples) => samples.map((sample) => Math.round(sample * (one - 1)) / one));
};

/** Tells if the first frame of an MP3 has one channel, which its decoder gives twice. */
const isMono = (bytes: Uint8Array): boolean => {
  const hasTags = String.fromCharCode(...bytes.subarray(0, 3)) === 'ID3';
  const tags = hasTags ? 10 + [6, 7, 8, 9].reduce((size, at) => 128 * size + (bytes[at] & 127), 0) : 0;
  const frame = bytes.findIndex((byte, at) => at >= tags && byte === 0xff && (bytes[at + 1] & 0xe6) === 0xe2);
  return bytes[frame + 3] >> 6 === 3;
};

/** Samples of an Opus file, by the end that its last page tells and the samples that its head skips. */
const opusLength = (bytes: Uint8Array): number => {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [page, head] = [file.lastIndexOf('OggS'), file.indexOf('OpusHead')];
  return page < 0 || page + 14 > file.length
    ? Infinity
    : Math.max(0, Number(file.readBigInt64LE(page + 6)) - file.readUInt16LE(head + 10));
};

interface Peer {
  readonly name: string;
  readonly load: () => Promise<(bytes: Uint8Array) => Promise<Decoded>>;
}

/** Decoders by format. Opus is decoded at 48 kHz, whatever it was made from. */
const peers: Readonly<Record<string, Peer>> = {
  MP3: {
    name: 'mpg123-decoder',
    load: async () => {
      const { MPEGDecoder } = await import('mpg123-decoder');
      return async (bytes) => {
        const decoded = await using(new MPEGDecoder(), (decoder) => decoder.decode(bytes));
        return isMono(bytes) ? { ...decoded, channelData: decoded.channelData.slice(0, 1) } : decoded;
      };
    },
  },
  FLAC: {
    name: '@wasm-audio-decoders/flac',
    load: async () => {
      const { FLACDecoder } = await import('@wasm-audio-decoders/flac');
      return async (bytes) =>
        exactSamples(await using(new FLACDecoder(), (decoder) => decoder.decodeFile(bytes)));
    },
  },
  Vorbis: {
    name: '@wasm-audio-decoders/ogg-vorbis',
    load: async () => {
      const { OggVorbisDecoder } = await import('@wasm-audio-decoders/ogg-vorbis');
      return (bytes) => using(new OggVorbisDecoder(), (decoder) => decoder.decodeFile(bytes));
    },
  },
  Opus: {
    name: 'ogg-opus-decoder',
    load: async () => {
      const { OggOpusDecoder } = await import('ogg-opus-decoder');
      return async (bytes) => {
        const decoded = await using(new OggOpusDecoder(), (decoder) => decoder.decodeFile(bytes));
        return withChannels(decoded, (samples) => samples.subarray(0, opusLength(bytes)));
      };
    },
  },
};

/** Tells if a format is read here. */
export const isCompressed = (format: string | undefined): format is string =>
  format !== undefined && Object.hasOwn(peers, format);

/** Sound from the bytes of a file in one of these formats. */
export const parseCompressed = (
  where: string,
  format: string,
  bytes: Uint8Array,
): TaskEither<InputError, Sound> =>
  pipe(
    decodeWith(where, format, peers[format].name, peers[format].load, (decode) => decode(bytes)),
    TE.chainEitherK(({ channelData: channels, sampleRate, errors }) => {
      if (errors.length > 0) return E.left(damaged(where, format)(errors[0].message));
      return channels.length > 0 && channels[0].length > 0
        ? E.right({ sampleRate, channels })
        : inputError(where, `a ${format} file without sound`, 'at least one sample');
    }),
  );
