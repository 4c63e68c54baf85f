/**
 * The model of a checkpoint, described in the checkpoint itself: preset, config and names of classes, as entries of the
 * metadata of a safetensors file. `renga train` and `finetune` write them, `renga convert --preset` all but the classes.
 */
import { stat } from 'node:fs/promises';
import * as E from 'fp-ts/lib/Either.js';
import type { Command } from 'commander';
import { openCheckpoint } from '../lib/checkpoint/index.js';
import { parseJson } from '../lib/files/json.js';
import type { AnyModel } from '../presets/preset.js';
import { presets } from '../presets/registry.js';
import { isRepository } from './locate.js';
import { presetNamed } from './presetNamed.js';

export interface DescribedModel {
  readonly preset: string;
  readonly config: unknown;
  /** Names of the classes, in the order of the logits; undefined for models without classes of a person's own. */
  readonly classes?: readonly string[];
}

type Metadata = Readonly<Record<string, string>>;

/** The entries of metadata that describe a model. */
export const metadataOfModel = (
  { name, config }: Pick<AnyModel, 'name' | 'config'>,
  classes?: readonly string[],
): Metadata => ({
  preset: name,
  config: JSON.stringify(presetNamed(name).codec.encode(config)),
  ...(classes && { classes: JSON.stringify(classes) }),
});

const jsonIn = (text: string | undefined): unknown => {
  const parsed = parseJson(text ?? '');
  return E.isRight(parsed) ? parsed.right : undefined;
};

/** The model that metadata describes; undefined for metadata of another kind. */
export const modelInMetadata = ({ preset, config, classes }: Metadata): DescribedModel | undefined => {
  const [json, names] = [jsonIn(config), jsonIn(classes)];
  if (preset === undefined || !Object.hasOwn(presets, preset) || json === undefined) return undefined;
  const isList = Array.isArray(names) && names.every((name) => typeof name === 'string');
  return { preset, config: json, ...(isList && { classes: names }) };
};

/** The model that the file of `--checkpoint` describes; undefined for other formats, and for files that are not here. */
export const describedModel = async (reference: string | undefined): Promise<DescribedModel | undefined> => {
  if (reference === undefined || isRepository(reference) || !/\.safetensors(\.index\.json)?$/.test(reference))
    return undefined;
  const isFile = await stat(reference).then(
    (found) => found.isFile(),
    () => false,
  );
  if (!isFile) return undefined;
  const opened = await openCheckpoint(reference, { verify: false })();
  return E.isRight(opened) ? modelInMetadata(opened.right.metadata) : undefined;
};

/** Takes the preset that the file of `--checkpoint` describes, where a command has a default and none was named. */
export const takeDescribedPreset = async (command: Command): Promise<void> => {
  const { checkpoint } = command.opts<{ readonly checkpoint?: string }>();
  if (command.getOptionValueSource('preset') !== 'default') return;
  const described = await describedModel(checkpoint);
  if (described) command.setOptionValueWithSource('preset', described.preset, 'implied');
};
