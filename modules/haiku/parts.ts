/** Modules that are made of other modules: those among the arguments, and how they are declared before the whole. */
import { isRecord } from '../../lib/data/nest.js';
import * as E from 'fp-ts/lib/Either.js';
import type { ConfigProblem } from '../../lib/data/config.js';
import type { Scope } from '../../lib/language/scope.js';
import {
  type Arguments,
  type HaikuPart,
  isGiven,
  nothing,
  prefixed,
  type ReadPart,
  type Taken,
  under,
} from './arguments.js';
import type { DeclarePart } from './haikuClass.js';

/** The kinds of modules that an argument takes, and their name in messages. */
export interface Role {
  readonly kinds: RegExp;
  readonly called: string;
}

export const roles = {
  encoder: { kinds: /^encoder$/, called: 'an encoder' },
  decoder: { kinds: /^(?!embedding).*Decoder$/, called: 'a decoder' },
  preprocessor: { kinds: /Preprocessor$/, called: 'a preprocessor' },
  postprocessor: { kinds: /Postprocessor$/, called: 'a postprocessor' },
  position: { kinds: /Position$/, called: 'a position encoding' },
} as const;

const expecting = (path: string, found: unknown, expected: string) => E.left([{ path, found, expected }]);

/** Reads `{ "class": "perceiver.PerceiverEncoder", … }`. */
const partAt = (
  name: string,
  value: unknown,
  { kinds, called }: Role,
  readPart: ReadPart,
): E.Either<readonly ConfigProblem[], HaikuPart> => {
  if (!isRecord(value) || typeof value.class !== 'string')
    return expecting(name, value, `${called}: its constructor's name as class, and its arguments`);
  const { class: source, ...kwargs } = value;
  const read = readPart(source as string, kwargs);
  if (E.isLeft(read)) return E.left(under(name, read.left));
  return kinds.test(read.right.kind) ? read : expecting(prefixed(name, 'class'), source, called);
};

/** An argument that is a module: its constructor's name and arguments. */
export const part = (python: string, role: Role, isRequired: boolean): Arguments => ({
  names: [python],
  take: (given, readPart): Taken => {
    if (!isGiven(given, python) && !isRequired) return nothing;
    const read = partAt(python, given[python], role, readPart);
    return E.isLeft(read)
      ? { ...nothing, problems: read.left }
      : { ...nothing, parts: { [python]: read.right } };
  },
});

/** `modalities`: a dictionary of modules, the option of that name. */
export const modalities = (role: Role): Arguments => ({
  names: ['modalities'],
  take: ({ modalities: value }, readPart): Taken => {
    if (!isRecord(value)) {
      const expected = `a dictionary of modules, each ${role.called}`;
      return { ...nothing, problems: [{ path: 'modalities', found: value, expected }] };
    }
    const read = Object.keys(value).map(
      (name) => [name, partAt(prefixed('modalities', name), value[name], role, readPart)] as const,
    );
    const made = read.flatMap(([name, one]) => (E.isRight(one) ? [[name, one.right] as const] : []));
    return {
      ...nothing,
      problems: read.flatMap(([, one]) => (E.isLeft(one) ? one.left : [])),
      parts: { modalities: Object.fromEntries(made) },
    };
  },
});

/** The option that holds a multimodal module's parts. */
export interface WithModalities {
  readonly modalities: Readonly<Record<string, HaikuPart>>;
}

/** Declares the parts of a module that has several of a kind, in the order in which they were given. */
export const declareEach = (
  s: Scope,
  parts: Readonly<Record<string, HaikuPart>>,
  declarePart: DeclarePart,
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, declarePart(s, part)]));
