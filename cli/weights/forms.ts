/** A model's files with its weights in each form: whole, in fewer bits, and as onnxruntime's own quantiser makes them. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TypedArray } from '../../lib/data/array.js';
import type { Rounding } from '../../lib/data/rounding.js';
import type { Weights } from '../../lib/data/leaf.js';
import { messageOf, reasonOf, showFileError } from '../../lib/files/error.js';
import { closeSizes } from '../../lib/graph/openSizes.js';
import type { Sizes } from '../../lib/graph/size.js';
import { trace } from '../../lib/graph/index.js';
import type { Trace } from '../../lib/graph/graph.js';
import { graphToOnnx, type OnnxOptions, writeOnnx } from '../../lib/onnx/index.js';
import { isComposedInOnnx } from '../../lib/onnx/operators/index.js';
import { expectIds, lookUpsOf } from '../../lib/run/lookups.js';
import { Failure, runOrFail } from '../failure.js';
import type { Given } from './inputs.js';
import type { Weighed } from './subject.js';

const forms: Readonly<Record<string, Pick<OnnxOptions, 'weights' | 'products'>>> = {
  float32: {},
  float16: { weights: 'float16' },
  int8: { weights: 'int8' },
  'int8, products of int8': { weights: 'int8', products: 'int8' },
  int4: { weights: 'int4' },
};

/** A form's file. */
export interface Form {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  /** The matrices in fewer bits, where the form has any. */
  readonly rounding?: Rounding;
}

const bytesIn = (folder: string): number =>
  readdirSync(folder).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);

/** Dynamic int8 products by the quantiser's default settings. */
const quantiser = `
import logging, sys
from onnxruntime.quantization import quantize_dynamic
logging.disable(logging.WARNING)
quantize_dynamic(sys.argv[1], sys.argv[2])
`;

const quantise = async (python: string, from: string, to: string, signal: AbortSignal): Promise<void> => {
  try {
    await promisify(execFile)(python, ['-c', quantiser, from, to], { signal });
  } catch (error) {
    if (signal.aborted) throw new Failure('interrupted');
    const { stderr = '' } = error as { readonly stderr?: string };
    const reason = stderr.trimEnd().split('\n').at(-1);
    throw new Failure(
      `--python ${python}: ${reason || (reasonOf(error) ?? messageOf(error))}; expected an interpreter with the packages onnxruntime and onnx`,
    );
  }
};

/**
 * The graph of a model for all of its forms.
 * @param sizes  numbers for open sizes that the files are to have
 */
export const graphOf = ({ network, openInputs, names }: Weighed, sizes: Sizes): Trace =>
  trace(network, closeSizes(openInputs, sizes), { names, isComposed: isComposedInOnnx });

/** @throws Failure for ids that a table of the model has not */
export const expectIdsOf = (
  { inputs: ports, ...graph }: Trace,
  { inputs, where }: Pick<Given, 'inputs' | 'where'>,
): void => {
  const given = new Map(ports.map((port, i) => [port, inputs[i].data as TypedArray]));
  try {
    expectIds(
      where,
      lookUpsOf({ inputs: ports, ...graph }, () => true),
      given,
      ({ name }) => `input '${name}'`,
    );
  } catch (error) {
    throw error instanceof RangeError ? new Failure(error.message) : error;
  }
};

/**
 * Writes every form of a model, each to a folder of its own.
 * @param python  an interpreter with onnxruntime and onnx, for its quantiser; that form is left out if not given
 */
export const writeForms = async (
  name: string,
  graph: Trace,
  weights: Weights,
  {
    folder,
    whole,
    python,
    signal,
  }: {
    readonly folder: string;
    readonly whole: RegExp | undefined;
    readonly python: string | undefined;
    readonly signal: AbortSignal;
  },
): Promise<readonly Form[]> => {
  const written: Form[] = [];
  const add = async (
    form: string,
    write: (path: string) => Promise<unknown>,
    rounding?: Rounding,
  ): Promise<void> => {
    const place = mkdtempSync(join(folder, 'form-'));
    const path = join(place, 'model.onnx');
    await write(path);
    written.push({ name: form, path, bytes: bytesIn(place), ...(rounding && { rounding }) });
  };
  for (const [form, options] of Object.entries(forms)) {
    const isRounded = 'weights' in options && options.weights !== 'float16';
    const exported = graphToOnnx(graph, weights, { name, ...(isRounded && { whole }), ...options });
    const write = (path: string) => runOrFail(showFileError, writeOnnx(path, exported, { signal }));
    await add(form, write, exported.rounding);
  }
  if (python !== undefined)
    await add('onnxruntime’s quantiser', (path) => quantise(python, written[0].path, path, signal));
  return written;
};
