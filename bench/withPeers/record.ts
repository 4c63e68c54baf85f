/** A program as a list of operations, for peers that are given it as data. */
import { fourierValues } from '../programs/fourierValues.js';
import { shapeOps } from '../count.js';
import type { Fourier, Ops, Program, Shape } from '../ops.js';

/** An operation's name, the number of its result, and its arguments; results among them are `{ value: number }`. */
type Line = readonly [operation: string, result: number, args: readonly unknown[]];

export interface Recorded {
  readonly lines: readonly Line[];
  /** The number of the output. Inputs have the numbers from 0. */
  readonly output: number;
  readonly constants: readonly { readonly shape: Shape; readonly data: Float32Array }[];
}

interface Value {
  readonly number: number;
  readonly shape: Shape;
}

const isValue = (x: unknown): x is Value => typeof x === 'object' && x !== null && 'number' in x;

/** An argument with something in the place of its values. */
const withValues = (x: unknown, put: (value: Value) => unknown): unknown => {
  if (isValue(x)) return put(x);
  return Array.isArray(x) ? x.map((each) => withValues(each, put)) : x;
};

/** Writes a program down for inputs of these shapes; its first output is the result. */
export const record = (program: Program, inputs: readonly Shape[]): Recorded => {
  const lines: Line[] = [];
  const constants: { shape: Shape; data: Float32Array }[] = [];
  let next = inputs.length;
  const shapes = shapeOps();
  const add = (operation: string, shape: Shape, args: readonly unknown[]): Value => {
    const number = next++;
    lines.push([operation, number, args]);
    return { number, shape };
  };
  const byName = Object.entries(shapes).map(([name, shapeOf]) => {
    const run = (...args: readonly unknown[]): Value => {
      const shape = (shapeOf as (...args: readonly unknown[]) => Shape)(
        ...args.map((x) => withValues(x, ({ shape }) => shape)),
      );
      const written = args.map((x) => withValues(x, ({ number }) => ({ value: number })) ?? null);
      // A size that was left open is known by now.
      return add(name, shape, name === 'reshape' ? [written[0], shape] : written);
    };
    return [name, run] as const;
  });
  const ops = {
    ...Object.fromEntries(byName),
    scope: (work: () => Value) => work(),
    shapeOf: ({ shape }: Value) => shape,
    param: (path: string, leaf: string, shape: Shape) => add('param', shape, [`${path}/${leaf}`]),
    fourier: (features: Fourier) => {
      const shape = shapes.fourier(features);
      constants.push({ shape, data: fourierValues(features) });
      return add('constant', shape, [constants.length - 1]);
    },
  } as unknown as Ops<Value>;
  const [output] = program(
    ops,
    inputs.map((shape, number) => ({ number, shape })),
  );
  return { lines, output: output.number, constants };
};
