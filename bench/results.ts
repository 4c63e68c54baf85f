/**
 * The file of results: read, checked and written. Rows measured again take the places of the old ones.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { Machine } from './machine.js';
import type { Profile, Refusal, Row } from './work.js';

export interface Results {
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: readonly Row[];
  readonly refusals: readonly Refusal[];
  /** Of the library, where they were asked for. */
  readonly profiles: readonly Profile[];
}

const maybe = t.union([t.number, t.null]);

const cold = t.partial({ coldSeconds: t.number, readSeconds: t.number });

const measured = t.type({
  work: t.string,
  group: t.union([
    t.literal('kernel'),
    t.literal('layer'),
    t.literal('model'),
    t.literal('training'),
    t.literal('initialisation'),
  ]),
  engine: t.string,
  threads: t.number,
  seconds: t.number,
  spread: t.number,
  rounds: t.number,
  gflops: maybe,
  peakBytes: maybe,
  idleBytes: maybe,
  liveBytes: maybe,
  weightBytes: t.number,
  ratio: maybe,
  difference: maybe,
});

const row = t.intersection([measured, cold]);

const results = t.type({
  machine: t.type({
    processor: t.string,
    cores: t.number,
    memoryBytes: t.number,
    system: t.string,
    load: maybe,
    date: t.string,
  }),
  versions: t.record(t.string, t.string),
  rows: t.array(row),
  refusals: t.array(t.type({ work: t.string, engine: t.string, threads: t.number, reason: t.string })),
  profiles: t.array(
    t.type({
      work: t.string,
      engine: t.string,
      threads: t.number,
      kernels: t.array(t.type({ kernel: t.string, calls: t.number, seconds: t.number })),
    }),
  ),
});

/** Results of nothing yet. */
export const noResults = (on: Machine, versions: Results['versions']): Results => ({
  machine: on,
  versions,
  rows: [],
  refusals: [],
  profiles: [],
});

/** The results in a file, or what is wrong with it, in a line. */
export const readResults = (path: string): E.Either<string, Results> => {
  if (!existsSync(path)) return E.left(`there is no ${path}`);
  const json = E.tryCatch(
    () => JSON.parse(readFileSync(path, 'utf8')) as unknown,
    (error) => `${path} is no JSON: ${(error as Error).message}`,
  );
  return E.chain((value: unknown) =>
    E.mapLeft((errors: t.Errors) => {
      const [{ context, value: found }] = errors;
      const where = context
        // The parts of an intersection are no places in the file.
        .filter((_, i) => !(context[i - 1]?.type instanceof t.IntersectionType))
        .map(({ key }) => key)
        .join('.');
      return `${path}: ${where} is ${JSON.stringify(found)}, expected ${context[context.length - 1].type.name}`;
    })(results.decode(value)),
  )(json);
};

/** A file that is read while it is written, or left by an interruption, is the old one or the new one. */
export const writeResults = (path: string, value: Results): void => {
  const beside = `${path}.part`;
  writeFileSync(beside, `${JSON.stringify(value, null, 1)}\n`);
  renameSync(beside, path);
};

const isOf =
  (work: string) =>
  (line: { readonly work: string }): boolean =>
    line.work === work;

/** Results with everything of one work in the place of what was known of it. */
export const withWork = (
  before: Results,
  work: string,
  { rows, refusals, profiles }: Pick<Results, 'rows' | 'refusals' | 'profiles'>,
): Results => ({
  ...before,
  rows: [...before.rows.filter((line) => !isOf(work)(line)), ...rows],
  refusals: [...before.refusals.filter((line) => !isOf(work)(line)), ...refusals],
  profiles: [...before.profiles.filter((line) => !isOf(work)(line)), ...profiles],
});
