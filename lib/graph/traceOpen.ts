/**
 * One graph for all values of open sizes: a program is written down at several of them, and what differs between these
 * graphs has to follow from the sizes.
 */
import { atSizes, checkSizes } from './checkTraced.js';
import type { Trace } from './graph.js';
import { closeSizes, openSizes } from './openSizes.js';
import { simplify } from './passes/simplify.js';
import { type Probe, probePoints, type Sizes } from './size.js';
import { OpenSizeError, unify } from './unify.js';

/** A program at sizes that are numbers. */
type TraceAt = (point: Sizes) => Trace;

/** A trace at one point. */
type Tried = readonly [point: Sizes, traced: Trace];

/** The least of the large sizes that a program is tried at. */
const large = 1013;

const isPrime = (n: number): boolean => {
  for (let i = 2; i * i <= n; i++) if (n % i === 0) return false;
  return true;
};

/** The multiple of a size next to the large one that shares no other small divisor with the smaller multiples. */
const largeMultiple = (size: number): number => {
  let factor = Math.max(5, Math.ceil(large / size));
  while (!isPrime(factor)) factor++;
  return size * factor;
};

/** The first of some values of one open size that the program takes, with the other sizes at their first. */
const firstTaken = (
  probes: readonly Probe[],
  name: string,
  tried: readonly number[],
  at: TraceAt,
): readonly Tried[] => {
  const first = Object.fromEntries(probes.map(([each, size]) => [each, size]));
  for (const size of tried) {
    const point = { ...first, [name]: size };
    try {
      return [[point, at(point)]];
    } catch {
      // The program does not take this size.
    }
  }
  return [];
};

const unifyTried = (tried: readonly Tried[], probes: readonly Probe[]): Trace =>
  unify(
    tried.map(([, traced]) => traced),
    probes,
    tried.map(([point]) => point),
  );

/** One graph for sizes, each a number times the one that it is a multiple of. */
const traceMultiples = (names: readonly string[], sizes: Sizes, times: number, at: TraceAt): Trace => {
  const multipleOf = (name: string): number => sizes[name] ?? 1;
  const probes = names.map((name): Probe => {
    const size = sizes[name] === undefined ? 3 : times * sizes[name];
    return [name, size, 2 * size];
  });
  const threefold = Object.fromEntries(probes.map(([name, size]) => [name, 3 * size]));
  const near = [...probePoints(probes), threefold].map((point): Tried => [point, at(point)]);
  const far = names.flatMap((name) => firstTaken(probes, name, [largeMultiple(multipleOf(name))], at));
  const all = [...near, ...far];
  const traced = unifyTried(all, probes);
  /** True where sizes between the multiples give the same graph, as far as they are tried. */
  const isForAny = (name: string): boolean => {
    const multiple = multipleOf(name);
    if (multiple === 1) return true;
    const between = firstTaken(probes, name, [largeMultiple(multiple) - 1, multiple + 1], at);
    try {
      return between.length > 0 && unifyTried([...all, ...between], probes) !== undefined;
    } catch (error) {
      if (error instanceof OpenSizeError) return false;
      throw error;
    }
  };
  const bound = names.filter((name) => !isForAny(name));
  const multiples = Object.fromEntries(bound.map((name) => [name, multipleOf(name)]));
  return { ...traced, ...(bound.length > 0 && { multiples }) };
};

/**
 * One graph for all values of the open sizes, simplified. Where the program is another one at the number that a size is a
 * multiple of, as micro-batches of one example are, three times that number is the first that it is read at.
 * @throws OpenSizeError, with the module's path, where what differs does not follow from the sizes
 */
export const traceOpen = (
  specs: readonly unknown[],
  sizes: Sizes,
  traceAt: (specs: readonly unknown[]) => Trace,
): Trace => {
  checkSizes(specs, sizes);
  const names = openSizes(specs);
  const at: TraceAt = (point) => atSizes(point, () => traceAt(closeSizes(specs, point)));
  if (names.length === 0) return simplify(at({}));
  try {
    return simplify(traceMultiples(names, sizes, 1, at));
  } catch (error) {
    if (!(error instanceof OpenSizeError) || Object.keys(sizes).length === 0) throw error;
    try {
      return simplify(traceMultiples(names, sizes, 3, at));
    } catch {
      throw error;
    }
  }
};
