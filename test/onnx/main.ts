/**
 * `npm run onnx [PRESET …]`: the six published presets at full size, exported with weights by seed, run by
 * onnxruntime-node and compared with what the original computed. Takes minutes and gigabytes.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { float32, type HostArray } from '../../lib/data/array.js';
import { engine } from '../../lib/index.js';
import { verifications } from '../presets/originals.js';
import { compareOutput, type Comparison, peakMemory } from '../../presets/verify/verify.js';
import { expectedOf, feedsOf, preparedFor, write } from './full.js';

const seconds = async <A>(work: () => A | Promise<A>): Promise<[A, string]> => {
  const start = performance.now();
  const result = await work();
  return [result, `${((performance.now() - start) / 1000).toFixed(1)} s`];
};

const run = async (session: ort.InferenceSession, feeds: readonly tf.Tensor[]) => {
  const named = session.inputNames.map((name, i) => {
    const { dtype, shape } = feeds[i];
    return [name, new ort.Tensor(dtype as 'float32', feeds[i].dataSync() as Float32Array, shape)];
  });
  const outputs = await session.run(Object.fromEntries(named));
  return Object.entries(outputs).map(([name, { dims, data }]): [string, HostArray] => [
    name.replace('decoded.', ''),
    float32(dims, data as Float32Array),
  ]);
};

const conform = async (name: string, folder: string): Promise<boolean> => {
  const expected = expectedOf(name);
  const prepared = await preparedFor(expected);
  const path = join(folder, `${name}.onnx`);
  const [, written] = await seconds(() => write(prepared, path));
  const [session, opened] = await seconds(() => ort.InferenceSession.create(path));
  const feeds = feedsOf(prepared);
  const [outputs, ran] = await seconds(() => run(session, feeds));
  const found = new Map(outputs);
  const only = outputs.length === 1 ? outputs[0][1] : undefined;
  const comparisons = Object.entries(expected.outputs).map(([output, sampled]): Comparison =>
    compareOutput(output, found.get(output) ?? only, sampled),
  );
  await session.release();
  const memory = `${((peakMemory() ?? 0) / 1e9).toFixed(1)} GB at the peak`;
  console.log(`${name}: exported in ${written}, opened in ${opened}, run in ${ran}, ${memory}`);
  for (const { what, difference, tolerance, problem } of comparisons)
    console.log(`  ${what}: ${problem ?? `differs by ${difference}, allowed ${tolerance}`}`);
  return comparisons.every(({ problem }) => problem === undefined);
};

await engine();
const folder = mkdtempSync(join(tmpdir(), 'renga-onnx-'));
try {
  const wanted = process.argv.slice(2);
  for (const name of wanted.length ? wanted : Object.keys(verifications))
    if (!(await conform(name, folder))) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}
