/** Models of `--config` files: changes to the published config, or a `config.json` of Hugging Face. */
import * as E from 'fp-ts/lib/Either.js';
import type { ConfigProblem } from '../lib/data/config.js';
import type { AnyModel } from '../presets/preset.js';
import { fromHuggingFace, type HuggingFaceModel } from '../presets/huggingFace/fromHuggingFace.js';
import { presetNamed } from './presetNamed.js';

const isHuggingFace = (json: unknown): boolean =>
  typeof json === 'object' && json !== null && 'model_type' in json;

/** The model of a preset with a config of JSON, or every problem of the JSON. */
export const modelOf = (name: string, json: unknown): E.Either<readonly ConfigProblem[], AnyModel> => {
  if (!isHuggingFace(json)) return presetNamed(name).decode(json);
  const made = fromHuggingFace(json);
  if (E.isLeft(made) || made.right.model.card.name === name)
    return E.map(({ model }: HuggingFaceModel): AnyModel => model)(made);
  const { architecture: found } = made.right;
  return E.left([{ path: 'architectures', found, expected: `a class that is ${name}` }]);
};
