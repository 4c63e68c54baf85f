import type { Command } from 'commander';
import { bytesPerElement, sizeOf } from '../../lib/array.js';
import type { Checkpoint } from '../../lib/checkpoint/index.js';
import type { HostArray } from '../../lib/array.js';
import type { Tree } from '../../lib/tree.js';
import { readCheckpointFile } from '../checkpointFile.js';
import { examples } from '../options.js';
import { countElements, treeTable } from '../outlines.js';
import { grouped, print, showBytes } from '../print.js';

const bytesOf = (tree: Tree<HostArray>): number =>
  Object.values(tree)
    .flatMap((leaves) => Object.values(leaves))
    .reduce((sum, { shape, dtype }) => sum + bytesPerElement[dtype] * sizeOf(shape), 0);

const shapes = (tree: Tree<HostArray>) =>
  Object.fromEntries(
    Object.entries(tree).map(([path, leaves]) => [
      path,
      Object.fromEntries(Object.entries(leaves).map(([name, { shape, dtype }]) => [name, { shape, dtype }])),
    ]),
  );

const text = (file: string, { format, params, state, rest }: Checkpoint): string => {
  const modules = Object.keys(params).length;
  const header = `${file}: ${format}, ${modules} ${modules === 1 ? 'module' : 'modules'}, ${grouped(countElements(params))} parameters, ${showBytes(bytesOf(params))}`;
  return [
    header,
    '',
    treeTable(params),
    ...(Object.keys(state).length ? ['', 'state:', treeTable(state)] : []),
    ...(rest.size ? ['', `also: ${[...rest.keys()].join(', ')}`] : []),
  ].join('\n');
};

/** `renga inspect FILE`: what a checkpoint holds. */
export const inspect = (program: Command): void => {
  program
    .command('inspect')
    .argument('<file>', 'a checkpoint: .pickle, .pystate, .npz')
    .description('show what a checkpoint holds: modules, shapes, dtypes, counts, bytes')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('inspect language_perceiver_io_bytes.pickle'))
    .action(async (file: string, { json }: { json?: boolean }) => {
      const checkpoint = await readCheckpointFile(file);
      const { format, params, state, rest } = checkpoint;
      const value = {
        format,
        modules: Object.keys(params).length,
        parameters: countElements(params),
        bytes: bytesOf(params),
        params: shapes(params),
        state: shapes(state),
        rest: [...rest.keys()],
      };
      print(json, value, () => text(file, checkpoint));
    });
};
