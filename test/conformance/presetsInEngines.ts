/** Every preset at small size in three engines: outputs, and gradients in parameters and inputs. */
import { join } from 'node:path';
import { map as mapRecord } from 'fp-ts/lib/Record.js';
import { layerFunction } from '../../lib/stablehlo/index.js';
import { presets } from '../../presets/index.js';
import { goldenOf, type IndexEntry, readArrays, readJson } from '../golden/case.js';
import { programOf } from '../golden/presets.js';
import { root } from '../project.js';
import { smallInputs, smallModel, smallWeights } from '../presets/small.js';
import type { Group } from './finding.js';
import { fullModel } from './fullModel.js';
import { type EngineCase, tryInEngines } from './inEngines.js';

const goldens = join(root, 'test', 'goldens', 'presets');

/** The size and the weights that Haiku's own outputs are known for. */
const goldenCase = (work: string, { case: name, config }: IndexEntry): EngineCase => {
  const golden = goldenOf(readArrays(join(goldens, `${name}.npz`)));
  const inputs = Object.fromEntries(
    Object.entries(golden.inputs).filter(([input]) => !input.endsWith('_points')),
  );
  const specs = mapRecord(({ shape, dtype }: (typeof inputs)[string]) => ({ shape, dtype }))(inputs);
  const { f } = layerFunction(programOf(config, golden), [specs] as never);
  const hasState = Object.keys(golden.state).length > 0;
  return {
    what: `\`${name}\`, as Haiku's own outputs are known`,
    folder: join(work, `golden-${name}`),
    f,
    args: [golden.params, ...(hasState ? [golden.state] : []), inputs],
  };
};

const sizes = { batch: 2, entities: 5, image_points: 3, audio_points: 2 };

const smallCase = (work: string, name: string): EngineCase => {
  const model = smallModel(name);
  const { params, state } = smallWeights(model);
  const { f, specs } = layerFunction(model.network, model.openInputs, { names: model.names });
  const inputs = smallInputs(model, sizes);
  const hasState = specs.length > inputs.length + 1;
  return {
    what: `\`${name}\`, small`,
    folder: join(work, `small-${name}`),
    f,
    args: [params, ...(hasState ? [state] : []), ...inputs],
  };
};

/** The section of the page that all engines share. */
export const title = 'In three engines';

export const presetsInEngines = async (python: string, work: string): Promise<Group> => {
  const { cases } = readJson(join(goldens, 'index.json')) as { readonly cases: readonly IndexEntry[] };
  const known = new Set(cases.map((entry) => entry.case));
  const others = Object.keys(presets).filter((name) => !known.has(name));
  return {
    title,
    doc: "This library's engine, onnxruntime in Node and JAX compute outputs, and gradients in all parameters and float inputs, from the same parameters, inputs and cotangents. Shown is the largest difference from this library's engine, as a share of the largest number of the array; at most 1e-4 is allowed. A gradient that is small beside the largest of all is held to a hundredth of that.",
    findings: await tryInEngines(python, [
      ...cases.map((entry) => goldenCase(work, entry)),
      ...others.map((name) => smallCase(work, name)),
    ]),
  };
};

/** A model at full size; its gradients have to fit beside its weights in the engine's four gigabytes. */
export const fullInEngines =
  (name: string) =>
  async (python: string, work: string): Promise<Group> => {
    const { f, own, inputs } = await fullModel(name);
    const aCase = {
      what: `\`${name}\`, full size`,
      folder: join(work, name),
      f,
      args: [...own, ...inputs],
      mostOfGradients: 5e-4,
    };
    return {
      title,
      doc: 'At full size, batch 1, the weights are those of `renga verify`, by seed. Rounding grows with the layers that a gradient goes back through, so that at most 5e-4 is allowed for gradients. In a run by hand on 2026-11-30, which no command repeats, beside float64 (the language model with 2 of its 26 layers, JAX in float64 by the same program), the largest difference of a gradient was 2.2e-5 for this library, 2.4e-5 for onnxruntime and 6.6e-5 for JAX in float32.',
      findings: await tryInEngines(python, [aCase]),
    };
  };
