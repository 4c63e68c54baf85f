/**
 * Hugging Face configs read as a preset's and written from it, by the family's table: every key is used, known to change
 * nothing, or refused.
 */
import * as E from 'fp-ts/lib/Either.js';
import { isRecord } from '../../lib/data/nest.js';
import type { ConfigProblem } from '../../lib/data/config.js';
import { nearest } from '../../lib/data/nearest.js';
import type { Family, HuggingFaceConfig, Translated } from './family.js';
import { generalKeys, onlyValues, perceiverDefaults } from './keys.js';

type Json = Readonly<Record<string, unknown>>;

/** The value at a path of a config, as `encoder.numLatents`; undefined for null. */
const valueAt = (config: unknown, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>(
      (part, name) => (isRecord(part) && Object.hasOwn(part, name) ? (part[name] ?? undefined) : undefined),
      config,
    );

/** The config with another value at a path; missing records on the way are made. */
const withValueAt = (config: Json, path: string, value: unknown): Json => {
  const [name, ...rest] = path.split('.');
  const inner = Object.hasOwn(config, name) && isRecord(config[name]) ? config[name] : {};
  return { ...config, [name]: rest.length ? withValueAt(inner, rest.join('.'), value) : value };
};

/** Every value of a config that is not a record, with its path. */
export const leavesOf = (config: object, at = ''): readonly (readonly [path: string, value: unknown])[] =>
  Object.entries(config).flatMap(([name, value]) => {
    const path = at === '' ? name : `${at}.${name}`;
    return isRecord(value) ? leavesOf(value, path) : [[path, value ?? undefined] as const];
  });

/** Tells whether two values are the same as JSON. */
const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** A Hugging Face config, read. */
interface ReadConfig {
  /** Changes to the preset's config; the preset's own codec checks their values. */
  readonly changes: object;
  /** Keys that were given and that change nothing of this model's outputs. */
  readonly ignored: readonly string[];
  /** Unknown keys, and values that no field can have. */
  readonly problems: readonly ConfigProblem[];
}

const asIs = (key: string): Translated => ({ key, read: E.right, write: (value) => value ?? null });

const entriesOf = ({ fields }: Pick<Family, 'fields'>): readonly (readonly [string, Translated])[] =>
  Object.entries(fields).map(([path, key]) => [path, typeof key === 'string' ? asIs(key) : key]);

const known = [...Object.keys(perceiverDefaults), ...Object.keys(onlyValues), ...generalKeys];

const unknownKeys = (given: HuggingFaceConfig): readonly ConfigProblem[] =>
  Object.keys(given)
    .filter((key) => !known.includes(key))
    .map((path) => {
      const near = nearest(path, known);
      return { path, found: given[path], expected: `a key that is known${near ? `; is it ${near}?` : ''}` };
    });

const otherValues = (given: HuggingFaceConfig): readonly ConfigProblem[] =>
  Object.entries(onlyValues)
    .filter(([key, value]) => (given[key] ?? undefined) !== undefined && !isSame(given[key], value))
    .map(([path, value]) => ({ path, found: given[path], expected: JSON.stringify(value) }));

/** Reads a config as changes to the config of a family's preset. */
export const readConfig = (
  family: Pick<Family, 'fields' | 'fixed'>,
  given: HuggingFaceConfig,
): ReadConfig => {
  const config = { ...perceiverDefaults, ...given };
  const problems = [...otherValues(given), ...unknownKeys(given)];
  let changes = family.fixed as HuggingFaceConfig;
  for (const [path, { key, read }] of entriesOf(family)) {
    const value = read(config[key], config);
    if (E.isLeft(value)) problems.push({ path: key, found: config[key], expected: value.left });
    else changes = withValueAt(changes, path, value.right);
  }
  const used = new Set(entriesOf(family).map(([, { key }]) => key));
  return { changes, problems, ignored: Object.keys(given).filter((key) => !used.has(key)) };
};

/** Problems with a preset's config, under the keys that its fields came from. */
export const problemsByKey = (
  family: Pick<Family, 'fields'>,
  problems: readonly ConfigProblem[],
): readonly ConfigProblem[] =>
  problems.map((problem) => {
    const origin = entriesOf(family).find(
      ([path]) => problem.path === path || problem.path.startsWith(`${path}.`),
    );
    return origin ? { ...problem, path: origin[1].key + problem.path.slice(origin[0].length) } : problem;
  });

/** The first problem of each key. */
export const withoutRepeats = (problems: readonly ConfigProblem[]): readonly ConfigProblem[] =>
  problems.filter(({ path }, i) => problems.findIndex((other) => other.path === path) === i);

/** A config for Hugging Face, and the options that its class lacks. */
export interface WrittenConfig {
  readonly config: HuggingFaceConfig;
  /** Options of the preset that the class lacks, each with the class's own value. */
  readonly differs: readonly ConfigProblem[];
}

/** The Hugging Face config whose model is nearest to a preset's, and the differences. */
export const writeConfig = (
  family: Pick<Family, 'fields' | 'fixed'>,
  config: object,
  architecture: string,
): WrittenConfig => {
  const differs: ConfigProblem[] = leavesOf(family.fixed)
    .filter(([path]) => !Object.hasOwn(family.fields, path))
    .map(([path, fixed]) => ({
      path,
      found: valueAt(config, path),
      expected: JSON.stringify(fixed) ?? 'nothing',
    }))
    .filter(({ found, expected }) => (JSON.stringify(found) ?? 'nothing') !== expected);
  const written: Record<string, unknown> = { architectures: [architecture], model_type: 'perceiver' };
  for (const [path, { key, write }] of entriesOf(family)) {
    const found = valueAt(config, path);
    const value = write(found as never, config as never);
    if (value === undefined) differs.push({ path, found, expected: `a value that ${key} can have` });
    else if (!Object.hasOwn(written, key)) written[key] = value;
    else if (!isSame(written[key], value))
      differs.push({ path, found, expected: `what follows from ${key}: ${JSON.stringify(written[key])}` });
  }
  return { config: { ...perceiverDefaults, ...written }, differs };
};
