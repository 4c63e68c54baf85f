/** Inputs of a model by name: from a file, from the held-out data of the package, or as the benchmark's works have them. */
import { array, float32, type HostArray, int32, toFloat32 } from '../../lib/data/array.js';
import { partsOf } from '../../lib/data/nest.js';
import { isSpec } from '../../lib/language/outline.js';
import { heldOutDigits } from '../../presets/digits/verify.js';
import type { AnyModel } from '../../presets/preset.js';
import { heldOutWords } from '../../presets/words/verify.js';
import { readArrays } from '../../cli/demo/readArrays.js';
import { inputValues } from '../inputs.js';
import { models } from '../works/models.js';

type Arrays = Readonly<Record<string, HostArray>>;

/** Names of the arrays in the package's files for a model's inputs. */
const heldOut: Readonly<Record<string, { readonly url: URL; readonly inputs: readonly string[] }>> = {
  words: { url: heldOutWords, inputs: ['inputs', 'mask'] },
  digits: { url: heldOutDigits, inputs: ['images'] },
};

/** A model's inputs in order, and the arrays that came with them. */
export interface Given {
  readonly inputs: readonly HostArray[];
  readonly arrays: Arrays;
}

const specsOf = ({ openInputs }: AnyModel) => partsOf(openInputs, isSpec);

const asType = (given: HostArray, dtype: string | undefined): HostArray =>
  dtype === 'int32'
    ? int32(given.shape, Array.from(given.data as Int32Array, Number))
    : dtype === 'bool'
      ? array(given.shape, 'bool', Uint8Array.from(given.data as Int32Array, Number))
      : float32(given.shape, toFloat32(given));

const inOrder = (model: AnyModel, arrays: Arrays, names: readonly string[]): Given => ({
  arrays,
  inputs: specsOf(model).map(({ dtype }, i) => {
    const found = arrays[names[i]];
    if (!found) throw new Error(`there is no array '${names[i]}'; expected ${names.join(', ')}`);
    return asType(found, dtype);
  }),
});

/** @param path  an `.npz` with an array for each input of the model, under its name */
export const givenFor = async (name: string, model: AnyModel, path: string | undefined): Promise<Given> => {
  if (path !== undefined) {
    const { pathToFileURL } = await import('node:url');
    return inOrder(model, await readArrays(pathToFileURL(path)), model.names.inputs ?? []);
  }
  const known = heldOut[name];
  if (known) return inOrder(model, await readArrays(known.url), known.inputs);
  const work = models.find(({ library }) => library.kind === 'preset' && library.name === name);
  if (!work) throw new Error(`no inputs are known for ${name}: --inputs names a file`);
  const arrays = Object.fromEntries(
    work.inputs.map((input) => {
      const values = inputValues(input);
      return [
        input.name,
        values instanceof Int32Array ? int32(input.shape, values) : float32(input.shape, values),
      ];
    }),
  );
  return inOrder(
    model,
    arrays,
    work.inputs.map((input) => input.name),
  );
};
