/**
 * Zstandard frames, unpacked into exactly the room that they declare, which must be no more than is expected.
 *
 * Source: RFC 8878, section 3.1.1.1 (the frame header).
 */
import { Decompress, decompress } from 'fzstd';
import { joined } from '../../files/parts.js';

/** A frame's header: the size of its contents, where it is declared, and of the window that unpacking needs. */
interface Header {
  readonly length?: number;
  readonly window: number;
}

const headerOf = (frame: Uint8Array): Header | undefined => {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < 6 || view.getUint32(0, true) !== 0xfd2fb528) return undefined;
  const descriptor = frame[4];
  const isSingle = (descriptor & 0x20) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3];
  const width = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6];
  const at = 5 + (isSingle ? 0 : 1) + dictionaryBytes;
  if (frame.length < at + width) return undefined;
  const length = lengthAt(view, at, width);
  const window = 2 ** (10 + (frame[5] >> 3)) * (1 + (frame[5] & 7) / 8);
  return { length, window: isSingle ? (length ?? 0) : window };
};

const lengthAt = (view: DataView, at: number, width: number): number | undefined => {
  if (width === 0) return undefined;
  if (width === 1) return view.getUint8(at);
  if (width === 2) return view.getUint16(at, true) + 256;
  return width === 4 ? view.getUint32(at, true) : Number(view.getBigUint64(at, true));
};

/** The largest window; zstd asks every reader for 8 MiB. */
const mostWindow = 1 << 25;

type Refuse = (problem: string) => never;

/**
 * The contents of a frame.
 * @param most    the most bytes that the contents may have
 * @param refuse  called with the problem of a frame that is damaged or too large
 */
export const unzstd = (frame: Uint8Array, most: number, refuse: Refuse): Uint8Array => {
  const { length, window } = headerOf(frame) ?? refuse('not a zstd frame');
  if ((length ?? 0) > most) refuse(`a zstd frame of ${length} bytes, expected at most ${most}`);
  if (length === undefined && window > mostWindow) refuse(`a zstd frame with a window of ${window} bytes`);
  try {
    const contents = length === undefined ? unpacked(frame, most) : decompress(frame, new Uint8Array(length));
    if (contents && (length === undefined || contents.length === length)) return contents;
  } catch {
    // Told below, as every other damage.
  }
  return refuse('a damaged zstd frame, or one of more bytes than expected');
};

/** Contents of no declared size, a block at a time; undefined where there are too many. */
const unpacked = (frame: Uint8Array, most: number): Uint8Array | undefined => {
  const parts: Uint8Array[] = [];
  let total = 0;
  const stream = new Decompress((part) => {
    total += part.length;
    if (total <= most) parts.push(part);
  });
  for (let at = 0; at < frame.length && total <= most; at += stepLength)
    stream.push(frame.subarray(at, at + stepLength), at + stepLength >= frame.length);
  return total <= most ? joined(parts) : undefined;
};

/** Packed bytes at once, each of which may become ten thousand. */
const stepLength = 1 << 12;
