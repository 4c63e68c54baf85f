/**
 * onnxruntime's WebAssembly build.
 */
import * as ort from 'onnxruntime-web';
import type { Engine } from '../engine.js';
import { serve } from '../serve.js';
import { prepare } from './onnx/prepare.js';

const engine: Engine = {
  start: async (threads) => {
    ort.env.wasm.numThreads = threads;
  },
  prepare: (work) => prepare(ort, work, { executionProviders: ['wasm'] }),
};

serve(engine);
