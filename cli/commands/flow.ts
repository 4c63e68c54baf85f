/** `renga flow`: optical flow from one picture to the next. */
import type { Command } from 'commander';
import { flowPicture } from '../../presets/flow/run/colours.js';
import type { Flow } from '../../presets/flow/run.js';
import { showInputError } from '../../lib/data/inputError.js';
import { float32 } from '../../lib/data/array.js';
import { formatNpz } from '../../lib/checkpoint/index.js';
import { runOrFail } from '../failure.js';
import { type RunOptions, runOptions, withRunner } from '../engine.js';
import { loadModel, markOf, showMark } from '../load.js';
import { checkPlace, writeBytes } from '../../lib/files/bytes.js';
import { readPicture, writePicture } from '../../lib/media/readPicture.js';
import { examples, modelOptions } from '../options.js';
import { expectEnding } from '../outputs.js';
import { inputPath, outputPath } from '../paths.js';
import { print } from '../print.js';
import { withProgress } from '../progress.js';

interface FlowOptions extends RunOptions {
  readonly out: string;
  readonly npz?: string;
  readonly json?: boolean;
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

/** Adds `renga flow A.png B.png --out flow.png`. */
export const flow = (program: Command): void => {
  const command = program
    .command('flow')
    .argument('<first>', 'a picture')
    .argument('<second>', 'a picture of the same size')
    .description(
      'compute the optical flow from one picture to the next; in the written picture hue is direction and saturation is speed',
    )
    .requiredOption('--out <file>', 'write this PNG')
    .option('--npz <file>', "also write the flow's numbers, [height, width, 2] in pixels, to an .npz file");
  runOptions(modelOptions(command))
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples('flow a.png b.png --out flow.png --checkpoint optical_flow_checkpoint.pystate'),
    )
    .action(async (...[one, next, given]: [string, string, FlowOptions]) => {
      const paths = [one, next].map(inputPath);
      const options = { ...given, out: outputPath(given.out) };
      expectEnding('--out', options.out, '.png');
      if (options.npz !== undefined) expectEnding('--npz', options.npz, '.npz');
      for (const path of [options.out, options.npz])
        if (path !== undefined) await runOrFail(showInputError, checkPlace(path));
      const model = await loadModel('flow', options, ['flow']);
      const [first, second] = await Promise.all(
        paths.map((path) => runOrFail(showInputError, readPicture(path))),
      );
      const found = await withRunner(model, options, (runner) =>
        withProgress('tiles', (onProgress) =>
          runOrFail(showInputError, model.run(runner.weights, { first, second }, { runner, onProgress })),
        ),
      );
      await runOrFail(showInputError, writePicture(options.out, flowPicture(found.data, found)));
      if (options.npz !== undefined) {
        const flow = float32([found.height, found.width, 2], found.data);
        await runOrFail(showInputError, writeBytes(options.npz, formatNpz([['flow', flow]])));
      }
      const { width, height } = found;
      const { mean, largest } = lengths(found);
      print(
        options.json,
        { out: options.out, width, height, mean, largest, ...markOf(options) },
        () =>
          `${options.out}: ${width} × ${height}, ${mean.toFixed(2)} pixels on average, ${largest.toFixed(2)} at most${showMark(options)}`,
      );
    });
};
