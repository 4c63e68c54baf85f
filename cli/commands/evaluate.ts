/** `renga evaluate`: a model judged on a data set as the papers judge, beside the published figures. */
import type { Command } from 'commander';
import { counted } from '../../lib/data/quantities.js';
import type { About } from '../../lib/docs/about.js';
import { classNames } from '../classNames.js';
import { interruptible } from '../interrupt.js';
import { type Evaluation, evaluate as judge, type EvaluatedFigure } from '../evaluation/evaluation.js';
import { Failure, UsageError } from '../failure.js';
import { expectThere } from '../paths.js';
import { type RunOptions, runOptions, withRunner } from '../engine.js';
import { loadModel, markOf, showMark } from '../load.js';
import { examples, folderRateOf, folderRateOption, modelOptions, wholeNumber } from '../options.js';
import { presetNamed } from '../presetNamed.js';
import { presetNames } from '../../presets/registry.js';
import { print, table } from '../print.js';
import { withProgress } from '../progress.js';
import { tokenizerOf, type TokenizerOptions } from '../tokenizer.js';
import type { AnyModel } from '../../presets/preset.js';

interface EvaluateOptions extends RunOptions, TokenizerOptions {
  readonly data: string;
  readonly batch: string;
  readonly limit?: string;
  readonly fps: string;
  readonly rows?: string;
  readonly classes?: string;
  readonly resume?: boolean;
  readonly json?: boolean;
}

type Judging = (
  model: never,
  data: string,
  options: TokenizerOptions & {
    readonly fps: string;
    /** Names of the model's classes, where they are not the published ones. */
    readonly names: readonly string[] | undefined;
  },
) => Promise<unknown>;

/** Readers of data sets, by the tasks of presets. */
const evaluations: Readonly<Record<string, Judging>> = {
  classify: async (model, data, { names }) =>
    (await import('../evaluation/images.js')).imageEvaluation(model, data, names),
  'classify-points': async (model, data) =>
    (await import('../evaluation/points.js')).pointEvaluation(model, data),
  flow: async (model, data) => (await import('../evaluation/flows.js')).flowEvaluation(model, data),
  'fill-mask': async (model, data) => (await import('../evaluation/texts.js')).maskedEvaluation(model, data),
  'fill-pieces': async (model, data, options) =>
    (await import('../evaluation/texts.js')).maskedEvaluation(
      model,
      data,
      await tokenizerOf((model as AnyModel).name, options),
    ),
  generate: async (model, data) => (await import('../evaluation/texts.js')).generatedEvaluation(model, data),
  autoencode: async (model, data, options) =>
    (await import('../evaluation/clips.js')).clipEvaluation(
      model,
      data,
      folderRateOf(options),
      options.names,
    ),
  glue: async (model, data) => (await import('../evaluation/sentences.js')).sentenceEvaluation(model, data),
  'audio-tags': async (model, data, options) =>
    (await import('../evaluation/recordings.js')).recordingEvaluation(
      model,
      data,
      options.names,
      folderRateOf(options),
    ),
};

const names = Object.keys(evaluations).flatMap((task) => presetNames(task));

/** Figures beside the published ones. */
const beside = (figures: readonly EvaluatedFigure[], about: About | undefined): readonly EvaluatedFigure[] =>
  figures.map((figure) => {
    const found = about?.results.find(({ what, of }) => what === figure.what && of === undefined);
    return {
      ...figure,
      ...(found && figure.published === undefined && { published: found.value, source: found.source }),
    };
  });

const shown = ({ value, unit }: EvaluatedFigure): string =>
  `${value.toFixed(unit === 'bits' ? 3 : 2)}${unit === '' ? '' : ` ${unit}`}`;

