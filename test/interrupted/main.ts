/**
 * The command `npm run interrupted`: ends every command that writes at each of its renames, writes and mkdirs, refuses
 * each of those calls as well, and looks at the files that are left: the old ones or the new ones, never a mixture that
 * opens without a word. Of writes it takes every fortieth, or as many as its second argument says.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { type Checkpoint, readCheckpoint } from '../../lib/checkpoint/index.js';
import { flatten } from '../../lib/data/tree.js';
import { root } from '../project.js';

const calls = ['rename', 'write', 'mkdir'] as const;
const modes = ['kill', 'fail'] as const;

/** A command that writes, over files that an earlier run of it wrote. */
interface Writing {
  readonly name: string;
  /** Arguments for the first generation (0) and the second (1). */
  readonly args: (generation: 0 | 1) => readonly string[];
  /** The state of the folder, in words that differ between the generations; `mixture: …` for a mixture. */
  readonly stateOf: (folder: string) => Promise<string>;
}

const renga = join(root, 'dist/cli/renga.js');

const digestOf = ({ params, state }: Checkpoint): string =>
  [params, state]
    .flatMap((tree) => flatten(tree).map(([path, { data }]) => `${path} ${data.slice(0, 4).join()}`))
    .join(';');

const checkpointState =
  (file: string) =>
  async (folder: string): Promise<string> => {
    if (!existsSync(join(folder, file))) return 'missing';
    const read = await readCheckpoint(join(folder, file))();
    return E.isLeft(read) ? 'told' : digestOf(read.right);
  };

const bytesState =
  (...files: readonly string[]) =>
  async (folder: string): Promise<string> =>
    files
      .map((file) => (existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'hex') : '-'))
      .join(' ');

/** The model, and the file of weights that it names. */
const onnxState = async (folder: string): Promise<string> => {
  if (!existsSync(join(folder, 'm.onnx'))) return 'missing';
  const model = readFileSync(join(folder, 'm.onnx'), 'latin1');
  const name = /m\.onnx(\.[0-9a-f]{8})?\.data/.exec(model)?.[0] ?? '';
  if (!existsSync(join(folder, name))) return 'mixture: a model without its weights';
  const seed = /"?seed (\d)/.exec(model)?.[1] ?? '?';
  return `${seed} ${readFileSync(join(folder, name), 'hex').slice(0, 4096)}`;
};

/** A folder of pages is there, and where it is not whole, its list says so. */
const docsState = async (folder: string): Promise<string> => {
  const place = join(folder, 'pages');
  if (!existsSync(join(place, '.renga-docs.json'))) return 'mixture: the folder is missing';
  const { isWhole, files } = JSON.parse(readFileSync(join(place, '.renga-docs.json'), 'utf8')) as {
    readonly isWhole: boolean;
    readonly files: readonly string[];
  };
  if (!isWhole) return 'told';
  return files.map((file) => `${file} ${statSync(join(place, file)).size}`).join();
};

const init = (generation: number, out: string) => [
  'init',
  'digits',
  '--seed',
  String(generation + 1),
  '--out',
  out,
];

const writings: readonly Writing[] = [
  {
    name: 'init, one file',
    args: (g) => init(g, 'm.safetensors'),
    stateOf: checkpointState('m.safetensors'),
  },
  { name: 'init, npz', args: (g) => init(g, 'm.npz'), stateOf: checkpointState('m.npz') },
  {
    name: 'convert, one file',
    args: (g) => ['convert', `seed-${g}.npz`, 'm.pickle'],
    stateOf: checkpointState('m.pickle'),
  },
  {
    name: 'convert, shards',
    args: (g) => ['convert', `seed-${g}.npz`, 'm.safetensors', '--shard-size', '80kB'],
    stateOf: checkpointState('m.safetensors.index.json'),
  },
  {
    name: 'export, weights beside the model',
    args: (g) => ['export', 'digits', '--seed', String(g + 1), '--out', 'm.onnx', '--external-data'],
    stateOf: onnxState,
  },
  {
    name: 'export, one file',
    args: (g) => ['export', 'digits', '--seed', String(g + 1), '--out', 'm.onnx'],
    stateOf: bytesState('m.onnx'),
  },
  {
    name: 'docs',
    args: (g) => ['docs', g === 0 ? 'digits' : 'words', '--out', 'pages', '--format', 'markdown'],
    stateOf: docsState,
  },
];

