/** Every way in which the wasm backend computes, for tests that hold for each of them. */
import { engine, type EngineOptions } from '../../../lib/engine/index.js';

export const engines: readonly EngineOptions[] = [
  { kernels: 'relaxed', threads: 1 },
  { kernels: 'relaxed', threads: 3 },
  { kernels: 'plain', threads: 1 },
  { kernels: 'plain', threads: 3 },
  { kernels: 'stock', threads: 1 },
];

/** The name of an engine in tests. */
export const nameOf = ({ kernels, threads }: EngineOptions): string =>
  `${kernels} kernels, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;

/** Runs on each engine in turn. */
export const onEachEngine = async (run: (name: string, options: EngineOptions) => unknown): Promise<void> => {
  for (const options of engines) {
    await engine(options);
    await run(nameOf(options), options);
  }
};
