/**
 * onnxruntime's native build for Node.
 */
import * as ort from 'onnxruntime-node';
import type { Engine } from '../engine.js';
import { serve } from '../serve.js';
import { prepare } from './onnx/prepare.js';

let intraOpNumThreads = 1;

const engine: Engine = {
  start: async (threads) => {
    intraOpNumThreads = threads;
  },
  prepare: (work) =>
    prepare(ort, work, { intraOpNumThreads, interOpNumThreads: 1, executionMode: 'sequential' }),
};

serve(engine);