const run = (folder: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  spawnSync(process.execPath, [renga, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: process.env.HOME, UV_THREADPOOL_SIZE: '1', ...env },
  });

const expectDone = (folder: string, args: readonly string[]): void => {
  const { status, stderr } = run(folder, args);
  if (status !== 0) throw new Error(`renga ${args.join(' ')}: ${stderr}`);
};

/** Counts of one command. */
interface Count {
  tried: number;
  old: number;
  fresh: number;
  told: number;
  mixtures: string[];
}

/** The places after which there are no more are not tried: a run that reaches its end says so. */
const mostPlaces = 400;

const tryAll = async (writing: Writing, library: string, work: string, step: number): Promise<Count> => {
  const before = join(work, 'before');
  rmSync(before, { recursive: true, force: true });
  mkdirSync(before);
  for (const g of [0, 1]) expectDone(before, init(g, `seed-${g}.npz`));
  expectDone(before, writing.args(0));
  const old = await writing.stateOf(before);
  const after = join(work, 'after');
  rmSync(after, { recursive: true, force: true });
  cpSync(before, after, { recursive: true });
  expectDone(after, writing.args(1));
  const fresh = await writing.stateOf(after);
  if (old === fresh) throw new Error(`${writing.name}: both generations look the same`);
  const count: Count = { tried: 0, old: 0, fresh: 0, told: 0, mixtures: [] };
  for (const call of calls) {
    for (const mode of modes) {
      for (let at = 1; at <= mostPlaces; at += call === 'write' ? step : 1) {
        const place = join(work, 'place');
        rmSync(place, { recursive: true, force: true });
        cpSync(before, place, { recursive: true });
        const { status, signal } = run(place, writing.args(1), {
          LD_PRELOAD: library,
          KILL_ON: call,
          KILL_AT: String(at),
          KILL_MODE: mode,
        });
        if (status === 0 && signal === null) break;
        count.tried++;
        judge(count, await writing.stateOf(place), { old, fresh }, `${call} ${at}, ${mode}`);
        // The next run completes the work, and leaves nothing of the ended one behind.
        expectDone(place, writing.args(1));
        const left = readdirSync(place).filter((name) => name.endsWith('.partial'));
        if (left.length > 0) count.mixtures.push(`${call} ${at}, ${mode}: ${left.join(', ')} is left`);
        if ((await writing.stateOf(place)) !== fresh)
          count.mixtures.push(`${call} ${at}, ${mode}: then another state`);
      }
    }
  }
  return count;
};

const judge = (
  count: Count,
  found: string,
  { old, fresh }: { readonly old: string; readonly fresh: string },
  where: string,
): void => {
  if (found === old) count.old++;
  else if (found === fresh) count.fresh++;
  else if (found === 'told') count.told++;
  else count.mixtures.push(`${where}: ${found.slice(0, 80)}`);
};

const main = async (): Promise<void> => {
  const only = process.argv[2];
  const names = writings.map(({ name }) => name);
  if (only !== undefined && !names.some((name) => name.startsWith(only))) {
    console.log(
      `npm run interrupted -- [NAME [STEP]]: ends programs at each call that writes, or at each STEP-th, 40 if not given\nNAME begins one of: ${names.join(', ')}`,
    );
    if (!['--help', '-h'].includes(only)) process.exitCode = 2;
    return;
  }
  if (process.platform !== 'linux')
    throw new Error('needs Linux, whose loader puts a library before another');
  const work = mkdtempSync(join(tmpdir(), 'renga-interrupted-'));
  const library = join(work, 'killer.so');
  const source = join(root, 'test/interrupted/killer.c');
  const { status, stderr } = spawnSync('cc', ['-shared', '-fPIC', '-o', library, source, '-ldl'], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`cc: ${stderr}`);
  const step = Number(process.argv[3] ?? 40);
  let [tried, mixtures] = [0, 0];
  for (const writing of writings.filter(({ name }) => only === undefined || name.startsWith(only))) {
    const count = await tryAll(writing, library, work, step);
    tried += count.tried;
    mixtures += count.mixtures.length;
    console.log(
      `${writing.name}: ${count.tried} ended, ${count.old} old, ${count.fresh} new, ${count.told} told, ${count.mixtures.length} mixtures`,
    );
    count.mixtures.forEach((mixture) => console.log(`  ${mixture}`));
  }
  console.log(`${tried} ended, ${mixtures} mixtures`);
  rmSync(work, { recursive: true, force: true });
  if (mixtures > 0) process.exitCode = 1;
};

await main();
