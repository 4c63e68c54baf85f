/**
 * SentencePiece: texts as pieces of words, by a model that was trained with Google's library, a `.model` file. The pieces
 * are cut by that library itself, compiled to WebAssembly: the optional peer `@sctg/sentencepiece-js`.
 */
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { expectIdsIn } from '../../../lib/data/ids.js';
import { type InputError, inputError } from '../../../lib/data/inputError.js';
import type { Tokenizer } from '../../../modules/tokenizer.js';

/** A tokenizer with pieces of words. */
export interface SentencePieceTokenizer extends Tokenizer {
  /** The piece of an id, with ▁ for a space; undefined for ids that stand for no text. */
  readonly piece: (id: number) => string | undefined;
}

/** A piece of a model's file. */
interface Piece {
  readonly text: string;
  /** 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte. */
  readonly kind: number;
}

const peer = '@sctg/sentencepiece-js';
const expected = 'a model of SentencePiece';

/** The fields of a protocol buffer's message: numbers, and bytes; undefined for what is none. */
const fieldsOf = (
  bytes: Uint8Array,
): readonly (readonly [field: number, value: number | Uint8Array])[] | undefined => {
  const fields: (readonly [number, number | Uint8Array])[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[at++];
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
    return NaN;
  };
  while (at < bytes.length) {
    const tag = varint();
    const [field, kind] = [Math.floor(tag / 8), tag % 8];
    const size = kind === 0 ? 0 : kind === 1 ? 8 : kind === 5 ? 4 : kind === 2 ? varint() : NaN;
    if (!(field >= 1) || !(at + size <= bytes.length)) return undefined;
    fields.push([field, kind === 0 ? varint() : bytes.subarray(at, at + size)]);
    at += size;
  }
  return fields;
};

/** The pieces of a model, by their ids; undefined for what is no model. */
const piecesOf = (model: Uint8Array): readonly Piece[] | undefined => {
  const parts = fieldsOf(model)?.filter(([field]) => field === 1);
  const pieces = parts?.map(([, value]) => (value instanceof Uint8Array ? fieldsOf(value) : undefined));
  if (!pieces?.length || pieces.includes(undefined)) return undefined;
  return (pieces as NonNullable<ReturnType<typeof fieldsOf>>[]).map((fields) => {
    const { 1: text, 3: kind } = Object.fromEntries(fields) as { 1?: Uint8Array; 3?: number };
    return { text: new TextDecoder().decode(text), kind: kind ?? 1 };
  });
};

/** The peer's class. */
interface Processor {
  readonly loadFromB64StringModel: (model: string) => Promise<void>;
  readonly encodeIds: (text: string) => ArrayLike<number>;
  readonly decodeIds: (ids: readonly number[]) => string;
}

const loadPeer = async (): Promise<new () => Processor> =>
  // A name in a variable, so that bundlers of pages without SentencePiece do not look for the peer.
  ((await import(peer as string)) as { readonly SentencePieceProcessor: new () => Processor })
    .SentencePieceProcessor;

const base64 = (bytes: Uint8Array): string => {
  let binary = '';
  for (let i = 0; i < bytes.length; i += 32768)
    binary += String.fromCharCode(...bytes.subarray(i, i + 32768));
  return btoa(binary);
};

export interface SentencePieceOptions {
  /** The file's name in errors. */
  readonly where?: string;
  /** The piece for a missing token; `[MASK]` if not given. */
  readonly mask?: string;
}

/**
 * The tokenizer of a model's file.
 * @param model  the bytes of the `.model`
 * @returns      a left for what is no model, a model without the mask piece, or a peer that is not installed
 * @example const tokenizer = await sentencePiece(await readFile('my.model'))();
 */
export const sentencePiece =
  (
    model: Uint8Array,
    { where = 'the tokenizer', mask = '[MASK]' }: SentencePieceOptions = {},
  ): TaskEither<InputError, SentencePieceTokenizer> =>
  async () => {
    const pieces = piecesOf(model);
    if (!pieces) return inputError(where, `${model.length} bytes of something else`, expected);
    const maskId = pieces.findIndex(({ text }) => text === mask);
    if (maskId < 0)
      return inputError(where, `no piece '${mask}'`, 'a piece for missing tokens (option mask)');
    let processor: Processor;
    try {
      processor = new (await loadPeer())();
    } catch {
      return inputError(where, expected, `the package ${peer} to read it with: npm install ${peer}`);
    }
    try {
      await processor.loadFromB64StringModel(base64(model));
    } catch (error) {
      return inputError(where, `a model that does not load (${(error as Error).message})`, expected);
    }
    const isText = ({ kind }: Piece): boolean => kind === 1 || kind === 4 || kind === 6;
    const decode = (given: ArrayLike<number>): string => {
      const ids = Array.from(given);
      expectIdsIn(pieces.length, ids);
      return processor.decodeIds(ids);
    };
    return E.right({
      vocabSize: pieces.length,
      pad: Math.max(
        0,
        pieces.findIndex(({ text }) => text === '<pad>'),
      ),
      mask: maskId,
      encode: (text) => Int32Array.from(processor.encodeIds(text)),
      decode,
      piece: (id) => (pieces[id] && id !== maskId && isText(pieces[id]) ? pieces[id].text : undefined),
    });
  };
