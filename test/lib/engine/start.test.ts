import t from 'tap';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { node, outputOf } from '../../child.js';
import { engine, isStarted, requireEngine, stopThreads } from '../../../lib/engine/index.js';

/** Lines printed while a function runs. */
const printed: string[] = [];
for (const method of ['log', 'warn', 'error', 'info'] as const) {
  console[method] = (...words: unknown[]) => void printed.push(words.join(' '));
}
const product = (): number => tf.tidy(() => tf.matMul(tf.ones([1, 3]), tf.ones([3, 1])).dataSync()[0]);

t.test('a layer before the engine is a clear error', async (t) => {
  t.notOk(isStarted());
  t.throws(requireEngine, { message: 'no engine runs yet: call await engine() first' });
});

t.test('a folder without .wasm files falls back to JavaScript and says why', async (t) => {
  const info = await engine({ wasmPath: '/no/such/folder' });
  t.equal(info.backend, 'cpu');
  t.match(info.reason, /wasm backend did not start: there is no \/no\/such\/folder\/tfjs-backend-wasm/);
  t.equal(product(), 3);
  await t.rejects(engine({ backend: 'wasm', wasmPath: '/no/such/folder' }), {
    message: /^engine: the wasm backend did not start: there is no .*; engine\(\) runs plain JavaScript/,
  });
  await t.rejects(engine({ thread: 2 } as never), {
    message: /^engine: found option 'thread'.* mean 'threads'/,
  });
});

t.test('the wasm backend starts, once', async (t) => {
  const [first, second] = await Promise.all([
    engine({ wasmPath: 'node_modules/@tensorflow/tfjs-backend-wasm/dist', threads: 2 }),
    engine(),
  ]);
  t.same(first, { backend: 'wasm', simd: true, kernels: 'relaxed', threads: 2 });
  t.equal(first, second);
  t.equal(tf.getBackend(), 'wasm');
  t.equal(product(), 3);
  t.ok(isStarted());
  t.doesNotThrow(requireEngine);
});

t.test('asking for another backend switches, and tensors come along', async (t) => {
  const x = tf.tensor1d([1, 2]);
  t.same(await engine({ backend: 'cpu' }), {
    backend: 'cpu',
    simd: false,
    kernels: 'stock',
    threads: 1,
  });
  t.same([...tf.add(x, x).dataSync()], [2, 4]);
  t.equal((await engine()).backend, 'wasm');
  t.same([...tf.add(x, x).dataSync()], [2, 4]);
});

t.test('other kernels and another number of threads switch while it runs', async (t) => {
  t.match(await engine({ kernels: 'plain', threads: 1 }), { kernels: 'plain', threads: 1 });
  t.equal(product(), 3);
  t.match(await engine({ kernels: 'stock' }), { kernels: 'stock', threads: 1 });
  t.equal(product(), 3);
  t.match(await engine({ kernels: 'relaxed', threads: 3 }), { kernels: 'relaxed', threads: 3 });
  t.match(await engine(), { kernels: 'relaxed', threads: 3 }, 'asking for nothing changes nothing');
  t.equal(product(), 3);
});

t.test('a backend that there is not is refused, and the one that runs stays', async (t) => {
  await engine();
  await t.rejects(engine({ backend: 'tpu' as never }), {
    name: 'RangeError',
    message: "engine: backend is 'tpu', expected wasm, cpu, webgpu or webgl",
  });
  await t.rejects(engine({ backend: 'webgpu' }), {
    message:
      "engine: backend 'webgpu' cannot run: Node has no WebGPU; it runs in pages; engine() runs everywhere",
  });
  await t.rejects(engine({ backend: 'webgl' }), /Node has no WebGL; it runs in pages/);
  t.equal(tf.getBackend(), 'wasm');
});

t.test('kernels and threads that there are not are refused', async (t) => {
  await t.rejects(
    engine({ threads: 0 }),
    /threads \(or RENGA_THREADS\) is 0, expected a whole number from 1 to 32/,
  );
  await t.rejects(engine({ threads: 1.5 }), RangeError);
  await t.rejects(engine({ kernels: 'fast' as 'plain' }), /'fast', expected wide, relaxed, plain, stock/);
  t.match(await engine(), { kernels: 'relaxed', threads: 3 }, 'what ran goes on');
});

t.test('the environment says what is not asked for', async (t) => {
  const start = new URL('../../../lib/engine/index.js', import.meta.url).href;
  const program = `const { engine } = await import('${start}');
    console.log(JSON.stringify(await engine().catch(({ message }) => message)));`;
  const inside = (env: Record<string, string>) => {
    Object.assign(process.env, env);
    const result = node('.', '--input-type=module', '-e', program);
    Object.keys(env).forEach((name) => delete process.env[name]);
    return JSON.parse(outputOf(result));
  };
  t.match(inside({ RENGA_THREADS: '1', RENGA_KERNELS: 'plain' }), { kernels: 'plain', threads: 1 });
  t.match(inside({ RENGA_THREADS: '' }), { kernels: 'relaxed', threads: Number });
  t.match(inside({ RENGA_THREADS: 'two' }), /RENGA_THREADS\) is two, expected/);
});

t.test('nothing is printed and no listener stays on the process', async (t) => {
  t.same(printed, []);
  const ours = (event: 'uncaughtException' | 'unhandledRejection') =>
    process.listeners(event as 'exit').filter((listener) => /ExitStatus|throw/.test(listener.toString()));
  t.same([ours('uncaughtException'), ours('unhandledRejection')], [[], []]);
});

t.test('a damaged .wasm file is survived in a process of its own', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'renga-'));
  for (const name of ['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm']) {
    writeFileSync(join(folder, name), 'not a module');
  }
  const { spawnSync } = await import('node:child_process');
  const start = new URL('../../../lib/engine/index.js', import.meta.url).href;
  const program = `const { engine } = await import('${start}');
    console.log(JSON.stringify(await engine({ wasmPath: ${JSON.stringify(folder)} })));`;
  const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
  });
  t.equal(status, 0);
  t.match(JSON.parse(stdout), { backend: 'cpu', reason: /wasm/i });
});

t.teardown(stopThreads);
