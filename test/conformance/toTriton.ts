/** Configurations of every preset for Triton, read by the schema of Triton's own client. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportOnnx, tritonConfig } from '../../lib/onnx/index.js';
import { presets } from '../../presets/index.js';
import { failing } from '../golden/compare.js';
import { smallModel, smallWeights } from '../presets/small.js';
import { finding, type Group } from './finding.js';
import { runScript } from './process.js';

export const toTriton = async (python: string, work: string): Promise<Group> => {
  const folder = join(work, 'triton');
  mkdirSync(folder, { recursive: true });
  const written = Object.keys(presets).map((name) => {
    const path = join(folder, `${name}.pbtxt`);
    const model = smallModel(name);
    const exported = exportOnnx(model.network, smallWeights(model), model.openInputs, { names: model.names });
    writeFileSync(path, tritonConfig(exported, name));
    return { name, path };
  });
  const paths = written.map(({ path }) => path);
  const problems = (await runScript(python, 'read_triton.py', ...paths)) as Record<string, string>;
  const checked = written.map(({ name, path }) =>
    finding(`\`config.pbtxt\` of \`${name}\``, () => [
      problems[path] === undefined
        ? { array: 'config.pbtxt', error: 0, tolerance: 0 }
        : failing('config.pbtxt', problems[path]),
    ]),
  );
  return {
    title: 'Configured for Triton',
    doc: "Model repositories of `renga export --triton`: their configurations are messages of the schema in Triton's own client.",
    findings: await Promise.all(checked),
  };
};
