/** Frames and sound of films by the program `ffmpeg`, if it is installed. */
import { execFile } from 'node:child_process';
import { open } from 'node:fs/promises';
import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { InputError } from '../data/inputError.js';
import { formatOf } from './format.js';
import type { Picture } from './picture.js';
import type { Sound } from './sound.js';
import { parseWav } from './wav.js';

/** Formats of films. */
const films: ReadonlySet<string | undefined> = new Set(['MP4', 'Matroska', 'AVI']);

/** Tells if a format is that of films with moving pictures and sound. */
export const isFilm = (format: string | undefined): boolean => films.has(format);

/** The format of a file by its beginning; the rest is not read. */
export const formatOfFile = async (path: string): Promise<string | undefined> => {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(256), 0, 256);
    return formatOf(new Uint8Array(buffer.subarray(0, bytesRead)));
  } finally {
    await file.close();
  }
};

/** The most bytes that are taken from ffmpeg, 1 GiB. */
const maxBytes = 2 ** 30;

interface Failure extends Error {
  readonly code?: string | number | null;
  readonly stderr?: Buffer;
}

const without = (part: string): string => `a film without ${part}`;

/** The error's `found` for a film without sound. */
export const withoutSound = without('sound');

const problemOf = (path: string, part: string, error: Failure): InputError => {
  const input = (found: string, expected: string): InputError => ({
    kind: 'input',
    where: path,
    found,
    expected,
  });
  if (error.code === 'ENOENT')
    return input('a film, which ffmpeg reads', 'ffmpeg installed, or a GIF or a folder of pictures');
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER')
    return input('a film whose frames take more than 1 GiB', 'a shorter or smaller film');
  const complaint = error.stderr?.toString().trim() ?? '';
  if (/matches no streams/.test(complaint)) return input(without(part), `a film with ${part}`);
  return input(
    `a film that ffmpeg cannot read: ${complaint.split('\n')[0] || error.message}`,
    'an intact film',
  );
};

/** The output of ffmpeg for a film; the network is out of its reach. */
const ffmpeg =
  (
    path: string,
    part: 'frames' | 'sound',
    ...output: readonly string[]
  ): TaskEither<InputError, Uint8Array> =>
  () =>
    new Promise((resolve) => {
      const options = ['-v', 'error', '-nostdin', '-protocol_whitelist', 'file,pipe', '-i', `file:${path}`];
      execFile(
        'ffmpeg',
        [...options, ...output, 'pipe:1'],
        { encoding: 'buffer', maxBuffer: maxBytes },
        (error, stdout, stderr) =>
          resolve(error ? E.left(problemOf(path, part, Object.assign(error, { stderr }))) : E.right(stdout)),
      );
    });

/** Pictures in the format PPM, one after the other: `P6`, width, height and 255 in lines, then red, green and blue. */
const parsePpm = (bytes: Uint8Array): readonly Picture[] => {
  const pictures: Picture[] = [];
  for (let at = 0; at < bytes.length;) {
    const header = /^P6\s(\d+)\s(\d+)\s255\s/.exec(
      Buffer.from(bytes.subarray(at, at + 64)).toString('latin1'),
    );
    if (header === null) break;
    const [width, height] = [Number(header[1]), Number(header[2])];
    const data = new Uint8Array(4 * width * height).fill(255);
    let from = at + header[0].length;
    for (let to = 0; to < data.length; to += 4, from += 3) data.set(bytes.subarray(from, from + 3), to);
    pictures.push({ width, height, data });
    at = from;
  }
  return pictures;
};

/** The part of a film's frames that is read. */
export interface FramesOptions {
  /** The number of the first frame, from 0 on; 0 if not given. */
  readonly start?: number;
  /** Frames in a second, to which films and GIFs are brought; read frame by frame if not given. */
  readonly framesPerSecond?: number;
  /** Frames in a second of a folder of pictures, which has no rate of its own; `framesPerSecond` if not given. */
  readonly folderRate?: number;
}

/** The pictures that ffmpeg gives for a film. */
const picturesOf = (
  path: string,
  filters: readonly string[],
  limit: readonly string[] = [],
): TaskEither<InputError, readonly Picture[]> => {
  const filter = filters.length > 0 ? ['-vf', filters.join(',')] : [];
  const format = ['-f', 'image2pipe', '-c:v', 'ppm', '-pix_fmt', 'rgb24'];
  return pipe(
    ffmpeg(path, 'frames', '-map', '0:v:0', ...filter, ...limit, ...format),
    TE.map(parsePpm),
    TE.filterOrElse(
      (frames) => frames.length > 0,
      (): InputError => ({
        kind: 'input',
        where: path,
        found: without('frames'),
        expected: 'one or more',
      }),
    ),
  );
};

const rateFilter = ({ framesPerSecond }: FramesOptions): readonly string[] =>
  framesPerSecond === undefined ? [] : [`fps=${framesPerSecond}`];

/** The frames of a film, upright, `count` of them at most. */
export const framesOfFilm = (
  path: string,
  count: number,
  options: FramesOptions = {},
): TaskEither<InputError, readonly Picture[]> => {
  const { start = 0 } = options;
  const from = start === 0 ? [] : [`trim=start_frame=${start}`, 'setpts=PTS-STARTPTS'];
  const limit = Number.isFinite(count) ? ['-frames:v', String(count)] : [];
  return picturesOf(path, [...rateFilter(options), ...from], limit);
};

/** The number of frames of a film. */
export const numFramesOfFilm = (path: string, options: FramesOptions): TaskEither<InputError, number> =>
  pipe(
    picturesOf(path, [...rateFilter(options), 'scale=2:2']),
    TE.map(({ length }) => length),
  );

/** The sound of a film, at the rate it has there. */
export const soundOfFilm = (path: string): TaskEither<InputError, Sound> =>
  pipe(
    ffmpeg(path, 'sound', '-map', '0:a:0', '-f', 'wav', '-c:a', 'pcm_f32le'),
    TE.chainEitherK((bytes) => parseWav(path, bytes)),
  );
