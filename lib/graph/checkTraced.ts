/** Checks of what is traced: a function, its specs, their sizes, and that the result has arrays. */
import { expectKnown } from '../data/nearest.js';
import { isRecord, mapNest } from '../data/nest.js';
import { showShape } from '../data/shape.js';
import { kindOf } from '../data/weights.js';
import { openSizes } from './openSizes.js';
import { isSymbolic, type Sizes } from './size.js';

/** @throws Error for options, and parts of `names`, under names that are none */
export const checkOptions = (where: string, options: object, known: readonly string[]): void => {
  expectKnown(where, options, known);
  const { names } = options as { readonly names?: object };
  if (names !== undefined) expectKnown(`${where}: names`, names, ['inputs', 'output']);
};

/** @throws TypeError for what is no function, or specs that are no list of arguments; Error for options that are not known */
export const checkCall = (
  where: string,
  f: unknown,
  specs: unknown,
  { options, known }: { readonly options: unknown; readonly known: readonly string[] },
): void => {
  if (typeof f !== 'function')
    throw new TypeError(
      `${where}: the function is ${kindOf(f)}, expected one of arrays` +
        (isRecord(f) && 'network' in f
          ? '; a model is traced by trace(model.network, specs), and exported to JAX by layerFunction(model.network, specs)'
          : ''),
    );
  if (!Array.isArray(specs) || !isRecord(options))
    throw new TypeError(
      `${where}: the ${Array.isArray(specs) ? `options are ${kindOf(options)}` : `specs are ${kindOf(specs)}`}, ` +
        `expected ${where}(f, [first, second], options) with a spec for each argument in one list`,
    );
  checkOptions(where, options, known);
};

const isSize = (size: unknown): boolean =>
  typeof size === 'string' || isSymbolic(size as number) || (Number.isInteger(size) && (size as number) >= 0);

interface Shaped {
  readonly shape: readonly never[];
}

const isShaped = (part: unknown): part is Shaped => isRecord(part) && Array.isArray(part.shape);

/** Names that JAX's formulas of sizes have for functions. */
const functionNames = ['mod', 'floordiv', 'max', 'min', 'non_negative'];

/** A name as variables have them, which JAX and ONNX read. */
const isSizeName = (name: string): boolean =>
  /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name) && !functionNames.includes(name);

/** @throws RangeError for shapes with sizes that are none, names of sizes that JAX cannot read, and sizes of names that no shape has or that are not 1 or more */
export const checkSizes = (specs: readonly unknown[], sizes: Sizes): void => {
  mapNest(specs, isShaped, ({ shape }, path) => {
    if (shape.every(isSize)) return;
    throw new RangeError(
      `trace: the shape at '${path.join('.')}' is ${showShape(shape)}, expected counts, or names of sizes that stay open`,
    );
  });
  const names = openSizes(specs);
  const wrong = names.find((name) => !isSizeName(name));
  if (wrong !== undefined)
    throw new RangeError(
      `trace: an open size is called '${wrong}', expected a name of letters, digits and _ that begins with no digit, such as 'batch'` +
        (functionNames.includes(wrong) ? `; ${functionNames.join(', ')} are functions in JAX's sizes` : ''),
    );
  for (const [name, size] of Object.entries(sizes)) {
    if (!names.includes(name))
      throw new RangeError(
        `trace: sizes names '${name}', expected a name of an open size: ${names.join(', ') || 'there is none'}`,
      );
    if (!(Number.isInteger(size) && size >= 1))
      throw new RangeError(
        `trace: the size that '${name}' is tried at is ${size}, expected an integer of at least 1`,
      );
  }
};

/** @throws TypeError for a result without arrays, such as the promise of an async function */
export const checkResult = (result: unknown, count: number): void => {
  if (count > 0) return;
  const found = result instanceof Promise ? 'a promise' : result === undefined ? 'nothing' : kindOf(result);
  throw new TypeError(
    `trace: the function returned ${found.replace(/^of type/, 'a value of type')}, expected a tensor or a nest with tensors` +
      (result instanceof Promise ? '; only synchronous functions can be traced' : ''),
  );
};

/** An error at sizes that stand for open ones, with those sizes where there are several. */
export const atSizes = <B>(sizes: Sizes, run: () => B): B => {
  try {
    return run();
  } catch (error) {
    const entries = Object.entries(sizes);
    if (error instanceof Error && entries.length > 0) {
      const [first] = entries;
      const hint =
        entries.length > 1
          ? 'sizes that have to agree need one name'
          : `for a function that takes other sizes only, give one that it takes: sizes: { ${first[0]}: … }`;
      error.message += ` (read with ${entries.map(([name, size]) => `${name} = ${size}`).join(', ')}; ${hint})`;
    }
    throw error;
  }
};
