/** Where a model looks. */
import type { Command } from 'commander';
import type { AnyModel } from '../../presets/any.js';
import { showInputError } from '../../lib/data/inputError.js';
import { attendFilm } from '../attend/film.js';
import { attendFlow } from '../attend/flow.js';
import { attendImage } from '../attend/image.js';
import type { LookOptions } from '../attend/look.js';
import type { Shown } from '../attend/shown.js';
import { attendText } from '../attend/text.js';
import { Failure, runOrFail } from '../failure.js';
import { loadModel, type ModelOptions, presetNamed, wholeNumber } from '../load.js';
import { checkPlace } from '../../lib/files/bytes.js';
import { examples, modelOptions } from '../options.js';
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

/** How a kind of input is attended to. */
interface Way {
  readonly takes: string;
  readonly numInputs: number;
  readonly ending: string;
  readonly attend: (
    model: AnyModel,
    inputs: readonly string[],
    options: LookOptions & Pick<AttendOptions, 'out' | 'sound' | 'blank'>,
  ) => Promise<Shown>;
}

const picture: Way = { takes: 'one picture', numInputs: 1, ending: '.png', attend: attendImage };
const text: Way = { takes: 'one text', numInputs: 1, ending: '.html', attend: attendText };

const ways: Readonly<Record<string, Way>> = {
  digits: picture,
  'imagenet-conv': picture,
  'imagenet-fourier': picture,
  'imagenet-learned': picture,
  words: text,
  language: text,
  flow: { takes: 'two pictures', numInputs: 2, ending: '.png', attend: attendFlow },
  multimodal: { takes: 'one film', numInputs: 1, ending: '.png', attend: attendFilm },
};

/** The way of a preset, for as many inputs and for such a file. */
const wayOf = (name: string, inputs: readonly string[], out: string): Way => {
  presetNamed(name);
  if (!Object.hasOwn(ways, name))
    throw new Failure(`${name}'s input lies on no grid; attend takes ${Object.keys(ways).join(', ')}`);
  const { takes, numInputs, ending } = ways[name];
  if (inputs.length !== numInputs) throw new Failure(`${name} takes ${takes}, found ${inputs.length}`);
  if (!out.toLowerCase().endsWith(ending))
    throw new Failure(`--out is '${out}', expected a file that ends in ${ending}: of ${takes}`);
  return ways[name];
};

const natural = (flag: string, given: string | undefined): number | undefined =>
  given === undefined ? undefined : wholeNumber(flag, given, 0);

/** What the map is, in a line. */
const showLayer = ({ layer: { path, by } }: Shown): string =>
  by === undefined ? path : `${path}, by way of ${by}`;

/** `renga attend PRESET INPUT…`: where a model looks. */
export const attend = (program: Command): void => {
  const command = program
    .command('attend')
    .argument('<preset>', Object.keys(ways).join(', '))
    .argument(
      '<inputs...>',
      'a picture in PNG, JPEG or GIF; two for flow; a text with a _ for each missing byte; frames for multimodal',
    )
    .description(
      "show where a model looks: attention on the grid of its input, computed by the library's own engine",
    )
    .requiredOption('--out <file>', 'the PNG to write; of a text, the HTML')
    .option(
      '--layer <path>',
      "an attention layer's path or a part of it; the encoder's cross-attention if not given",
    )
    .option('--head <n>', 'one head, from 0; the mean of all if not given')
    .option(
      '--query <n>',
      "one query, from 0: a latent, or the decoder's; the mean of all latents, or each blank, if not given",
    )
    .option('--sound <file>', "a film's sound: WAV at 48 kHz")
    .option('--blank <character>', 'what stands for a missing byte', '_');
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
      const way = wayOf(preset, inputs, out);
      const model = await loadModel(preset, options);
      await runOrFail(showInputError, checkPlace(out));
      const map = { layer, head: natural('--head', head), query: natural('--query', query) };
      const shown = await way.attend(model, inputs, { ...weights, out, sound, blank, map });
      print(json, { out, ...shown.json }, () => [`${out}: ${showLayer(shown)}`, ...shown.lines].join('\n'));
    });
};
