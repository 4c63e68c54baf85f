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
import { onEach } from '../each.js';
import { runOrFail, UsageError } from '../failure.js';
import { type Input, inputOfText, namedFilms, namedInputs, namedTexts, pictureFiles } from '../inputs.js';
import {
  loadModel,
  loadWeights,
  markOf,
  type ModelNamed,
  type ModelOptions,
  presetNamed,
  showMark,
  startEngine,
  tellUntrained,
} from '../load.js';
import { checkPlace } from '../../lib/files/bytes.js';
import { makeFolder } from '../../lib/files/makeFolder.js';
import { examples, folderRateOf, folderRateOption, modelOptions, wholeNumber } from '../options.js';
import { expectEnding, expectFolder, outputsIn } from '../outputs.js';

interface AttendOptions extends ModelOptions {
  readonly out: string;
  readonly layer?: string;
  readonly head?: string;
  readonly query?: string;
  readonly sound?: string;
  readonly fps: string;
  readonly blank?: string;
  readonly json?: boolean;
}

/** The inputs of a task, and the ending of the files that are written. */
const ways = {
  classify: { inputs: (names: readonly string[]) => namedInputs(names, pictureFiles), ending: '.png' },
  'fill-mask': {
    inputs: async (texts: readonly string[]) => (await namedTexts(texts)).map(inputOfText),
    ending: '.html',
  },
  flow: { inputs: (names: readonly string[]) => namedInputs(names, pictureFiles), ending: '.png' },
  autoencode: { inputs: namedFilms, ending: '.png' },
} as const;

type Task = keyof typeof ways;
const shownPresets = presetNames<Task>().filter((name) => Object.hasOwn(ways, presets[name].task));

/** The inputs of one map, and the file that it is written to. */
interface Job {
  readonly name: string;
  readonly inputs: readonly Input[];
  readonly out: string;
}

/** Each input of its own, or each picture of a flow with the next one. */
const groupsOf = (task: Task, inputs: readonly Input[]): readonly Omit<Job, 'out'>[] => {
  if (task !== 'flow') return inputs.map((input) => ({ name: input.name, inputs: [input] }));
  if (inputs.length < 2) throw new UsageError(`flow takes two pictures or more, found ${inputs.length}`);
  return inputs.slice(0, -1).map((first, i) => {
    const second = inputs[i + 1];
    return { name: `${first.name} to ${second.name}`, inputs: [first, second] };
  });
};

/** Files of the inputs' names in a folder; texts and pairs are numbered. */
const outputsOf = (task: Task, groups: readonly Omit<Job, 'out'>[], folder: string): readonly string[] => {
  const isNamed = task === 'classify' || task === 'autoencode';
  const names = groups.map(({ name }, i) => (isNamed ? name : `map_${String(i + 1).padStart(4, '0')}`));
  return outputsIn(folder, names, ways[task].ending);
};

/** The maps to be made; fails unless the preset has a grid, and the file or folder is of its kind. */
const jobsOf = async (
  name: string,
  given: readonly string[],
  options: AttendOptions,
): Promise<readonly Job[]> => {
  const { task } = presetNamed(name);
  if (!Object.hasOwn(ways, task))
    throw new UsageError(`${name}'s input lies on no grid; attend takes ${shownPresets.join(', ')}`);
  const { inputs, ending } = ways[task as Task];
  const groups = groupsOf(task as Task, await inputs(given));
  const { out, sound } = options;
  if (groups.length === 1) {
    expectEnding('--out', out, ending);
    return groups.map((group) => ({ ...group, out }));
  }
  expectFolder('--out', out);
  if (sound !== undefined) throw new UsageError('--sound is for one film');
  const outs = outputsOf(task as Task, groups, out);
  return groups.map((group, i) => ({ ...group, out: outs[i] }));
};

/** Computes, writes and tells the attention of a model to its inputs. */
const show = (
  model: ModelNamed<PresetsOf<Task>>,
  inputs: readonly Input[],
  options: LookOptions & Pick<AttendOptions, 'out' | 'sound' | 'blank'> & { readonly folderRate: number },
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
      'pictures, folders, patterns, - for the standard input; for flow each picture with the next; for language texts with a _ for each missing byte; for multimodal films',
    )
    .description("show a model's attention on the grid of its input, computed by the library's own engine")
    .requiredOption(
      '--out <file>',
      'write this PNG; for a text, this HTML; for several inputs, files to this folder',
    )
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
  modelOptions(folderRateOption(command))
    .option(
      '--json',
      'print JSON, a line for each map, with the weights of pictures to classify and of texts',
    )
    .addHelpText(
      'after',
      examples(
        'attend digits seven.png --out map.png',
        'attend words "a sm_ll plant" --layer decoder --out map.html',
        'attend digits photographs/ --out maps/',
        'attend imagenet-conv dog.jpg --out map.png --checkpoint published',
      ),
    )
    .action(async (preset: string, given: string[], options: AttendOptions) => {
      const { layer, sound, blank, json, head, query } = options;
      const map = { layer, head: natural('--head', head), query: natural('--query', query) };
      const folderRate = folderRateOf(options);
      const jobs = await jobsOf(preset, given, options);
      const model = await loadModel(preset, options, shownPresets);
      if (jobs.length === 1) await runOrFail(showInputError, checkPlace(options.out));
      else await makeFolder(options.out);
      await startEngine();
      const weights = await loadWeights(model, options);
      await onEach(jobs, { json, label: `running ${model.name}` }, async ({ inputs, out }, isOnly) => {
        const shown = await show(model, inputs, { weights, out, sound, folderRate, blank, map });
        return {
          json: { out, ...shown.json, ...markOf(options) },
          text: isOnly
            ? [`${out}: ${showLayer(shown)}${showMark(options)}`, ...shown.lines].join('\n')
            : `${out}: ${shown.line}${showMark(options)}`,
        };
      });
      tellUntrained(options);
    });
};
