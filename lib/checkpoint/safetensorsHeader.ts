/**
 * The header of a safetensors file: JSON that says for each tensor its element type, shape and range of bytes, and
 * texts about the file. Here is its grammar and its spelling; whether the ranges make sense is checked elsewhere.
 *
 * Source: the format's description in the README of huggingface/safetensors.
 */
import { JsonReader, shown } from './jsonReader.js';

/** The header's entry of a tensor, not yet compared with the file. */
export interface TensorEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** The start and end of its bytes, counted from the end of the header. */
  readonly begin: number;
  readonly end: number;
  /** The offset of its entry in the file. */
  readonly offset: number;
}

interface SafetensorsHeader {
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The key beside the tensors' names. */
const metadataKey = '__metadata__';

/** More tensors than any file has, few enough for what is held of them to stay small. */
const mostTensors = 1 << 16;

/** The header in its bytes, which begin at byte 8 of the file; for the inside of an `attempt`. */
export const readHeader = (bytes: Uint8Array): SafetensorsHeader => {
  const json = new JsonReader(bytes, { format: 'safetensors', offset: 8 });
  if (bytes[0] !== 0x7b) json.refuse('a header that does not begin with {');
  const tensors = new Map<string, TensorEntry>();
  const metadata = new Map<string, string>();
  json.object((name, offset) => {
    if (name === metadataKey) return json.object((key) => metadata.set(key, metadataText(json, key)));
    tensors.set(name, readEntry(json, name, offset));
  }, mostTensors + 1);
  json.end();
  return { tensors, metadata: Object.fromEntries(metadata) };
};

/** A text of the metadata, which has nothing but texts; Python's own library refuses anything else, too. */
const metadataText = (json: JsonReader, key: string): string => {
  if (json.isString) return json.string();
  return json.refuse(`the metadata's ${shown(key)} is no text, expected a string in quotes`);
};

const readEntry = (json: JsonReader, name: string, offset: number): TensorEntry => {
  let dtype: string | undefined;
  let shape: readonly number[] | undefined;
  let range: readonly number[] | undefined;
  json.object((field, at) => {
    if (field === 'dtype') dtype = json.string();
    else if (field === 'shape') shape = counts(json, 64);
    else if (field === 'data_offsets') range = counts(json, 2);
    else json.refuse(`tensor ${shown(name)}: the field ${shown(field)}, which tensors do not have`, at);
  });
  if (dtype === undefined || shape === undefined || range?.length !== 2) {
    return json.refuse(`tensor ${shown(name)}: expected dtype, shape and two data_offsets`, offset);
  }
  return { dtype, shape, begin: range[0], end: range[1], offset };
};

const counts = (json: JsonReader, most: number): readonly number[] => {
  const found: number[] = [];
  json.array(() => {
    if (found.length === most) json.refuse(`more than ${most} numbers`);
    found.push(json.count());
  });
  return found;
};

/** A tensor to be written: the entry without its place in the header. */
type TensorSpec = Omit<TensorEntry, 'offset'>;

/** The bytes before the tensors: the header's length and the header, padded so that the tensors begin at a multiple of 8. */
export const formatHeader = (
  tensors: Iterable<readonly [name: string, tensor: TensorSpec]>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array => {
  const entries = Array.from(tensors, ([name, { dtype, shape, begin, end }]): [string, unknown] => [
    name,
    { dtype, shape, data_offsets: [begin, end] },
  ]);
  const about: [string, unknown][] = Object.keys(metadata).length > 0 ? [[metadataKey, metadata]] : [];
  const text = new TextEncoder().encode(objectText([...about, ...entries]));
  const length = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + length).fill(0x20, 8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(text, 8);
  return bytes;
};

/** The text of an object in the order given, which a JavaScript object would not keep for names like "1". */
const objectText = (entries: readonly (readonly [string, unknown])[]): string =>
  `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`;
