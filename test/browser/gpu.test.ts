/**
 * The backends of graphics processors in a page: what they compute, and what they say where they cannot. `npm run
 * goldens -- test/goldens --backend webgpu` runs every case.
 */
import t from 'tap';
import { join } from 'node:path';
import { root } from '../project.js';
import { openGpuPage } from '../gpu/page.js';

const goldens = join(root, 'test', 'goldens');

/** A case for each kind of program: products, attention, windows, positions, an optimizer. */
const sample = {
  only: ['modules', 'train'],
  cases: [
    'linear',
    'attention-masked',
    'conv2d-downsample-train-true',
    'conv3d-transpose',
    'fourier-2d',
    'adam',
  ],
};

/** Operations whose gradients tfjs's backends lack or have wrong, by the beginnings of their names. */
const composed = ['dilation2d', 'prod along', 'cumsum', 'many parts'];

/** Two folders have a case `linear`. */
const count = sample.cases.length + 1;

t.test('with adapters in software', async (t) => {
  const printed: string[] = [];
  const page = await openGpuPage((line) => printed.push(line));
  t.teardown(page.close);
  for (const backend of ['webgpu', 'webgl'] as const) {
    await t.test(`${backend} computes what the original computes, with gradients`, async (t) => {
      t.match(await page.call('start', backend), { backend, adapter: /swiftshader/i });
      t.same(await page.call('goldens', goldens, sample), { passed: count, failed: 0, notRun: 0 });
      // Drivers also tell of what is slow in tests, such as reading results.
      t.same(
        printed.splice(0).filter((line) => !line.includes('GL Driver Message')),
        [],
      );
    });
    await t.test(`${backend}: gradients that tfjs lacks there are composed`, async (t) => {
      const { count, failed } = await page.call('operations', backend, composed);
      t.ok(count >= composed.length);
      t.same(failed, []);
    });
  }
  await t.test('values that WebGPU computed are awaited before they are read', async (t) => {
    await page.call('start', 'webgpu');
    const { atOnce, awaited } = await page.call('readings');
    t.match(atOnce, /^values that WebGPU computed cannot be read at once: await tensor\.data\(\)/);
    t.same(awaited, [3]);
  });
});

t.test("compiled for onnxruntime's WebGPU", async (t) => {
  const page = await openGpuPage(() => undefined);
  t.teardown(page.close);

  await t.test('a layer gives what it gives, in half precision where the adapter has it', async (t) => {
    const whole = await page.call('compiledLayer');
    t.ok(whole.error <= 1e-4, `${whole.error}`);
    const half = await page.call('compiledLayer', 'float16');
    t.ok(half.error <= (half.hasHalf ? 1e-2 : 1e-4), `${half.error}`);
    const line =
      'compile: this graphics processor has no half precision (shader-f16): weights and products are float32';
    t.same(half.said, half.hasHalf ? [] : [line]);
  });

  await t.test('arrays in more parts than a program has are taken apart and joined', async (t) => {
    const errors = await page.call('compiledParts');
    for (const [name, error] of Object.entries(errors)) t.ok(error <= 1e-6, `${name}: ${error}`);
  });

  await t.test(
    'random draws have the bits of the engine, and floats of logarithms are rounded',
    async (t) => {
      const { normal, gumbel, ...exact } = await page.call('compiledDraws');
      t.ok(Math.max(normal, gumbel) <= 1e-6, `${normal}, ${gumbel}`);
      t.same(Object.values(exact), [0, 0, 0, 0, 0], Object.keys(exact).join());
    },
  );

  await t.test('steps are those of the engine, and their state stays on the device', async (t) => {
    const { losses, params, onDevice, reading } = await page.call('compiledSteps');
    t.ok(losses <= 1e-4, `${losses}`);
    t.ok(params <= 1e-3, `${params}`);
    t.equal(onDevice, 16, 'parameters, statistics and moments');
    t.match(reading, /^the state was freed/);
  });
});

t.test('without an adapter, what is missing is said, and what runs stays', async (t) => {
  const page = await openGpuPage(() => undefined, ['--disable-gpu']);
  t.teardown(page.close);
  t.match(await page.call('start', 'wasm'), { backend: 'wasm' });
  t.match(
    await page.call('start', 'webgpu'),
    /^engine: backend 'webgpu' cannot run: this browser offers no adapter for WebGPU .*; engine\(\) runs everywhere$/,
  );
  await page.call('forget', 'webgpu');
  t.match(
    await page.call('start', 'webgpu'),
    /^engine: backend 'webgpu' is not loaded: npm install @tensorflow\/tfjs-backend-webgpu@4\.22\.0, and before/,
  );
  t.match(await page.call('start', 'wasm'), { backend: 'wasm' });
});
