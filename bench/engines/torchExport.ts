/**
 * The ONNX export by PyTorch of a model of transformers, in onnxruntime-node; files are those of `withPeers/files`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import type { HostArray } from '../../lib/data/array.js';
import { readArrays } from '../../test/golden/case.js';
import type { Engine } from '../engine.js';
import { serve } from '../serve.js';
import { filesOf } from '../withPeers/files.js';

let asked = 1;

/** PyTorch's whole numbers are wide. */
const feed = ({ shape, data, dtype }: HostArray): ort.Tensor =>
  dtype === 'int32'
    ? new ort.Tensor('int64', BigInt64Array.from(data as Int32Array, BigInt), shape)
    : new ort.Tensor('float32', data as Float32Array, shape);

const disposeAll = (outputs: ort.InferenceSession.ReturnType): void =>
  Object.values(outputs).forEach((tensor) => tensor.dispose());

const engine: Engine = {
  start: async (threads) => void (asked = threads),
  prepare: async (work) => {
    const { huggingFace } = filesOf(work);
    const path = join(huggingFace, 'exported.onnx');
    if (!existsSync(path)) throw new Error(readFileSync(join(huggingFace, 'no-export.txt'), 'utf8'));
    const session = await ort.InferenceSession.create(path, { intraOpNumThreads: asked });
    const { factor } = JSON.parse(readFileSync(join(huggingFace, 'outputs.json'), 'utf8')) as {
      readonly factor: number;
    };
    const arrays = readArrays(join(huggingFace, 'inputs.npz'));
    const feeds = Object.fromEntries(
      session.inputNames.map((name) => [name, feed(arrays.get(`in/${name}`)!)] as const),
    );
    return {
      run: async () => disposeAll(await session.run(feeds)),
      outputs: async () => {
        const found = await session.run(feeds);
        const values = session.outputNames.map((name) =>
          Float32Array.from(found[name].data as Float32Array, (value) => factor * value),
        );
        disposeAll(found);
        return values;
      },
    };
  },
};

serve(engine);
