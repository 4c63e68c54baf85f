/** Writes the documents of `renga docs`. Loaded on demand, since it needs much that no other command needs. */
import { documentModel, type Format, formats, type ModelDocument } from '../../lib/docs/index.js';
import { counted, showBytes } from '../../lib/data/quantities.js';
import { presets } from '../../presets/index.js';
import { Failure, UsageError } from '../failure.js';
import { loadModel, presetNamed, readJson } from '../load.js';
import { expectFolder } from '../outputs.js';
import { print } from '../print.js';
import { withProgress } from '../progress.js';
import { exampleStyle } from './examples.js';
import { checkFolder, writeFolder } from './folder.js';
import { modelOfFile } from './modelFile.js';
import { type AnySubject, changedSubject, presetSubject } from './subjects.js';

export interface DocsOptions {
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
  if (config === undefined) {
    const subjects: AnySubject[] = [];
    // One after the other: each runs models on all cores.
    for (const name of names) subjects.push(await presetSubject(name));
    return subjects;
  }
  if (names.length !== 1) throw new UsageError('--config is for one preset: name it');
  return [changedSubject(presetNamed(names[0]), await loadModel(names[0], { config }))];
};

const subjectsOf = async (names: readonly string[], options: DocsOptions): Promise<readonly AnySubject[]> => {
  if (options.model === undefined)
    return ofPresets(names.length || options.config ? [...new Set(names)] : Object.keys(presets), options);
  if (names.length)
    throw new UsageError(`--model documents a file of yours, and ${names[0]} is a preset: choose one`);
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
    return formats[format](documents, { style: exampleStyle });
  } catch (error) {
    throw new Failure(error instanceof Error ? error.message : String(error));
  }
};

const sizeOf = (content: string | Uint8Array): number =>
  typeof content === 'string' ? Buffer.byteLength(content) : content.length;

/** Documents presets by their names, or a person's model, into a folder. */
export const writeDocs = async (names: readonly string[], options: DocsOptions): Promise<void> => {
  names.forEach(presetNamed);
  expectFolder('--out', options.out);
  await checkFolder(options.out);
  const subjects = await subjectsOf(names, options);
  const documents = await withProgress('reading models', (onProgress) =>
    subjects.map((subject, i) => {
      onProgress(i, subjects.length);
      return documented(subject);
    }),
  );
  const files = await withProgress('drawing pages', () => filesOf(documents, options.format));
  await writeFolder(options.out, files);
  const bytes = [...files.values()].reduce((total, content) => total + sizeOf(content), 0);
  const models = documents.map(({ name }) => name);
  print(
    options.json,
    { out: options.out, format: options.format, models, files: [...files.keys()], bytes },
    () => `${options.out}: ${models.join(', ')}; ${counted(files.size, 'file')}, ${showBytes(bytes)}`,
  );
};