/** Adds `renga evaluate PRESET --data FOLDER`. */
export const evaluate = (program: Command): void => {
  const command = program
    .command('evaluate')
    .argument('<preset>', names.join(', '))
    .description('judge a model on a data set as the papers do, beside their figures')
    .requiredOption(
      '--data <path>',
      'read the data set from this folder, in its own layout; your own pictures and recordings as renga train takes them',
    )
    .option(
      '--classes <file>',
      'names of the classes, a list in JSON; default: those of the run that wrote the checkpoint',
    )
    .option('--tokenizer <file>', 'cut texts by this SentencePiece model; for language-sentencepiece')
    .option('--batch <n>', 'compute this number of examples at once', '1')
    .option('--limit <n>', 'judge the first n examples alone')
    .option('--rows <file>', 'keep the scores of each example in this file, a line of JSON each')
    .option('--resume', 'go on with the file of --rows');
  runOptions(modelOptions(folderRateOption(command)))
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Data sets:
  imagenet-…, perceiver,  val/CLASS/PICTURE, or pictures with val.txt, or with
  digits                  LOC_val_solution.csv and LOC_synset_mapping.txt; your
                          own: CLASS/PICTURE, or a CSV of file and label
  flow, flow-light,       Sintel's training/{clean,final,flow}/SCENE/…, or
  motion                  KITTI's training/{image_2,flow_occ}/…
  words, language…,       a text file, or a folder of .txt files
  perceiver-ar
  perceiver-points        ModelNet40: CLASS/test/NAME.off, or CLASS/NAME.txt of
                          points with modelnet40_test.txt
  multimodal…             LABEL/CLIP/ with pictures and a WAV, or films
  glue                    CoLA/dev.tsv, MNLI/dev_matched.tsv, … of the archive
  audioset-…              eval_segments.csv, class_labels_indices.csv and
                          YTID.wav or YTID.mp4 for each segment; your own:
                          CLASS/SOUND, or a CSV of file and label
` +
        examples(
          'evaluate imagenet-conv --data imagenet --checkpoint published --batch 8 --rows scores.jsonl',
          'evaluate flow --data MPI-Sintel --checkpoint published --rows sintel.jsonl --resume',
          'evaluate words --data texts/ --json',
          'evaluate digits --data pictures --checkpoint runs/digits-finetuned/weights.safetensors',
        ),
    )
    .action(async (name: string, options: EvaluateOptions) => {
      const { json, data, rows: path, resume = false } = options;
      if (!(names as readonly string[]).includes(name))
        throw new UsageError(`the preset is '${name}', expected ${names.join(', ')}`);
      if (resume && path === undefined) throw new UsageError('--resume needs --rows: the file to go on with');
      const batchSize = wholeNumber('--batch', options.batch, 1);
      const limit = options.limit === undefined ? Infinity : wholeNumber('--limit', options.limit, 1);
      expectThere(data, 'the data set to judge on');
      const model = await loadModel(name, options);
      const { numClasses } = model.config as { readonly numClasses?: number };
      const own =
        numClasses === undefined
          ? undefined
          : await classNames(options, numClasses, model.task !== 'autoencode');
      const how = { ...options, names: own };
      const { checkpoint = '', seed = '' } = options;
      // The weights come first: data that does not fit those of another model is not to blame.
      await withRunner(model, options, async (runner) => {
        const all = (await evaluations[model.task](model as never, data, how)) as unknown as Evaluation;
        const evaluation = { ...all, examples: all.examples.slice(0, limit) };
        const { dataset, called, examples: chosen } = evaluation;
        if (chosen.length === 0) throw new Failure(`${data}: found no ${called}, expected at least one`);
        const judging = (signal: AbortSignal) =>
          withProgress(`judging ${called}`, (onProgress) =>
            judge(evaluation, runner, {
              batchSize,
              rows: path === undefined ? undefined : { path, resume },
              of: { preset: name, dataset, checkpoint, seed },
              signal,
              onProgress,
            }),
          );
        const { rows, resumed, failed } = await interruptible(
          judging,
          'the evaluation ends after this batch',
        );
        const figures = beside(evaluation.figures(rows), await presetNamed(name).about?.());
        const told = { preset: name, dataset, data, [called]: rows.length, resumed, failed, figures };
        print(json, { ...told, ...markOf(options) }, () =>
          [
            `${name} on ${dataset}: ${counted(rows.length, called.replace(/s$/, ''))}${failed > 0 ? `, ${failed} left out` : ''}${showMark(options)}`,
            table(
              ['measure', 'here', 'published', 'source'],
              figures.map((figure) => [
                figure.what,
                shown(figure),
                figure.published ?? '–',
                figure.source ?? '',
              ]),
            ),
          ].join('\n'),
        );
      });
    });
};
