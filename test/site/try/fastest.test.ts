/** The choice of the engine that trains in a page, with engines and measures that are told. */
import t from 'tap';
import type { EngineInfo } from '../../../lib/engine/index.js';
import type { Choice } from '../../../site/try/backend.js';
import { chooseFaster } from '../../../site/try/training/fastest.js';

const infos: Readonly<Record<Choice, EngineInfo>> = {
  wasm: { backend: 'wasm', simd: true, kernels: 'plain', threads: 4 },
  webgpu: { backend: 'webgpu', simd: false, kernels: 'stock', threads: 1, adapter: 'a processor' },
};

/** Runs the choice. @param paces  of each backend: seconds, or what goes wrong */
const chosen = async (
  paces: Readonly<Record<Choice, number | string>>,
  start: (choice: Choice) => Promise<EngineInfo> = async (choice) => infos[choice],
) => {
  let running: Choice = 'wasm';
  const started: Choice[] = [];
  const choice = await chooseFaster(
    async (asked) => {
      started.push(asked);
      const info = await start(asked);
      running = info.backend as Choice;
      return info;
    },
    async () => {
      const pace = paces[running];
      if (typeof pace === 'string') throw new Error(pace);
      return pace;
    },
  );
  return { choice, running, started };
};

t.test('the backend whose steps are faster runs in the end, and both measures are told', async (t) => {
  t.strictSame(await chosen({ wasm: 0.07, webgpu: 0.02 }), {
    choice: { info: infos.webgpu, measured: { seconds: 0.02, other: infos.wasm, otherSeconds: 0.07 } },
    running: 'webgpu',
    started: ['wasm', 'webgpu'],
  });
  t.strictSame(await chosen({ wasm: 0.02, webgpu: 0.07 }), {
    choice: { info: infos.wasm, measured: { seconds: 0.02, other: infos.webgpu, otherSeconds: 0.07 } },
    running: 'wasm',
    started: ['wasm', 'webgpu', 'wasm'],
  });
});

t.test(
  'where steps fail on WebGPU, or it does not start, WebAssembly runs and the reason is told',
  async (t) => {
    const failed = await chosen({ wasm: 0.02, webgpu: 'WebGPU refused to compute: x' });
    t.equal(failed.running, 'wasm');
    t.strictSame(failed.choice, { info: { ...infos.wasm, reason: 'WebGPU: WebGPU refused to compute: x' } });
    const inPlace: EngineInfo = { ...infos.wasm, reason: 'no adapter' };
    const absent = await chosen({ wasm: 0.02, webgpu: 0.01 }, async (asked) =>
      asked === 'wasm' ? infos.wasm : inPlace,
    );
    t.strictSame(absent, {
      choice: { info: inPlace },
      running: 'wasm',
      started: ['wasm', 'webgpu'],
    });
  },
);
