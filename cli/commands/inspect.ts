/** `renga inspect`: modules, shapes and sizes of a checkpoint. */
import type { Command } from 'commander';
import { bytes, count, map } from '../../lib/data/trees.js';
import type { Checkpoint } from '../../lib/checkpoint/index.js';
import type { HostArray } from '../../lib/data/array.js';
import { counted, showBytes } from '../../lib/data/quantities.js';
import { openCheckpointFile, stepOption } from '../checkpointFile.js';
import { locate } from '../locate.js';
import { examples } from '../options.js';
import { treeTable } from '../outlines.js';
import { print } from '../print.js';

const shapeOf = ({ shape, dtype }: HostArray) => ({ shape, dtype });

/** One entry of metadata; long texts, as whole configs, are cut. */
const metadataLine = ([name, value]: readonly [string, string]): string =>
  `  ${name}: ${value.length > 100 ? `${value.slice(0, 100)}…` : value}`;

const text = (file: string, { format, params, state, rest, metadata, notes }: Checkpoint): string => {
  const modules = Object.keys(params).length;
  const header = `${file}: ${format}, ${counted(modules, 'module')}, ${counted(count(params), 'parameter')}, ${showBytes(bytes(params))}`;
  return [
    header,
    '',
    treeTable(params),
    ...(Object.keys(state).length ? ['', 'state:', treeTable(state)] : []),
    ...(rest.size ? ['', `also: ${[...rest.keys()].join(', ')}`] : []),
    ...(notes.length ? ['', ...notes] : []),
    ...(Object.keys(metadata).length ? ['', 'metadata:', ...Object.entries(metadata).map(metadataLine)] : []),
  ].join('\n');
};

interface InspectOptions {
  readonly json?: boolean;
  readonly offline?: boolean;
  readonly step?: string;
}

/** Adds `renga inspect FILE`. */
export const inspect = (program: Command): void => {
  program
    .command('inspect')
    .argument(
      '<file>',
      'a checkpoint of any format, the index of a sharded one, or a folder of Orbax; published:PRESET; hf:owner/name; - for the standard input',
    )
    .description('show modules, shapes, dtypes, counts and bytes of a checkpoint')
    .option(
      '--step <n>',
      "the step of a folder that Orbax's CheckpointManager wrote; the latest if not given",
    )
    .option('--offline', 'fetch nothing: use the files of the cache')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('inspect language_perceiver_io_bytes.pickle'))
    .action(async (reference: string, { json, offline, step }: InspectOptions) => {
      const file = await locate(reference, undefined, offline ? { isOffline: true } : {});
      const checkpoint = await openCheckpointFile(file, { verify: false, ...stepOption(step) });
      const { format, params, state, rest, metadata, notes } = checkpoint;
      const value = {
        format,
        modules: Object.keys(params).length,
        parameters: count(params),
        bytes: bytes(params),
        params: map(params, shapeOf),
        state: map(state, shapeOf),
        rest: [...rest.keys()],
        metadata,
        notes,
      };
      print(json, value, () => text(file, checkpoint));
    });
};
