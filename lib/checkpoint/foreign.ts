/** Files that are no checkpoint, told by their first bytes: pointers, pages, archives, models and pictures. */
import { few } from '../data/few.js';
import { refuse } from './error.js';

/** A kind of file, and advice for a person who has one. */
interface Foreign {
  readonly found: string;
  readonly advice: string;
  /** The first bytes as characters, one byte each. */
  readonly start: RegExp;
}

const unpack = (by: string): string => `unpack it first: ${by}`;
/** The formats that are read, for a person with a file of another one. */
const formats =
  'checkpoints are read in pickle, .npy, .npz, safetensors, files of torch.save, msgpack of Flax and folders of Orbax';

const another = `it is no checkpoint; look for a file of weights beside it; ${formats}`;
const program = `it holds a program, and no checkpoint; ${formats}`;
const anew = 'the server sent it in place of the file; open the address in a browser, or download it again';

const kinds: readonly Foreign[] = [
  {
    found: 'a pointer of Git LFS, in place of the file itself',
    advice: 'fetch the file: git lfs pull',
    start: /^version https:\/\/git-lfs\.github\.com/,
  },
  {
    found: 'a pointer of Xet, in place of the file itself',
    advice: 'fetch the file with git xet, or download it from the hub',
    start: /^(# xet version|version https:\/\/xethub|\{"?xet)/i,
  },
  { found: 'a page of HTML', advice: anew, start: /^(\xef\xbb\xbf)?\s*(<!doctype html|<html|<head|<!--)/i },
  { found: 'a document of XML', advice: anew, start: /^(\xef\xbb\xbf)?\s*<(\?xml|Error|svg)/i },
  { found: 'a file packed by gzip', advice: unpack('gunzip'), start: /^\x1f\x8b/ },
  { found: 'a file packed by xz', advice: unpack('unxz'), start: /^\xfd7zXZ\0/ },
  { found: 'a file packed by lzma', advice: unpack('unlzma'), start: /^\x5d\0\0/ },
  { found: 'a file packed by bzip2', advice: unpack('bunzip2'), start: /^BZh[1-9]1AY&SY/ },
  { found: 'a file packed by zstd', advice: unpack('unzstd'), start: /^\x28\xb5\x2f\xfd/ },
  { found: 'a file packed by lz4', advice: unpack('unlz4'), start: /^\x04\x22\x4d\x18/ },
  { found: 'a 7z archive', advice: unpack('7z x'), start: /^7z\xbc\xaf\x27\x1c/ },
  { found: 'a RAR archive', advice: unpack('unrar x'), start: /^Rar!\x1a\x07/ },
  {
    found: 'a file packed by zlib',
    advice: 'unpack it first, in Python: zlib.decompress, or joblib.load and joblib.dump without compress',
    start: /^\x78[\x01\x5e\x9c\xda]/,
  },
  {
    found: 'a file of HDF5, as Keras writes it',
    advice: 'save its arrays by numpy.savez',
    start: /^\x89HDF\r\n/,
  },
  { found: 'a model of GGUF', advice: 'export its tensors as safetensors', start: /^GGUF/ },
  { found: 'a picture in PNG', advice: another, start: /^\x89PNG/ },
  { found: 'a picture in JPEG', advice: another, start: /^\xff\xd8\xff/ },
  { found: 'a picture in GIF', advice: another, start: /^GIF8[79]a/ },
  { found: 'a picture in WebP', advice: another, start: /^RIFF[^]{4}WEBP/ },
  { found: 'a sound in WAV', advice: another, start: /^RIFF[^]{4}WAVE/ },
  { found: 'a picture or a film', advice: another, start: /^\0\0\0[^]ftyp/ },
  { found: 'text in UTF-16', advice: another, start: /^(\xff\xfe|\xfe\xff)/ },
  {
    found: 'a model of TensorFlow Lite',
    advice: program,
    start: /^[^]{4}TFL3/,
  },
  { found: 'a document in PDF', advice: another, start: /^%PDF-/ },
  {
    found: 'a model of ONNX',
    advice: `onnxruntime runs it; ${program}`,
    start: /^\x08[\x01-\x14]\x12[\x01-\x20][\w.-]+[\x1a\x22\x2a\x32\x3a\x42\x72]|^\x08[\x01-\x14]\x3a/,
  },
];

/** Refuses an archive that has no arrays, by the names in it. */
export const refuseArchive = (names: readonly string[]): never =>
  refuse({
    kind: 'foreign',
    found: `a zip archive without arrays, of ${few(names, 3).join(', ')}`,
    advice: another,
  });

/** Refuses a file whose bytes are those of no known kind. */
export const refuseUnknown = (start: Uint8Array): never =>
  refuse({
    kind: 'foreign',
    found: `an unknown kind of file, which begins with the bytes ${Array.from(start.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join(' ')}`,
    advice: formats,
  });

/** Refuses a file whose first bytes are those of something else than a checkpoint. */
export const refuseForeign = (start: Uint8Array): void => {
  const text = String.fromCharCode(...start);
  const kind = kinds.find((each) => each.start.test(text));
  if (kind) refuse({ kind: 'foreign', found: kind.found, advice: kind.advice });
};

/** Refuses a file that is text, after all formats that may look like text were ruled out. */
export const refuseText = (start: Uint8Array): void => {
  const text = String.fromCharCode(...start);
  if (!/^(\xef\xbb\xbf)?[\t\n\r\x20-\x7e]{4,}$/.test(text)) return;
  refuse({ kind: 'foreign', found: `text, ${JSON.stringify(text.slice(0, 40))}`, advice: another });
};

/** Refuses JSON that is no index of shards. */
export const refuseJson = (): never =>
  refuse({
    kind: 'foreign',
    found: 'JSON without a weight_map, which the index of a set of files has',
    advice: 'a config or the error message of a server; look for the file of weights',
  });
