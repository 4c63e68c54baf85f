/**
 * Sizes that are not known until a graph runs: polynomials in symbols such as `batch`, each symbol at most to the first
 * power in a term. Coefficients that are no whole numbers make a quotient, which is rounded down. A size without symbols is
 * a plain number.
 */

/** A sum of terms, each a coefficient times some symbols. */
export interface SymbolicSize {
  readonly terms: readonly Term[];
}

interface Term {
  readonly coefficient: number;
  /** In alphabetical order; none for the constant. */
  readonly symbols: readonly string[];
}

export type Size = number | SymbolicSize;

/** Values of symbols. */
export type Sizes = Readonly<Record<string, number>>;

/** Tells sizes with symbols in them. */
export const isSymbolic = (size: unknown): size is SymbolicSize =>
  typeof size === 'object' && size !== null && Array.isArray((size as SymbolicSize).terms);

const termsOf = (size: Size): readonly Term[] =>
  isSymbolic(size) ? size.terms : [{ coefficient: size, symbols: [] }];

/** A size from its terms; those of coefficient 0 are left out. */
const sizeOfTerms = (terms: readonly Term[]): Size => {
  const left = terms.filter(({ coefficient }) => coefficient !== 0);
  if (left.every(({ symbols }) => symbols.length === 0))
    return left.reduce((sum, { coefficient }) => sum + coefficient, 0);
  return { terms: left };
};

/** The sum of two sizes. */
export const addSizes = (a: Size, b: Size): Size => {
  const sums = new Map<string, Term>();
  for (const { coefficient, symbols } of [...termsOf(a), ...termsOf(b)]) {
    const known = sums.get(symbols.join('*'))?.coefficient ?? 0;
    sums.set(symbols.join('*'), { coefficient: known + coefficient, symbols });
  }
  return sizeOfTerms([...sums.values()]);
};

/** The symbol alone. */
export const symbol = (name: string): SymbolicSize => ({ terms: [{ coefficient: 1, symbols: [name] }] });

/** The name of a size that is one symbol and nothing else. */
export const symbolOf = (size: Size): string | undefined => {
  if (!isSymbolic(size) || size.terms.length !== 1) return undefined;
  const [{ coefficient, symbols }] = size.terms;
  return coefficient === 1 && symbols.length === 1 ? symbols[0] : undefined;
};

/** The symbols that a size depends on. */
export const symbolsOf = (size: Size): string[] =>
  isSymbolic(size) ? [...new Set(size.terms.flatMap(({ symbols }) => symbols))].sort() : [];

/** The largest denominator of coefficients. */
const mostDenominator = 2 ** 16;

const isNearlyWhole = (x: number): boolean => Math.abs(x - Math.round(x)) < 1e-7;

/**
 * A size's terms times the smallest whole number that makes whole numbers of all coefficients, and that number.
 * @throws RangeError where there is none that is small
 */
export const wholeTerms = ({
  terms,
}: SymbolicSize): { readonly denominator: number; readonly terms: readonly Term[] } => {
  let denominator = 1;
  while (!terms.every(({ coefficient }) => isNearlyWhole(coefficient * denominator)))
    if (++denominator > mostDenominator)
      throw new RangeError(`a size has the coefficients ${terms.map(({ coefficient }) => coefficient)}`);
  return {
    denominator,
    terms: terms.map(({ coefficient, symbols }) => ({
      coefficient: Math.round(coefficient * denominator),
      symbols,
    })),
  };
};

/** A size as people and JAX read it: `2*batch*points + 1`, `floordiv(points, 2)`. */
export const showSize = (size: Size): string => {
  if (!isSymbolic(size)) return String(size);
  const { denominator, terms } = wholeTerms(size);
  const sum = terms
    .map(({ coefficient, symbols }) =>
      [...(coefficient === 1 && symbols.length ? [] : [coefficient]), ...symbols].join('*'),
    )
    .join(' + ');
  return denominator === 1 ? sum : `floordiv(${sum}, ${denominator})`;
};

/** The size in which each symbol with a factor stands for that share of its own. @example `h` by { h: 2 } is `2*h` */
export const inMultiples = (size: Size, factors: Sizes): Size => {
  if (!isSymbolic(size)) return size;
  const factorOf = (symbols: readonly string[]): number =>
    symbols.reduce((product, name) => product * (factors[name] ?? 1), 1);
  return {
    terms: size.terms.map(({ coefficient, symbols }) => ({
      coefficient: coefficient * factorOf(symbols),
      symbols,
    })),
  };
};

/** True where two sizes are the same. */
export const sameSize = (a: Size, b: Size): boolean => a === b || showSize(a) === showSize(b);

/** True where two shapes are the same, symbols included. */
export const sameSizes = (a: readonly Size[], b: readonly Size[]): boolean =>
  a.length === b.length && a.every((size, axis) => sameSize(size, b[axis]));

/** The number that a size is where symbols have values. */
export const evaluate = (size: Size, sizes: Sizes): number => {
  if (!isSymbolic(size)) return size;
  const { denominator, terms } = wholeTerms(size);
  const sum = terms.reduce(
    (total, { coefficient, symbols }) =>
      total + symbols.reduce((product, name) => product * sizes[name], coefficient),
    0,
  );
  return Math.floor(sum / denominator);
};

/** Two values of a symbol, which fix its polynomial. */
export type Probe = readonly [name: string, first: number, second: number];

/** Every combination of the probes' values, the first probe's changing slowest. */
export const probePoints = (probes: readonly Probe[]): Sizes[] =>
  probes.reduceRight<Sizes[]>(
    (points, [name, first, second]) =>
      [first, second].flatMap((value) => points.map((point) => ({ [name]: value, ...point }))),
    [{}],
  );

/**
 * The size that takes given values at the probes' points: one polynomial, and no other, does.
 * @param values in the order of `probePoints`
 */
export const interpolate = (values: readonly number[], probes: readonly Probe[]): Size => {
  const [probe, ...others] = probes;
  if (!probe || values.every((value) => value === values[0])) return values[0];
  const [name, first, second] = probe;
  const half = values.length / 2;
  const rise = Array.from({ length: half }, (_, i) => (values[half + i] - values[i]) / (second - first));
  const base = rise.map((slope, i) => values[i] - slope * first);
  const times = (size: Size): Term[] =>
    termsOf(size).map(({ coefficient, symbols }) => ({ coefficient, symbols: [name, ...symbols].sort() }));
  return sizeOfTerms([...times(interpolate(rise, others)), ...termsOf(interpolate(base, others))]);
};
