/** The last lines of a run for a person: which file holds which weights, and a command that uses them. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { AnyModel } from '../../presets/preset.js';
import { runFiles } from './runFolder.js';

/** Commands that run the weights of a preset, by its task. */
const uses: Readonly<Record<string, (weights: string) => string>> = {
  classify: (weights) => `classify PICTURE ${weights}`,
  'fill-mask': (weights) => `fill-mask "a te__ with gaps" ${weights}`,
  generate: (weights) => `generate "a beginning" ${weights}`,
  flow: (weights) => `flow BEFORE.png AFTER.png --out flow.png ${weights}`,
  autoencode: (weights) => `autoencode FILM --out decoded/ ${weights}`,
  'audio-tags': (weights) => `audio-tags SOUND ${weights}`,
  glue: (weights) => `evaluate glue --data FOLDER ${weights}`,
};

/** A path as a shell reads it. */
const quoted = (path: string): string => (/^[\w./~\\:-]+$/.test(path) ? path : `"${path}"`);

export interface Ended {
  readonly reason: string;
  readonly model: Pick<AnyModel, 'task'>;
  /** True where low-rank adapters were merged into the weights. */
  readonly isMerged: boolean;
  /** True where the weights are a moving average. */
  readonly isAveraged: boolean;
}

/** Lines about the files of a run that ended. */
export const afterwards = (
  out: string,
  { reason, model, isMerged, isAveraged }: Ended,
): readonly string[] => {
  const weights = join(out, runFiles.weights);
  const best = join(out, runFiles.best);
  const hasBest = existsSync(best);
  const merged = isMerged ? ', with the adapters merged into their matrices' : '';
  const use = uses[model.task];
  return [
    ...(reason === 'aborted' ? ['stopped early and saved: the same command with --resume goes on'] : []),
    `${weights}: the weights of the last step${isAveraged ? ', averaged' : ''}${merged}`,
    ...(hasBest ? [`${best}: those of the best evaluation${merged}`] : []),
    `step-….safetensors beside ${hasBest ? 'them' : 'it'}: checkpoints for --resume${isMerged ? ', with the adapters apart' : ''}; log.jsonl: for renga plot`,
    ...(use ? [`use them: npx renga ${use(`--checkpoint ${quoted(hasBest ? best : weights)}`)}`] : []),
  ];
};
