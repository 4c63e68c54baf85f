/**
 * The engines that are compared, by the names that the results know.
 */
import { join } from 'node:path';
import { built, compiled, modules } from '../folders.js';

export interface EngineSpec {
  readonly name: string;
  /** The program that answers for it. */
  readonly program: string;
  /** What it is bundled from, under test/bench; the library's own is compiled with everything else. */
  readonly source?: string;
  /** Numbers of threads that it is measured with. */
  readonly threads: readonly number[];
  readonly env?: Readonly<Record<string, string>>;
  /** Node's program and flags, where they are not those of the benchmark itself. */
  readonly node?: string;
  readonly flags?: readonly string[];
}

const peer = (
  name: string,
  source: string,
  threads: readonly number[],
  env?: EngineSpec['env'],
): EngineSpec => ({
  name,
  program: join(built, `${name}.mjs`),
  source,
  threads,
  env,
});

/** What outputs are compared with, and what ratios are of. */
export const library = 'renga';
export const baseline = 'baseline';

export const engines: readonly EngineSpec[] = [
  { name: library, program: join(compiled, 'engines', 'renga.js'), threads: [1, 2] },
  peer(baseline, 'baseline/engine.ts', [1], {
    BENCH_TFJS_WASM: join(modules, '@tensorflow', 'tfjs-backend-wasm', 'dist', '/'),
  }),
  peer('jax-js', 'peers/jaxJs.ts', [1, 2]),
  peer('onnxruntime-web', 'peers/onnxruntimeWeb.ts', [1, 2]),
  peer('onnxruntime-node', 'peers/onnxruntimeNode.ts', [1, 2]),
];
