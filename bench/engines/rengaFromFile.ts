/** The library's compiled presets, with weights and inputs from the files of `withPeers/files`. */
import { closeSync, openSync, readSync } from 'node:fs';
import { adopt, showAdoptError } from '../../lib/language/adopt.js';
import { openCheckpoint, showCheckpointError } from '../../lib/checkpoint/index.js';
import { rightOf } from '../../test/conformance/read.js';
import { readArrays } from '../../test/golden/case.js';
import type { Engine } from '../engine.js';
import { serve } from '../serve.js';
import { filesOf, presetFor } from '../withPeers/files.js';
import { type AnyLayer, compiledWork } from './compiledWork.js';

let asked = 1;

/** Read by parts, so that the process's memory does not tell of the file. */
const secondsToRead = (path: string): number => {
  const start = performance.now();
  const file = openSync(path, 'r');
  const buffer = new Uint8Array(1 << 22);
  while (readSync(file, buffer) > 0);
  closeSync(file);
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
