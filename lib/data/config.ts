/**
 * Configs: plain JSON that says what a layer or a model is. One definition gives the codec, the types and the
 * documentation: every field with its type, default, meaning and source. Variants are tagged unions.
 *
 * Configs from files are data: `decode` gives an `Either` with every problem. Configs in code are checked by the types;
 * `make` fills in the defaults and throws a ConfigError for values that the types admit and the config does not.
 */
import { nearest } from './nearest.js';
import { isRecord } from './nest.js';
import { grouped } from './quantities.js';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';

/** One thing wrong with a config. */
export interface ConfigProblem {
  /** The field's path: `encoder.numHeads`. */
  readonly path: string;
  readonly found: unknown;
  readonly expected: string;
}

/** The documentation of a field. */
interface FieldAbout {
  /** The field's meaning, with units and range. */
  readonly doc: string;
  /** The publication or program that the default or the meaning is taken from. */
  readonly source?: string;
}

type Presence = 'required' | 'optional' | 'default';

/** One field of a config: `A` as layers read it, `I` as people write it. */
export interface Field<A, I = A, P extends Presence = Presence> extends FieldAbout {
  readonly codec: t.Type<A, I>;
  readonly presence: P;
  readonly default?: I;
}

// Fields and codecs are invariant in their types; only `any` types a record of all kinds of them.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Fields = Readonly<Record<string, Field<any, any>>>;

type OptionalKeys<F> = { [K in keyof F]: F[K] extends { presence: 'required' } ? never : K }[keyof F];

/** A config with every default filled in. */
export type FullOf<F> = {
  readonly [K in keyof F]: F[K] extends Field<infer A, infer _, infer P>
    ? P extends 'optional'
      ? A | undefined
      : A
    : never;
};

/** A config as people write it. */
export type OptionsOf<F> = {
  readonly [K in Exclude<keyof F, OptionalKeys<F>>]: F[K] extends Field<infer _, infer I> ? I : never;
} & {
  readonly [K in OptionalKeys<F>]?: (F[K] extends Field<infer _, infer I> ? I : never) | undefined;
};

/** Gives a problem of several fields together; `path` is one of the fields. */
type Check<F extends Fields> = (full: FullOf<F>) => ConfigProblem | false | undefined;

/** A config's definition: an io-ts codec that knows its fields. */
export class Config<F extends Fields> extends t.Type<FullOf<F>, OptionsOf<F>> {
  constructor(
    name: string,
    readonly doc: string,
    readonly fields: F,
    check?: Check<F>,
  ) {
    super(
      name,
      (value): value is FullOf<F> => typeof value === 'object' && value !== null,
      (value, context) =>
        E.chain((full: FullOf<F>) => validateWhole(check?.(full), full, context))(
          validateFields(fields, value, context, this) as t.Validation<FullOf<F>>,
        ),
      (full) => full as unknown as OptionsOf<F>,
    );
  }

  /** The options of a call, empty where JavaScript gives none: `make` then names the fields that are missing. */
  given<T extends object>(options: T): T {
    return options ?? {};
  }

  /**
   * The config with its defaults filled in.
   * @throws ConfigError with every problem
   */
  make(options: OptionsOf<F>): FullOf<F> {
    const decoded = decodeConfig(this, options);
    if (E.isLeft(decoded)) throw new ConfigError(this.name, decoded.left);
    return decoded.right;
  }
}

/** The full config of a definition. */
export type ConfigOf<C extends t.Any> = t.TypeOf<C>;
/** The options of a definition. */
export type OptionsFor<C extends t.Any> = t.OutputOf<C>;

