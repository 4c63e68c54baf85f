/** Options that change the names of arrays: by rules of the user, and between Hugging Face's names and Haiku's. */
import { expectMerged } from './adapters.js';
import * as E from 'fp-ts/lib/Either.js';
import { type Command, Option } from 'commander';
import {
  type Checkpoint,
  type NamePair,
  type NamesError,
  rename,
  renamePairs,
  showNamePairs,
  showNamesError,
} from '../lib/checkpoint/index.js';
import {
  type Names,
  toHaikuNames,
  toHuggingFaceNames,
  translationPairs,
} from '../presets/huggingFace/trees.js';
import { orFail, UsageError } from './failure.js';

export interface NameOptions {
  readonly rename?: readonly string[];
  readonly to?: 'haiku' | 'huggingface';
  readonly dryRun?: boolean;
}

/** Adds the options that change names. */
export const nameOptions = (command: Command): Command =>
  command
    .option(
      '--rename <rule>',
      "rename arrays, FROM=TO: {word}, {rest...}, {_i} for Haiku's number, {#i} in digits; may be repeated",
      (rule: string, before: readonly string[] = []) => [...before, rule],
    )
    .addOption(
      new Option('--to <names>', 'translate names and layouts of arrays to those of this library').choices([
        'haiku',
        'huggingface',
      ]),
    )
    .option('--dry-run', 'show the new name of every array, and write nothing');

const namesOf = ({ to }: NameOptions): Names | undefined => (to === 'huggingface' ? 'huggingFace' : to);

const called: Readonly<Record<Names, string>> = { haiku: "Haiku's", huggingFace: "Hugging Face's" };

/** An error of names with the file; says so if a file has the wanted names already. */
const refuse =
  (path: string, to: Names | undefined, checkpoint: Checkpoint) =>
  (error: NamesError): string => {
    const other = to === 'haiku' ? 'huggingFace' : 'haiku';
    return to !== undefined && E.isRight(translationPairs(other)(checkpoint))
      ? `${path} has ${called[to]} names already`
      : `${path}:\n${showNamesError(error)}`;
  };

const byRules = (path: string, checkpoint: Checkpoint, { rename: rules = [] }: NameOptions): Checkpoint =>
  orFail(refuse(path, undefined, checkpoint))(rename(rules)(checkpoint));

/** The checkpoint under the names of the options; no array is read. */
export const underNames = (path: string, checkpoint: Checkpoint, options: NameOptions): Checkpoint => {
  const renamed = byRules(path, checkpoint, options);
  const to = namesOf(options);
  if (to === undefined) return renamed;
  expectMerged(path, renamed.params);
  const translate = to === 'haiku' ? toHaikuNames() : toHuggingFaceNames();
  return orFail(refuse(path, to, renamed))(translate(renamed));
};

/** The new name of every array, step by step. */
export interface DryRun {
  readonly renamed?: readonly NamePair[];
  readonly translated?: readonly NamePair[];
}

/** The renaming of `underNames` without doing it. */
export const dryRun = (path: string, checkpoint: Checkpoint, options: NameOptions): DryRun => {
  const { rename: rules } = options;
  const to = namesOf(options);
  if (rules === undefined && to === undefined)
    throw new UsageError('--dry-run shows what --rename and --to do; neither is given');
  const renamed = byRules(path, checkpoint, options);
  return {
    renamed: rules && orFail(refuse(path, undefined, checkpoint))(renamePairs(rules)(checkpoint)),
    translated: to && orFail(refuse(path, to, renamed))(translationPairs(to)(renamed)),
  };
};

/** A dry run as a person reads it. */
export const showDryRun = ({ renamed, translated }: DryRun): string =>
  [renamed, translated].flatMap((pairs) => (pairs ? [showNamePairs(pairs)] : [])).join('\n\n');
