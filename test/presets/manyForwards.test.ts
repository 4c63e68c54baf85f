/** Two hundred forwards leave memory where ten did: the heap's size, and what is allocated on it. */
import * as tf from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import t from 'tap';
import { engine } from '../../lib/engine/index.js';
import { smallInputs, smallModel, smallWeights } from './small.js';

interface Heap {
  readonly asm: { readonly memory: WebAssembly.Memory };
  _malloc(bytes: number): number;
  _free(address: number): void;
}

/** Counts what is allocated and not yet freed from now on. */
const watched = (heap: Heap) => {
  const { _malloc, _free } = heap;
  const held = new Set<number>();
  let made = 0;
  heap._malloc = (bytes) => {
    const address = _malloc(bytes);
    held.add(address);
    made += 1;
    return address;
  };
  heap._free = (address) => {
    held.delete(address);
    _free(address);
  };
  const restore = (): void => void Object.assign(heap, { _malloc, _free });
  return { held, made: () => made, restore };
};

for (const name of ['language', 'imagenet-conv', 'multimodal']) {
  t.test(`${name}: two hundred forwards leave memory where ten did`, async (t) => {
    await engine({ backend: 'wasm', threads: 2 });
    const model = smallModel(name);
    const { params, state } = smallWeights(model);
    const inputs = smallInputs(model, { batch: 1, image_points: 3, audio_points: 2 }) as never[];
    const forwards = (count: number): void => {
      for (let i = 0; i < count; i++) tf.tidy(() => void model.apply(params, state, {}, ...inputs));
    };
    const heap = (tf.backend() as BackendWasm).wasm as unknown as Heap;
    const { held, made, restore } = watched(heap);
    t.teardown(restore);
    const memory = () => ({
      heap: heap.asm.memory.buffer.byteLength,
      allocations: held.size,
      tensors: tf.memory().numTensors,
      bytes: tf.memory().numBytes,
    });
    forwards(10);
    const before = memory();
    forwards(190);
    t.same(memory(), before);
    t.ok(made() > 1000, 'allocations are seen');
  });
}