/** A programmer's config that does not fit. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(
    config: string,
    readonly problems: readonly ConfigProblem[],
  ) {
    super(`${config}: ${problems.map(showConfigProblem).join('; ')}`);
  }
}

const expectedField = (name: string, fields: readonly string[]): string => {
  const likely = nearest(name, fields);
  return `one of the fields (${fields.join(', ')})${likely === undefined ? '' : `; did you mean '${likely}'?`}`;
};

const validateFields = (
  fields: Fields,
  value: unknown,
  context: t.Context,
  whole: t.Any,
): t.Validation<unknown> => {
  if (!isRecord(value)) return t.failure(value, context, `an object of ${whole.name}`);
  const errors: t.ValidationError[] = [];
  const entries: [string, unknown][] = [];
  for (const key of Object.keys(value)) {
    if (Object.hasOwn(fields, key)) continue;
    const at = t.appendContext(context, key, t.unknown, value[key]);
    errors.push({
      value: value[key],
      context: at,
      message: expectedField(key, Object.keys(fields)),
    });
  }
  for (const [key, field] of Object.entries(fields)) {
    const given = Object.hasOwn(value, key) && value[key] !== null ? value[key] : undefined;
    if (given === undefined && field.presence === 'optional') continue;
    const found = given ?? field.default ?? (Object.hasOwn(value, key) ? value[key] : undefined);
    const checked = field.codec.validate(found, t.appendContext(context, key, field.codec, found));
    if (E.isLeft(checked)) errors.push(...checked.left);
    else entries.push([key, checked.right]);
  }
  return errors.length ? t.failures(errors) : t.success(Object.fromEntries(entries));
};

const validateWhole = <A>(
  problem: ReturnType<Check<Fields>>,
  full: A,
  context: t.Context,
): t.Validation<A> => {
  if (!problem) return t.success(full);
  const { path, found, expected } = problem;
  return t.failures([
    { value: found, context: t.appendContext(context, path, t.unknown, found), message: expected },
  ]);
};

/**
 * Defines a config.
 * @param check  gives a problem of fields that are right each on its own
 */
export const config = <F extends Fields>(name: string, doc: string, fields: F, check?: Check<F>): Config<F> =>
  new Config(name, doc, fields, check);

/** A field that must be given. */
export const required = <A, I>(codec: t.Type<A, I>, about: FieldAbout): Field<A, I, 'required'> => ({
  codec,
  presence: 'required',
  ...about,
});

/** An optional field without a default; its documentation says what its absence means. */
export const optional = <A, I>(codec: t.Type<A, I>, about: FieldAbout): Field<A, I, 'optional'> => ({
  codec,
  presence: 'optional',
  ...about,
});

/** A field with a default. */
export const withDefault = <A, I>(
  codec: t.Type<A, I>,
  value: NoInfer<I>,
  about: FieldAbout,
): Field<A, I, 'default'> => ({
  codec,
  presence: 'default',
  default: value,
  ...about,
});

// Configs are invariant as fields are: only `any` types a record of all kinds of them.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Variants = Readonly<Record<string, Config<any>>>;
type Tagged<K, A> = { readonly kind: K } & A;

/** A tagged union: the field `kind` says which config the other fields are. */
export class Union<V extends Variants> extends t.Type<
  { [K in keyof V]: Tagged<K, ConfigOf<V[K]>> }[keyof V],
  { [K in keyof V]: Tagged<K, OptionsFor<V[K]>> }[keyof V]
> {
  constructor(
    name: string,
    readonly variants: V,
  ) {
    super(
      name,
      (value): value is never => isRecord(value) && typeof value.kind === 'string',
      (value, context) => {
        const kind = isRecord(value) ? value.kind : undefined;
        const kinds = Object.keys(variants).join("', '");
        if (typeof kind !== 'string' || !Object.hasOwn(variants, kind)) {
          return t.failure(value, context, `an object with kind '${kinds}'`);
        }
        const { kind: _kind, ...rest } = value as Record<string, unknown>;
        const checked = variants[kind].validate(rest, context);
        return E.map((full: object) => ({ kind, ...full }))(checked) as t.Validation<never>;
      },
      (full) => full as never,
    );
  }
}

/** Defines a tagged union of configs. */
export const union = <V extends Variants>(name: string, variants: V): Union<V> => new Union(name, variants);

const number = (name: string, least: number, most: number, test: (n: number) => boolean): t.Type<number> => {
  const is = (value: unknown): value is number =>
    typeof value === 'number' && test(value) && value >= least && value <= most;
  const expected = (value: unknown): string =>
    typeof value === 'number' && value > most && !name.includes(' to ')
      ? `${name}, at most ${grouped(most)}`
      : name;
  return new t.Type(
    name,
    is,
    (value, context) => (is(value) ? t.success(value) : t.failure(value, context, expected(value))),
    t.identity,
  );
};

