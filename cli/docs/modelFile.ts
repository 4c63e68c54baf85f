/**
 * A model that a person's own file exports, in TypeScript or JavaScript: `export const model = { card, network, inputs }`,
 * or a preset. What is wrong with it is a failure that says where.
 */
import { readFileSync, statSync } from 'node:fs';
import * as nodeModules from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as E from 'fp-ts/lib/Either.js';
import type { ConfigProblem } from '../../lib/data/config.js';
import { showConfigProblem } from '../../lib/data/config.js';
import type { AnyPreset } from '../../presets/preset.js';
import { Failure, orFail, UsageError } from '../failure.js';
import { expectThere } from '../paths.js';
import type { AnySubject } from './subjects.js';
import { withoutTypes } from './withoutTypes.js';

const isObject = (value: unknown): value is Record<string, unknown> =>
  (typeof value === 'object' || typeof value === 'function') && value !== null;

const isPreset = (value: unknown): value is AnyPreset =>
  typeof value === 'function' && 'card' in value && 'decode' in value && 'codec' in value;

/** The kind of a value in a word or two. */
const kindOf = (value: unknown): string => {
  if (value === null || value === undefined) return String(value);
  return Array.isArray(value)
    ? `an array of ${value.length}`
    : `${/^[aeiou]/.test(typeof value) ? 'an' : 'a'} ${typeof value}`;
};

const expected: readonly (readonly [string, (value: unknown) => boolean, string])[] = [
  ['card', isObject, "{ name: 'forecaster' }, with title, doc, sources where there are some"],
  ['network', (value) => typeof value === 'function', 'a layer: a function of a scope and inputs'],
  [
    'inputs',
    (value) => Array.isArray(value) && value.length > 0,
    'an array with { shape, dtype } for each input of the layer',
  ],
];

const checked = (file: string, model: unknown): AnySubject => {
  if (!isObject(model))
    throw new Failure(`${file}: model is ${kindOf(model)}, expected { card, network, inputs }`);
  const problems = expected
    .filter(([name, isGood]) => !isGood(model[name]))
    .map(([name, , wanted]) => `model.${name} is ${kindOf(model[name])}, expected ${wanted}`);
  const { card } = model;
  if (isObject(card) && typeof card.name !== 'string')
    problems.push(`model.card.name is ${kindOf(card.name)}, expected a string`);
  if (problems.length) throw new Failure(`${file}: ${problems.join('\n  ')}`);
  return model as unknown as AnySubject;
};

const modelOfPreset = (file: string, preset: AnyPreset, config: unknown): AnySubject => {
  const model = orFail(
    (problems: readonly ConfigProblem[]) =>
      `the config does not fit model of ${file}:\n  ${problems.map(showConfigProblem).join('\n  ')}`,
  )(preset.decode(config ?? {}));
  return { ...model, codec: preset.codec };
};

let isRegistered = false;

/** From here on, Node reads TypeScript. */
const readTypeScript = (): void => {
  if (isRegistered) return;
  // A namespace, since versions before 20.6 have no such export.
  if (!nodeModules.register)
    throw new Failure(`--model needs Node 20.6 or later; this is ${process.version}`);
  nodeModules.register('./typescriptHooks.js', import.meta.url);
  isRegistered = true;
};

/** Node tells nobody the place of a mistake in JavaScript; TypeScript's reader finds it, where it is in the file itself. */
const messageOf = (path: string, error: Error): string => {
  if (!(error instanceof SyntaxError)) return error.message;
  const read = E.tryCatch(() => withoutTypes(readFileSync(path, 'utf8'), path), E.toError);
  return E.isLeft(read) ? read.left.message : error.message;
};

/** The exports of a file; an error in the file tells its place. */
const exportsOf = async (file: string): Promise<Record<string, unknown>> => {
  const path = resolve(file);
  expectThere(file, 'a .ts or .js file with a model');
  if (statSync(path).isDirectory()) throw new Failure(`${file} is a directory, expected a .ts or .js file`);
  if (!/\.[cm]?[jt]s$/.test(path)) throw new Failure(`${file}: expected a .ts, .mts, .js or .mjs file`);
  readTypeScript();
  const loaded = await E.tryCatchK(() => import(pathToFileURL(path).href), E.toError)();
  const exported = await (E.isRight(loaded) ? loaded.right.catch(E.toError) : loaded.left);
  if (!(exported instanceof Error)) return exported as Record<string, unknown>;
  throw new Failure(`${file} does not run: ${messageOf(path, exported)}`);
};

/** The model of a file, at a config where it is a preset and one is given. */
export const modelOfFile = async (file: string, config?: unknown): Promise<AnySubject> => {
  const { model, ...others } = await exportsOf(file);
  if (model === undefined) {
    const names = Object.keys(others);
    throw new Failure(
      `${file} exports no 'model'${names.length ? `; it exports ${names.join(', ')}` : ' and nothing else'}`,
    );
  }
  if (isPreset(model)) return modelOfPreset(file, model, config);
  if (config !== undefined) throw new UsageError(`--config is for presets; model of ${file} is not one`);
  return checked(file, model);
};
