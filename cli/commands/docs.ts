/** Documentation of presets and of people's own models, generated from the models themselves. */
import { type Command, Option } from 'commander';
import { documentModel, type Format, formats, type ModelDocument } from '../../lib/docs/index.js';
import { presets } from '../../presets/index.js';
import { checkFolder, marker, writeFolder } from '../docs/folder.js';
import { modelOfFile } from '../docs/modelFile.js';
import { type AnySubject, changedSubject, presetSubject } from '../docs/subjects.js';
import { Failure } from '../failure.js';
import { loadModel, presetNamed, readJson } from '../load.js';
import { examples } from '../options.js';
import { print, showBytes } from '../print.js';

interface DocsOptions {
  readonly out: string;
  readonly model?: string;
  readonly config?: string;
  readonly format: Format;
  readonly json?: boolean;
}

const ofFile = async (file: string, config: string | undefined): Promise<AnySubject> =>
  modelOfFile(file, config === undefined ? undefined : await readJson(config));

const ofPresets = async (names: readonly string[], options: DocsOptions): Promise<readonly AnySubject[]> => {
  const { config } = options;
  if (config === undefined) return names.map(presetSubject);
  if (names.length !== 1) throw new Failure('--config is for one preset: name it');
  return [changedSubject(presetNamed(names[0]), await loadModel(names[0], { config }))];
};

const subjectsOf = async (names: readonly string[], options: DocsOptions): Promise<readonly AnySubject[]> => {
  if (options.model === undefined)
    return ofPresets(names.length || options.config ? [...new Set(names)] : Object.keys(presets), options);
  if (names.length)
    throw new Failure(`--model documents a file of yours, and ${names[0]} is a preset: choose one`);
  return [await ofFile(options.model, options.config)];
};

/** A model that cannot be traced says which layer it is. */
const documented = (subject: AnySubject): ModelDocument => {
  try {
    return documentModel(subject);
  } catch (error) {
    const { message } = error instanceof Error ? error : new Error(String(error));
    throw new Failure(`${subject.card.name} cannot be documented: ${message}`);
  }
};

const filesOf = (documents: readonly ModelDocument[], format: Format) => {
  try {
    return formats[format](documents);
  } catch (error) {
    throw new Failure(error instanceof Error ? error.message : String(error));
  }
};

const sizeOf = (content: string | Uint8Array): number =>
  typeof content === 'string' ? Buffer.byteLength(content) : content.length;

const help = `
A file for --model exports a model of yours, in TypeScript or JavaScript:

  export const model = {
    card: { name: 'forecaster', title: 'Forecasts of sensors', doc: 'Readings to 4 forecasts.' },
    network: forecaster,                     // a layer
    inputs: [{ shape: [1, 50, 3] }],         // for a batch of one
  };

or one that preset({ … }) made. --out is written whole or not at all. A folder that is there is replaced
if it is empty or holds only what this command wrote, which ${marker} lists.
`;

/** `renga docs --out DIR`: a site, Markdown, JSON or model cards. */
export const docs = (program: Command): void => {
  program
    .command('docs')
    .argument('[presets...]', 'their names: renga list has them; all if none is named')
    .description(
      'write the documentation of presets, or of a model of yours: pages, Markdown, JSON, model cards',
    )
    .requiredOption('--out <folder>', 'the folder to write')
    .option('--model <file>', 'document the model that a .ts or .js file exports')
    .addOption(new Option('--format <format>', 'what to write').choices(Object.keys(formats)).default('html'))
    .option('--config <file>', 'JSON with what differs from the published config, for one preset')
    .option('--json', 'print what was written as JSON')
    .addHelpText(
      'after',
      help +
        examples(
          'docs --out site',
          'docs language flow --out docs --format markdown',
          'docs --model forecaster.ts --out site',
          'docs imagenet-fourier --out card --format model-card',
        ),
    )
    .action(async (names: readonly string[], options: DocsOptions) => {
      names.forEach(presetNamed);
      await checkFolder(options.out);
      const documents = (await subjectsOf(names, options)).map(documented);
      const files = filesOf(documents, options.format);
      await writeFolder(options.out, files);
      const bytes = [...files.values()].reduce((total, content) => total + sizeOf(content), 0);
      const models = documents.map(({ name }) => name);
      print(
        options.json,
        { out: options.out, format: options.format, models, files: [...files.keys()], bytes },
        () =>
          `${options.out}: ${models.join(', ')}; ${files.size} ${files.size === 1 ? 'file' : 'files'}, ${showBytes(bytes)}`,
      );
    });
};
