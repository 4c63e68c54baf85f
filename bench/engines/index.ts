/**
 * The engines that are compared, by the names that the results know.
 */
import { join } from 'node:path';
import { built, compiled, modules } from '../folders.js';

export interface EngineSpec {
  readonly name: string;
  /** The program that answers for it. */
  readonly program: string;
  /** The source file to bundle, under bench; the library's own engines are compiled with everything else. */
  readonly source?: string;
  /** Numbers of threads that it is measured with. */
  readonly threads: readonly number[];
  /** True if the engine runs in a page as well. */
  readonly isForPages?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** Node's program and flags, where they are not those of the benchmark itself. */
  readonly node?: string;
  readonly flags?: readonly string[];
}

const peer = (name: string, source: string, more: Partial<EngineSpec> = {}): EngineSpec => ({
  name,
  program: join(built, `${name}.mjs`),
  source,
  threads: [1, 2],
  isForPages: true,
  ...more,
});

/** The engine that outputs and times are compared with. */
export const library = 'renga';
export const baseline = 'baseline';

export const engines: readonly EngineSpec[] = [
  { name: library, program: join(compiled, 'engines', 'renga.js'), threads: [1, 2], isForPages: true },
  { name: 'renga compiled', program: join(compiled, 'engines', 'rengaCompiled.js'), threads: [1, 2] },
  peer(baseline, 'baseline/engine.ts', {
    threads: [1],
    env: { BENCH_TFJS_WASM: join(modules, '@tensorflow', 'tfjs-backend-wasm', 'dist', '/') },
  }),
  peer('jax-js', 'peers/jaxJs.ts'),
  peer('onnxruntime-web', 'peers/onnxruntimeWeb.ts'),
  peer('onnxruntime-node', 'peers/onnxruntimeNode.ts', { isForPages: false }),
];

/** The name of an engine in a page. */
export const inChromium = (name: string): string => `${name} in Chromium`;

/** The engine that ratios of another one's rows are of: the baseline in the same place. */
export const baselineFor = (engine: string): string =>
  engine.endsWith(inChromium('')) ? inChromium(baseline) : baseline;
