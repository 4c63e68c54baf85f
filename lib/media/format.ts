/** The format of a file, told from its first bytes; its name is not looked at. */

/** Formats by the beginnings of their files; a dot stands for any byte. */
const signatures: readonly (readonly [name: string, start: string])[] = [
  ['PNG', '\x89PNG\r\n\x1a\n'],
  ['JPEG', '\xff\xd8\xff'],
  ['GIF', 'GIF87a'],
  ['GIF', 'GIF89a'],
  ['WAV', 'RIFF....WAVE'],
  ['WAV', 'RF64....WAVE'],
  ['WAV', 'RIFX....WAVE'],
  ['WebP', 'RIFF....WEBP'],
  ['AVI', 'RIFF....AVI '],
  ['TIFF', 'II*\0'],
  ['TIFF', 'MM\0*'],
  ['BMP', 'BM'],
  ['FLAC', 'fLaC'],
  ['Opus', `OggS${'.'.repeat(24)}OpusHead`],
  ['Vorbis', `OggS${'.'.repeat(24)}\x01vorbis`],
  ['Ogg', 'OggS'],
  ['MP3', 'ID3'],
  ['Matroska', '\x1aE\xdf\xa3'],
  ['AIFF', 'FORM....AIF'],
  ['JPEG XL', '\xff\x0a'],
  ['JPEG XL', '\0\0\0\x0cJXL '],
  ['JPEG 2000', '\0\0\0\x0cjP  '],
  ['PSD', '8BPS'],
  ['PDF', '%PDF'],
];

const textAt = (bytes: Uint8Array, from: number, to: number): string =>
  String.fromCharCode(...bytes.subarray(from, to));

/** The format of a file in ISO's base media format, by the brands in its first box. */
const formatOfBrands = (bytes: Uint8Array): string => {
  const length = Math.min(bytes.length, 256, new DataView(bytes.buffer, bytes.byteOffset).getUint32(0));
  const brands = textAt(bytes, 8, length);
  if (/avi[fs]/.test(brands)) return 'AVIF';
  return /hei[cxms]|hev[cxms]|mif1|msf1/.test(brands) ? 'HEIC' : 'MP4';
};

/** Tells if a file begins with a frame of MPEG's layer III: its sync bits and the layer's. */
const isMp3Frame = ([first, second]: Uint8Array): boolean => first === 0xff && (second & 0xe6) === 0xe2;

/** The format of a file's bytes; undefined for unknown formats. */
export const formatOf = (bytes: Uint8Array): string | undefined => {
  const begins = (start: string) =>
    bytes.length >= start.length &&
    [...start].every((character, i) => character === '.' || bytes[i] === character.charCodeAt(0));
  const known = signatures.find(([, start]) => begins(start))?.[0];
  if (known !== undefined) return known;
  if (bytes.length >= 12 && textAt(bytes, 4, 8) === 'ftyp') return formatOfBrands(bytes);
  return bytes.length >= 4 && isMp3Frame(bytes) ? 'MP3' : undefined;
};

/** A file's format in words, for errors. */
export const showFormat = (bytes: Uint8Array): string => {
  if (bytes.length === 0) return 'an empty file';
  const format = formatOf(bytes);
  if (format !== undefined) return `a file in ${format}`;
  const isText = bytes.subarray(0, 64).every((byte) => byte >= 32 || (byte >= 9 && byte <= 13));
  return isText ? 'a text file' : 'a file of another kind';
};
