/**
 * Large files, measured: how long opening takes, and how much memory conversion takes as the command line does it.
 * Ends with a failure when a promise does not hold. `npm run large-files [-- MEGABYTES]`; needs four times that on
 * the disk, in a temporary folder that is removed.
 */
import { createHash } from 'node:crypto';
import { createReadStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import * as E from 'fp-ts/lib/Either.js';
import type { HostArray } from '../../../lib/data/array.js';
import {
  openCheckpoint,
  type SaveFormat,
  showCheckpointError,
  writeCheckpoint,
} from '../../../lib/checkpoint/index.js';
import { root } from '../../project.js';

/** Peak memory of a conversion, in lengths of the file that is read. */
const mostMemory = 1.3;
/** Milliseconds in which names and shapes must be known, on a machine that is busy with other things. */
const longestOpening = 1000;

const formats: readonly SaveFormat['format'][] = ['pickle', 'safetensors', 'npz'];

/** Four megabytes of numbers that differ from array to array, made when they are written. */
const numbers = (seed: number): HostArray => ({
  shape: [1024, 1024],
  dtype: 'float32',
  get data() {
    return Float32Array.from({ length: 1 << 20 }, (_, i) => Math.fround(Math.sin(i + seed)));
  },
});

const small = (seed: number): HostArray => ({
  shape: [1024],
  dtype: 'float32',
  data: new Float32Array(1024).fill(seed),
});

const model = (megabytes: number) =>
  Object.fromEntries(
    Array.from({ length: Math.ceil(megabytes / 4.2) }, (_, i) => [
      `encoder/~/self_attention_${i}/attention/linear`,
      { w: numbers(i), b: small(i) },
    ]),
  );

const opening = async (path: string): Promise<number> => {
  const start = performance.now();
  const opened = await openCheckpoint(path, { verify: false })();
  if (E.isLeft(opened)) throw new Error(showCheckpointError(opened.left));
  return performance.now() - start;
};

const report = `data:text/javascript,process.on('exit',()=>process.stderr.write('maxRSS '+process.resourceUsage().maxRSS))`;

/** Converts as a person does, and gives seconds and peak memory in bytes. */
const convert = (from: string, to: string) => {
  const program = join(root, 'dist/cli/renga.js');
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ['--import', report, program, 'convert', from, to], {
    encoding: 'utf8',
  });
  const [, peak] = /maxRSS (\d+)$/.exec(stderr) ?? [];
  if (status !== 0 || peak === undefined) throw new Error(stderr);
  return { seconds: (performance.now() - start) / 1000, peak: 1024 * Number(peak) };
};

const digest = async (path: string): Promise<string> => {
  const hash = createHash('sha256');
  for await (const part of createReadStream(path)) hash.update(part as Buffer);
  return hash.digest('hex');
};

const promise = (what: string, isKept: boolean): void => {
  console.log(`${isKept ? 'ok  ' : 'FAIL'}  ${what}`);
  if (!isKept) process.exitCode = 1;
};

const measure = async (folder: string, megabytes: number): Promise<void> => {
  const place = (name: string) => join(folder, name);
  const written = await writeCheckpoint(
    place('model.pickle'),
    { params: model(megabytes) },
    { format: 'pickle' },
  )();
  if (E.isLeft(written)) throw new Error(showCheckpointError(written.left));
  for (const [i, to] of ['safetensors', 'npz', 'pickle'].entries()) {
    const [from, out] = [
      i === 0 ? 'model.pickle' : `model.${['safetensors', 'npz'][i - 1]}`,
      i === 2 ? 'back.pickle' : `model.${to}`,
    ];
    const { seconds, peak } = convert(place(from), place(out));
    const share = peak / statSync(place(from)).size;
    const memory = `${share.toFixed(2)} times the file (${Math.round(peak / 1e6)} MB)`;
    promise(`${from} to ${out}: ${seconds.toFixed(1)} s, peak memory ${memory}`, share < mostMemory);
  }
  const isSame = (await digest(place('back.pickle'))) === (await digest(place('model.pickle')));
  promise('through all of them and back: the same bytes', isSame);
  for (const format of formats) {
    const path = place(`model.${format}`);
    const times = [await opening(path), await opening(path), await opening(path)];
    const shown = times.map((time) => time.toFixed(0)).join(', ');
    const size = `${Math.round(statSync(path).size / 1e6)} MB`;
    promise(`${format} of ${size} opens in ${shown} ms`, Math.min(...times) < longestOpening);
  }
};

const folder = mkdtempSync(join(tmpdir(), 'renga-large-files-'));
try {
  await measure(folder, Number(process.argv[2] ?? 800));
} finally {
  rmSync(folder, { recursive: true });
}
