/**
 * Files of optical flow: Middlebury's `.flo`, which Sintel has too, and KITTI's PNG of 16 bits a channel. Both are read to
 * and written from one form.
 */
import { extname } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { type InputError, inputError } from '../data/inputError.js';
import { readBytes, writeBytes } from '../files/bytes.js';
import { formatPng16, parsePng16 } from './png16.js';

/** A flow: for each pixel, the way to its place in the next picture. */
export interface FlowField {
  readonly width: number;
  readonly height: number;
  /** Pixels to the right, pixels down: [height, width, 2]. */
  readonly data: Float32Array;
  /** [height, width], 1 where the flow is known; known everywhere if not given. */
  readonly known?: Uint8Array;
}

/** The number that begins a `.flo`, 'PIEH' as text; and the bytes before the flow. */
const [tag, headerBytes] = [202021.25, 12];

/** A length of flow above which Middlebury's files mean that it is not known. */
const unknownFlow = 1e9;

/** The most pixels of a side. */
const longestSide = 99999;

/**
 * The flow of a `.flo`: a tag, width, height, then the flow of each pixel as two floats, little-endian.
 * Source: Middlebury's flow-code, README.
 */
export const parseFlo = (where: string, bytes: Uint8Array): E.Either<InputError, FlowField> => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < headerBytes || view.getFloat32(0, true) !== tag)
    return inputError(where, `a file of ${bytes.length} bytes of another kind`, 'a .flo file');
  const [width, height] = [view.getInt32(4, true), view.getInt32(8, true)];
  if (!(width >= 1 && height >= 1 && width <= longestSide && height <= longestSide))
    return inputError(where, `a flow of ${width} × ${height}`, `sides of 1 to ${longestSide} pixels`);
  const size = headerBytes + 8 * width * height;
  if (bytes.length !== size)
    return inputError(where, `${bytes.length} bytes`, `${size}, for ${width} × ${height} pixels`);
  const data = Float32Array.from({ length: 2 * width * height }, (_, i) =>
    view.getFloat32(headerBytes + 4 * i, true),
  );
  const known = Uint8Array.from({ length: width * height }, (_, i) =>
    Math.abs(data[2 * i]) <= unknownFlow && Math.abs(data[2 * i + 1]) <= unknownFlow ? 1 : 0,
  );
  return E.right({ width, height, data, ...(known.includes(0) && { known }) });
};

/** A `.flo`; flow that is not known is written as 1e10. */
export const formatFlo = ({ width, height, data, known }: FlowField): Uint8Array => {
  const bytes = new Uint8Array(headerBytes + 8 * width * height);
  const view = new DataView(bytes.buffer);
  view.setFloat32(0, tag, true);
  view.setInt32(4, width, true);
  view.setInt32(8, height, true);
  for (let i = 0; i < 2 * width * height; i++) {
    const isKnown = known === undefined || known[i >> 1] === 1;
    view.setFloat32(headerBytes + 4 * i, isKnown ? data[i] : 10 * unknownFlow, true);
  }
  return bytes;
};

/** KITTI's numbers: steps of a pixel, and the number of no flow. */
const [steps, zero] = [64, 2 ** 15];

/**
 * The flow of KITTI's PNG: red and green are the flow in 64ths of a pixel above 32,768, blue is 0 where it is not known.
 * Source: KITTI's stereo and flow development kit, readme.
 */
export const parseKittiFlow = (where: string, bytes: Uint8Array): E.Either<InputError, FlowField> =>
  pipe(
    parsePng16(where, bytes),
    E.map(({ width, height, data: values }) => {
      const data = new Float32Array(2 * width * height);
      const known = new Uint8Array(width * height);
      for (let i = 0; i < width * height; i++) {
        known[i] = values[3 * i + 2] === 0 ? 0 : 1;
        if (known[i] === 1) for (let c = 0; c < 2; c++) data[2 * i + c] = (values[3 * i + c] - zero) / steps;
      }
      return { width, height, data, ...(known.includes(0) && { known }) };
    }),
  );

/** KITTI's PNG: the flow rounded to 64ths of a pixel, from -512 to 511.98; what lies beyond is cut. */
export const formatKittiFlow = ({ width, height, data, known }: FlowField): Uint8Array => {
  const values = new Uint16Array(3 * width * height);
  for (let i = 0; i < width * height; i++) {
    if (known?.[i] === 0) continue;
    for (let c = 0; c < 2; c++)
      values[3 * i + c] = Math.min(Math.max(Math.round(steps * data[2 * i + c] + zero), 0), 2 ** 16 - 1);
    values[3 * i + 2] = 1;
  }
  return formatPng16({ width, height, data: values });
};

const parse = (path: string, bytes: Uint8Array): E.Either<InputError, FlowField> => {
  switch (extname(path).toLowerCase()) {
    case '.flo':
      return parseFlo(path, bytes);
    case '.png':
      return parseKittiFlow(path, bytes);
    default:
      return inputError(path, 'a file of another kind', 'a flow in .flo, or in .png as KITTI has it');
  }
};

/** The flow in a file: `.flo`, or `.png` as KITTI has it. */
export const readFlow = (path: string): TaskEither<InputError, FlowField> =>
  pipe(
    readBytes(path),
    TE.chainEitherK((bytes) => parse(path, bytes)),
  );

/** Writes a flow: KITTI's PNG where the path ends in `.png`, else a `.flo`. */
export const writeFlow = (path: string, flow: FlowField): TaskEither<InputError, void> =>
  writeBytes(path, (extname(path).toLowerCase() === '.png' ? formatKittiFlow : formatFlo)(flow));
