/** `renga flow`: optical flow from each picture to the next. */
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { formatNpz } from '../../lib/checkpoint/index.js';
import { float32 } from '../../lib/data/array.js';
import { type InputError, showInputError } from '../../lib/data/inputError.js';
import { checkPlace, writeBytes } from '../../lib/files/bytes.js';
import { makeFolder } from '../../lib/files/makeFolder.js';
import { beside } from '../../lib/media/compose.js';
import { formatFlo, formatKittiFlow } from '../../lib/media/flowFile.js';
import type { Picture } from '../../lib/media/picture.js';
import { parsePicture, writePicture } from '../../lib/media/readPicture.js';
import { flowArrows, flowLegend } from '../../presets/flow/run/arrows.js';
import { flowPicture, fullColour } from '../../presets/flow/run/colours.js';
import type { Flow } from '../../presets/flow/run.js';
import { onEach } from '../each.js';
import { type RunOptions, runOptions, withRunner } from '../engine.js';
import { Failure, runOrFail, UsageError } from '../failure.js';
import { type Input, namedInputs, pictureFiles } from '../inputs.js';
import { loadModel, markOf, showMark } from '../load.js';
import { presetNames } from '../../presets/registry.js';
import { examples, modelOptions } from '../options.js';
import { expectEnding, expectFolder } from '../outputs.js';
import { outputPath } from '../paths.js';
import { withProgress } from '../progress.js';

const forms = ['colours', 'arrows', 'flo', 'kitti'] as const;
type Form = (typeof forms)[number];

const flowModels = presetNames('flow');

interface FlowOptions extends RunOptions {
  readonly preset: string;
  readonly out: string;
  readonly as?: Form;
  readonly legend?: boolean;
  readonly npz?: string;
  readonly json?: boolean;
}

/** Two pictures, one after the other. */
interface Pair {
  readonly name: string;
  readonly first: Input;
  readonly second: Input;
  readonly out: string;
}

/** Mean and largest length of the flow's vectors, in pixels. */
const lengths = ({ data }: Flow): { mean: number; largest: number } => {
  let [sum, largest] = [0, 0];
  for (let i = 0; i < data.length; i += 2) {
    const length = Math.hypot(data[i], data[i + 1]);
    sum += length;
    largest = Math.max(largest, length);
  }
  return { mean: sum / (data.length / 2), largest };
};

const endings: Readonly<Record<Form, string>> = {
  colours: '.png',
  arrows: '.png',
  flo: '.flo',
  kitti: '.png',
};

/** The form of the output: the one that was asked for, or that of the file's ending. */
const formOf = ({ as, out }: FlowOptions): Form =>
  as ?? (out.toLowerCase().endsWith('.flo') ? 'flo' : 'colours');

const read = async ({ name, bytes }: Input): Promise<Picture> =>
  runOrFail(showInputError, parsePicture(name, await runOrFail(showInputError, bytes)));

const write = (form: Form, path: string, first: Picture, flow: Flow, hasLegend: boolean) => {
  if (form === 'flo') return writeBytes(path, formatFlo(flow));
  if (form === 'kitti') return writeBytes(path, formatKittiFlow(flow));
  const drawn = form === 'arrows' ? flowArrows(first, flow) : flowPicture(flow.data, flow);
  return writePicture(path, hasLegend ? beside([drawn, flowLegend()]) : drawn);
};

/** Pairs of neighbours, and the file that each one's flow goes to. */
const pairsOf = (inputs: readonly Input[], { out }: FlowOptions, form: Form): readonly Pair[] => {
  if (inputs.length < 2) throw new Failure(`found ${inputs.length} picture, expected two or more`);
  const isOne = inputs.length === 2;
  return inputs.slice(0, -1).map((first, i) => ({
    name: `${first.name} to ${inputs[i + 1].name}`,
    first,
    second: inputs[i + 1],
    out: isOne ? out : join(out, `flow_${String(i + 1).padStart(4, '0')}${endings[form]}`),
  }));
};

/** Adds `renga flow A.png B.png --out flow.png`. */
export const flow = (program: Command): void => {
  const command = program
    .command('flow')
    .argument('<pictures...>', 'pictures of one size, each followed by the next; a folder of them')
    .description('compute the optical flow from each picture to the next')
    .option('--preset <name>', flowModels.join(', '), 'flow')
    .requiredOption('--out <path>', 'write this .png or .flo; of more than two pictures, this folder')
    .addOption(
      new Option(
        '--as <form>',
        'write colours (hue is direction, strength is speed), arrows, .flo files, or PNG as KITTI has it; default: by the ending of --out',
      ).choices(forms),
    )
    .option('--legend', 'put the colours of all directions beside the picture')
    .option('--npz <file>', "also write one pair's flow, [height, width, 2] in pixels, to an .npz file");
  runOptions(modelOptions(command))
    .option('--json', 'print JSON, a line for each pair')
    .addHelpText(
      'after',
      `
In the picture blue goes to the right, green down, yellow to the left, rose up;
full colour is ${fullColour} pixels or more.
` +
        examples(
          'flow a.png b.png --out flow.png --legend --checkpoint published',
          'flow a.png b.png --out flow.flo --checkpoint published',
          'flow frames/ --as arrows --out flows/ --checkpoint published',
        ),
    )
    .action(async (names: string[], given: FlowOptions) => {
      const form = formOf(given);
      const isDrawn = form === 'colours' || form === 'arrows';
      if (given.legend && !isDrawn) throw new UsageError(`--legend is for pictures, not for --as ${form}`);
      const inputs = await namedInputs(names, pictureFiles);
      const isOne = inputs.length <= 2;
      const options = isOne ? { ...given, out: outputPath(given.out) } : given;
      if (isOne) expectEnding('--out', options.out, endings[form]);
      else expectFolder('--out', options.out);
      if (options.npz !== undefined && !isOne) throw new UsageError('--npz is for two pictures');
      if (options.npz !== undefined) expectEnding('--npz', options.npz, '.npz');
      const pairs = pairsOf(inputs, options, form);
      for (const path of isOne ? [options.out, options.npz] : [options.npz])
        if (path !== undefined) await runOrFail(showInputError, checkPlace(path));
      const model = await loadModel(options.preset, options, flowModels);
      if (!isOne) await makeFolder(options.out);
      await withRunner(model, options, (runner) =>
        onEach(pairs, { json: options.json, label: 'flow' }, async (pair, isOnly) => {
          const [first, second] = await Promise.all([read(pair.first), read(pair.second)]);
          const compute = (onProgress?: (done: number, total: number) => void) =>
            runOrFail<InputError, Flow>(
              showInputError,
              model.run(runner.weights, { first, second }, { runner, onProgress }),
            );
          const found = isOnly ? await withProgress('tiles', compute) : await compute();
          await runOrFail(showInputError, write(form, pair.out, first, found, options.legend === true));
          if (options.npz !== undefined) {
            const array = float32([found.height, found.width, 2], found.data);
            await runOrFail(showInputError, writeBytes(options.npz, formatNpz([['flow', array]])));
          }
          const { width, height } = found;
          const { mean, largest } = lengths(found);
          return {
            json: { out: pair.out, width, height, mean, largest, ...markOf(options) },
            text: `${pair.out}: ${width} × ${height}, ${mean.toFixed(2)} pixels on average, ${largest.toFixed(2)} at most${showMark(options)}`,
          };
        }),
      );
    });
};
