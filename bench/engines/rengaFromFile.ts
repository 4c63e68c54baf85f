/** The library's compiled presets, with weights and inputs from the files of `withPeers/files`. */
import { readFileSync } from 'node:fs';
import { adopt, showAdoptError } from '../../lib/language/adopt.js';
import { openCheckpoint, showCheckpointError } from '../../lib/checkpoint/index.js';
import { rightOf } from '../../test/conformance/read.js';
import { readArrays } from '../../test/golden/case.js';
import type { Engine } from '../engine.js';
import { serve } from '../serve.js';
import { filesOf, presetFor } from '../withPeers/files.js';
import { type AnyLayer, compiledWork } from './compiledWork.js';

let asked = 1;

const secondsToRead = (path: string): number => {
  const start = performance.now();
  readFileSync(path);
  return (performance.now() - start) / 1000;
};

const engine: Engine = {
  start: async (threads) => void (asked = threads),
  prepare: async (work) => {
    const { pickle, inputs } = filesOf(work);
    const { model } = presetFor(work);
    const checkpoint = rightOf(showCheckpointError)(await openCheckpoint(pickle)());
    const weights = rightOf(showAdoptError)(adopt(model)(checkpoint));
    const arrays = readArrays(inputs);
    const given = work.inputs.map(({ name }) => arrays.get(name)!);
    const prepared = compiledWork(work, model.network as AnyLayer, weights, given, { threads: asked });
    return { ...prepared, readSeconds: () => secondsToRead(pickle) };
  },
};

serve(engine);
