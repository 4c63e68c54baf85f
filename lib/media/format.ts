/** The format of a file, told from its first bytes; its name is not looked at. */

/** Formats by how their files start; a dot stands for any byte. */
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
  ['AVIF', '....ftypavif'],
  ['HEIC', '....ftyphei'],
  ['MP4', '....ftyp'],
  ['Matroska', '\x1aE\xdf\xa3'],
  ['TIFF', 'II*\0'],
  ['TIFF', 'MM\0*'],
  ['BMP', 'BM'],
  ['FLAC', 'fLaC'],
  ['Ogg', 'OggS'],
  ['MP3', 'ID3'],
  ['PDF', '%PDF'],
];

/** The format of a file's bytes, where it is a known one. */
export const formatOf = (bytes: Uint8Array): string | undefined => {
  const begins = (start: string) =>
    bytes.length >= start.length &&
    [...start].every((character, i) => character === '.' || bytes[i] === character.charCodeAt(0));
  return signatures.find(([, start]) => begins(start))?.[0];
};

/** The format as errors say it. */
export const showFormat = (bytes: Uint8Array): string => {
  if (bytes.length === 0) return 'an empty file';
  const format = formatOf(bytes);
  if (format !== undefined) return `a ${format} file`;
  const isText = bytes.subarray(0, 64).every((byte) => byte >= 32 || (byte >= 9 && byte <= 13));
  return isText ? 'a text file' : 'a file of another kind';
};
