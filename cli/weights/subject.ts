/** The model whose weights are compared: a preset's, or one that a person's file exports. */
import { mapNest } from '../../lib/data/nest.js';
import type { OpenSpecOf } from '../../lib/graph/openSizes.js';
import { isSpec, outline } from '../../lib/language/outline.js';
import { transformWithState } from '../../lib/language/transform.js';
import type { AnyModel } from '../../presets/preset.js';
import { UsageError } from '../failure.js';
import { loadModel, type ModelOptions, readJson } from '../load.js';

/** A model with its name, the shapes of its inputs, and what its weights are checked against. */
export type Weighed = Pick<AnyModel, 'card' | 'network' | 'openInputs' | 'names' | 'outline' | 'init'>;

const ofFile = async (file: string, config: string | undefined): Promise<Weighed> => {
  const { modelOfFile } = await import('../docs/modelFile.js');
  const subject = await modelOfFile(file, config === undefined ? undefined : await readJson(config));
  const { card, network, inputs, openInputs, names = {} } = subject;
  const { init } = transformWithState(network);
  const withBatch = mapNest(inputs, isSpec, ({ shape, dtype }) => ({
    shape: ['batch', ...shape.slice(1)],
    dtype,
  })) as OpenSpecOf<never>;
  return {
    card: card as AnyModel['card'],
    network,
    names,
    openInputs: openInputs ?? withBatch,
    outline: outline(network, inputs),
    init: (key) => init(key, ...(inputs as readonly [])),
  };
};

/** The model that a command names: a preset, or a file by `--model`. */
export const weighed = (
  name: string | undefined,
  { model, config, checkpoint }: ModelOptions & { readonly model?: string },
): Promise<Weighed> => {
  if (model !== undefined && name !== undefined)
    throw new UsageError(`--model is a file of yours, and ${name} is a preset: choose one`);
  if (model !== undefined) return ofFile(model, config);
  if (name === undefined) throw new UsageError('name a preset, or a file of yours: --model FILE');
  return loadModel(name, { config, checkpoint });
};