const anySize = Number.MAX_SAFE_INTEGER;
/** The largest size of one dimension of a tensor that a config may ask for; models have thousands, texts of them 65,536. */
const largestSize = 2 ** 24;

/** Whole numbers. */
export const integer = number('a whole number', -anySize, anySize, Number.isSafeInteger);
/** Whole numbers from 1 to a bound that no real model meets. */
export const countTo = (most: number): t.Type<number> =>
  number('a whole number from 1', 1, most, Number.isSafeInteger);
/** Sizes of dimensions: whole numbers from 1 to 2²⁴. */
export const count = countTo(largestSize);
/** Numbers of layers in a row: whole numbers from 1 to 512. */
export const depth = countTo(512);
/** Whole numbers from 0 to a bound that no real model meets. */
export const naturalTo = (most: number): t.Type<number> =>
  number('a whole number from 0', 0, most, Number.isSafeInteger);
/** Whole numbers from 0. */
export const natural = naturalTo(anySize);
/** Numbers from 0 to 1. */
export const probability = number('a number from 0 to 1', 0, 1, Number.isFinite);
/** Finite numbers. */
export const finite = number('a finite number', -Infinity, Infinity, Number.isFinite);
/** Numbers from 0. */
export const nonNegative = number('a number from 0', 0, Infinity, Number.isFinite);
/** Numbers from 0 to below 1: shares of an average that stay. */
export const fraction = number('a number from 0, below 1', 0, 1 - Number.EPSILON / 2, Number.isFinite);
/** Numbers above 0. */
export const positive = number('a number above 0', Number.MIN_VALUE, Infinity, Number.isFinite);
/** Lists of sizes, one for each dimension. */
export const sizes = t.readonlyArray(count, 'a list of whole numbers from 1');
export const flag = t.boolean;
export const text = t.string;

/** One of several words. */
export const oneOf = <W extends string>(...words: readonly W[]): t.Type<W> =>
  new t.Type(
    `'${words.join("' or '")}'`,
    (value): value is W => words.includes(value as W),
    (value, context) =>
      words.includes(value as W)
        ? t.success(value as W)
        : t.failure(value, context, `'${words.join("' or '")}'`),
    t.identity,
  );

/** One of several words, or a function in their place. */
export const wordOrFunction = <F extends (...args: never[]) => unknown, W extends string>(
  words: t.Type<W>,
): t.Type<W | F> => {
  const name = `${words.name} or a function`;
  const is = (value: unknown): value is W | F => typeof value === 'function' || words.is(value);
  return new t.Type(
    name,
    is,
    (value, context) => (is(value) ? t.success(value) : t.failure(value, context, name)),
    t.identity,
  );
};

const problem = ({ value, context, message }: t.ValidationError): ConfigProblem => ({
  path:
    context
      .slice(1)
      .map((entry) => entry.key)
      .join('.') || '(the whole)',
  found: value,
  expected: message ?? context[context.length - 1].type.name,
});

/** Checks somebody's JSON; every problem comes back. */
export const decodeConfig = <A, I>(
  codec: t.Type<A, I>,
  json: unknown,
): E.Either<readonly ConfigProblem[], A> =>
  E.mapLeft((errors: t.Errors) => errors.map(problem))(codec.decode(json));

const longestFound = 200;

/** A value as JSON text, cut where it is long; values that JSON does not have (NaN, a function) as JavaScript prints them. */
const showFound = (found: unknown): string => {
  if (found === undefined) return 'nothing';
  if (typeof found === 'number') return String(found);
  const text = jsonOf(found) ?? String(found);
  return text.length > longestFound ? `${text.slice(0, longestFound)}…` : text;
};

/** JSON of a value, for people; of one that nests too deep for JavaScript's own writer, the words for that. */
const jsonOf = (value: unknown): string | undefined => {
  try {
    return JSON.stringify(value);
  } catch {
    return 'a value that is no JSON, or nests too deep';
  }
};

/** A problem as a line of text. */
export const showConfigProblem = ({ path, found, expected }: ConfigProblem): string =>
  `${path}: found ${showFound(found)}, expected ${expected}`;
