/** The answers of two models to a drawing: the one that is trained here, and the library's. */
import { parseCheckpoint } from '../../../lib/checkpoint/checkpoint.js';
import { showCheckpointError } from '../../../lib/checkpoint/error.js';
import { orThrow } from '../../../lib/data/orThrow.js';
import { adopt, showAdoptError } from '../../../lib/language/adopt.js';
import { engineRunner } from '../../../lib/run/runner.js';
import { digits } from '../../../presets/digits/preset.js';
import type { Digit } from '../../../presets/digits/run.js';
import { bar } from '../bars.js';
import { percent } from '../dom.js';
import { side } from '../strokes.js';

/** A model's answer to a picture [8, 8]. */
export type Ask = (picture: Float32Array) => Promise<Digit>;

const model = digits();

/** The model of a checkpoint's bytes; the engine has to run. */
export const modelOf = (bytes: Uint8Array): { readonly ask: Ask; readonly dispose: () => Promise<void> } => {
  const weights = orThrow(adopt(model)(orThrow(parseCheckpoint(bytes), showCheckpointError)), showAdoptError);
  const runner = engineRunner(weights);
  return {
    ask: (data) => orThrow(model.run(weights, { width: side, height: side, data }, { runner })),
    dispose: () => runner.dispose(),
  };
};

/** Bars of an answer; empty ones where there is none. */
export const barsOf = (answer: Digit | undefined): readonly HTMLElement[] =>
  Array.from({ length: 10 }, (_, digit) =>
    bar(`${digit}`, answer?.probabilities[digit] ?? 0, digit === answer?.digit),
  );

/** An answer in words. */
export const inWords = ({ digit, probabilities }: Digit): string =>
  `a ${digit}, ${percent(probabilities[digit])} sure`;
