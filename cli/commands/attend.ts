/** `renga attend`: the attention of a model on the grid of its input. */
import type { Command } from 'commander';
import { presetNames, presets, type PresetsOf } from '../../presets/registry.js';
import { showInputError } from '../../lib/data/inputError.js';
import { attendFilm } from '../attend/film.js';
import { attendFlow } from '../attend/flow.js';
import { attendImage } from '../attend/image.js';
import type { LookOptions } from '../attend/look.js';
import type { Shown } from '../attend/shown.js';
import { attendText } from '../attend/text.js';
import { runOrFail, UsageError } from '../failure.js';
import { loadModel, markOf, type ModelNamed, type ModelOptions, presetNamed, showMark } from '../load.js';
import { checkPlace } from '../../lib/files/bytes.js';
import { examples, modelOptions, wholeNumber } from '../options.js';
import { expectEnding } from '../outputs.js';
import { print } from '../print.js';

interface AttendOptions extends ModelOptions {
  readonly out: string;
  readonly layer?: string;
  readonly head?: string;
  readonly query?: string;
  readonly sound?: string;
  readonly blank?: string;
  readonly json?: boolean;
}

/** The inputs of a task, and the file that is written. */
interface Way {
  readonly takes: string;
  readonly numInputs: number;
  readonly ending: string;
}

const ways = {
  classify: { takes: 'one picture', numInputs: 1, ending: '.png' },
  'fill-mask': { takes: 'one text', numInputs: 1, ending: '.html' },
  flow: { takes: 'two pictures', numInputs: 2, ending: '.png' },
  autoencode: { takes: 'one film', numInputs: 1, ending: '.png' },
} as const satisfies Readonly<Record<string, Way>>;

type Task = keyof typeof ways;
const shownPresets = presetNames<Task>().filter((name) => Object.hasOwn(ways, presets[name].task));

/** Fails unless the preset has a grid, the inputs are as many as it takes, and the file is of its kind. */
const check = (name: string, inputs: readonly string[], out: string): void => {
  const { task } = presetNamed(name);
  if (!Object.hasOwn(ways, task))
    throw new UsageError(`${name}'s input lies on no grid; attend takes ${shownPresets.join(', ')}`);
  const { takes, numInputs, ending } = ways[task as Task];
  if (inputs.length !== numInputs) throw new UsageError(`${name} takes ${takes}, found ${inputs.length}`);
  expectEnding('--out', out, ending);
};

/** Computes, writes and tells the attention of a model to its inputs. */
const show = (
  model: ModelNamed<PresetsOf<Task>>,
  inputs: readonly string[],
  options: LookOptions & Pick<AttendOptions, 'out' | 'sound' | 'blank'>,
): Promise<Shown> => {
  switch (model.task) {
    case 'classify':
      return attendImage(model, inputs, options);
    case 'fill-mask':
      return attendText(model, inputs, options);
    case 'flow':
      return attendFlow(model, inputs, options);
    case 'autoencode':
      return attendFilm(model, inputs, options);
  }
};

const natural = (flag: string, given: string | undefined): number | undefined =>
  given === undefined ? undefined : wholeNumber(flag, given, 0);

/** The layer of a map, in a line. */
const showLayer = ({ layer: { path, by } }: Shown): string =>
  by === undefined ? path : `${path}, by way of ${by}`;

/** Adds `renga attend PRESET INPUT… --out FILE`. */
export const attend = (program: Command): void => {
  const command = program
    .command('attend')
    .argument('<preset>', shownPresets.join(', '))
    .argument(
      '<inputs...>',
      'a picture; two for flow; a text with a _ for each missing byte; frames for multimodal',
    )
    .description("show a model's attention on the grid of its input, computed by the library's own engine")
    .requiredOption('--out <file>', 'write this PNG; for a text, this HTML')
    .option(
      '--layer <path>',
      "show the layer of this path or part of a path; default: the encoder's cross-attention",
    )
    .option('--head <n>', 'show one head, from 0; default: the mean of all')
    .option(
      '--query <n>',
      "show one query, from 0: a latent, or one of the decoder's; default: the mean of all latents, or each blank",
    )
    .option('--sound <file>', "read the film's sound from this file; default: the film's own, or silence")
    .option('--blank <character>', 'read this character as a missing byte', '_');
  modelOptions(command)
    .option('--json', 'print JSON, with the weights of pictures to classify and of texts')
    .addHelpText(
      'after',
      examples(
        'attend digits seven.png --out map.png',
        'attend words "a sm_ll plant" --layer decoder --out map.html',
        'attend imagenet-conv dog.jpg --out map.png --checkpoint published',
      ),
    )
    .action(async (preset: string, inputs: string[], options: AttendOptions) => {
      const { out, layer, sound, blank, json, head, query, ...weights } = options;
      check(preset, inputs, out);
      const model = await loadModel(preset, options, shownPresets);
      await runOrFail(showInputError, checkPlace(out));
      const map = { layer, head: natural('--head', head), query: natural('--query', query) };
      const shown = await show(model, inputs, { ...weights, out, sound, blank, map });
      print(json, { out, ...shown.json, ...markOf(options) }, () =>
        [`${out}: ${showLayer(shown)}${showMark(options)}`, ...shown.lines].join('\n'),
      );
    });
};
