/**
 * Patterns of names: text with variables in braces, which match names and are filled in to make others.
 *
 * `{word}` is a part between dots and slashes, `{rest...}` any text, `{#i}` a whole number, and `{_i}` the same number
 * as Haiku writes it: nothing for 0, `_1` for 1.
 */
import * as E from 'fp-ts/lib/Either.js';

/** The texts in the places of a pattern's variables; numbers in decimal digits. */
type Bindings = ReadonlyMap<string, string>;

/** A pattern, ready to be used. */
export interface Pattern {
  readonly text: string;
  /** Names of its variables, in order. */
  readonly variables: readonly string[];
  /** Those of them that are numbers. */
  readonly numbers: readonly string[];
  /** Matches a name; undefined when it does not match. */
  readonly match: (name: string) => Bindings | undefined;
  /** The name with values for all of the pattern's variables. */
  readonly fill: (bindings: Bindings) => string;
}

type Kind = 'word' | 'rest' | 'number' | 'haikuNumber';

type Piece = string | { readonly kind: Kind; readonly name: string };

/** The regular expression of each kind of variable. */
const expressions: Readonly<Record<Kind, string>> = {
  word: '([^/.]+)',
  rest: '(.+)',
  number: '(0|[1-9][0-9]{0,8})',
  haikuNumber: '(|_[1-9][0-9]{0,8})',
};

const spellings: readonly (readonly [kind: Kind, spelling: RegExp])[] = [
  ['haikuNumber', /^_([A-Za-z]\w*)$/],
  ['number', /^#([A-Za-z]\w*)$/],
  ['rest', /^([A-Za-z]\w*)\.\.\.$/],
  ['word', /^([A-Za-z]\w*)$/],
];

const variableOf = (inside: string): Piece | undefined => {
  for (const [kind, spelling] of spellings) {
    const found = spelling.exec(inside);
    if (found) return { kind, name: found[1] };
  }
  return undefined;
};

/** Text and variables in turn, or the braces that are no variable. */
const piecesOf = (text: string): E.Either<string, readonly Piece[]> => {
  const pieces: Piece[] = [];
  for (const part of text.match(/\{[^{}]*\}|[^{}]+|[{}]/g) ?? []) {
    const piece = part.startsWith('{') ? variableOf(part.slice(1, -1)) : part;
    if (piece === undefined || piece === '}')
      return E.left(`${part} is no variable; there are {word}, {rest...}, {#i}, {_i}`);
    pieces.push(piece);
  }
  return E.right(pieces);
};

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

const isVariable = (piece: Piece): piece is Exclude<Piece, string> => typeof piece !== 'string';

const isNumber = ({ kind }: Exclude<Piece, string>): boolean => kind === 'number' || kind === 'haikuNumber';

/** The value of a variable, from its text and back. */
const valueOf = (kind: Kind, found: string): string =>
  kind === 'haikuNumber' ? found.slice(1) || '0' : found;
const textOf = (kind: Kind, value: string): string =>
  kind === 'haikuNumber' ? (value === '0' ? '' : `_${value}`) : value;

/** Reads a pattern; on the left, why it is none. */
export const parsePattern = (text: string): E.Either<string, Pattern> => {
  const read = piecesOf(text);
  if (E.isLeft(read)) return read;
  const pieces = read.right;
  const variables = pieces.filter(isVariable);
  const names = variables.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) return E.left(`${text} has the variable ${twice} twice`);
  if (text === '') return E.left('it is empty');
  const expression = pieces.map((piece) => (isVariable(piece) ? expressions[piece.kind] : escaped(piece)));
  const whole = new RegExp(`^${expression.join('')}$`);
  return E.right({
    text,
    variables: names,
    numbers: variables.filter(isNumber).map(({ name }) => name),
    match: (name) => {
      const found = whole.exec(name);
      return found
        ? new Map(variables.map(({ kind, name }, i) => [name, valueOf(kind, found[i + 1])]))
        : undefined;
    },
    fill: (bindings) =>
      pieces
        .map((piece) => (isVariable(piece) ? textOf(piece.kind, bindings.get(piece.name) ?? '') : piece))
        .join(''),
  });
};
