/** `renga convert`: from format to format, what is noted and what is left out, and what cannot be done. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Command } from 'commander';
import t, { type Test } from 'tap';
import { convert } from '../../cli/commands/convert.js';
import { inspect } from '../../cli/commands/inspect.js';
import { type Checkpoint, parseCheckpoint } from '../../lib/checkpoint/index.js';
import { difference, isEqual } from '../../lib/data/treeDifference.js';
import { key } from '../../lib/random/index.js';
import { digits } from '../../presets/index.js';
import { node, outputOf } from '../child.js';
import { root } from '../project.js';
import { renga } from './run.js';

const shipped = fileURLToPath(digits().card.checkpoint?.url as URL);

const read = (path: string): Checkpoint => {
  const parsed = parseCheckpoint(readFileSync(path));
  if (parsed._tag === 'Left') throw new Error(JSON.stringify(parsed.left));
  return parsed.right;
};

/** Runs a command in this process, and gives what it printed. */
const run = async (
  t: Test,
  command: (program: Command) => void,
  ...args: readonly string[]
): Promise<string> => {
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  command(program);
  program.commands.forEach((made) => made.exitOverride().configureOutput({ writeErr: () => undefined }));
  const printed = t.capture(console, 'log');
  try {
    await program.parseAsync([...args], { from: 'user' });
    return `${printed()
      .map(({ args: [line] }) => line)
      .join('\n')}\n`;
  } finally {
    printed.restore();
  }
};

t.test('to safetensors that say whose parameters they are, and back to a pickle', async (t) => {
  const folder = t.testdir();
  const [path, back] = [join(folder, 'digits.safetensors'), join(folder, 'back.pickle')];
  const said = outputOf(renga(folder, 'convert', shipped, 'digits.safetensors', '--preset', 'digits'));
  t.match(said, /^digits\.safetensors: safetensors, 53,827 parameters, 2\d\d\.\d kB\n$/);
  const { params, metadata } = read(path);
  t.ok(isEqual(difference(params, read(shipped).params)));
  t.match(metadata, { preset: 'digits', source: 'digits.pystate' });
  t.ok(digits.decode(JSON.parse(metadata.config))._tag === 'Right', 'the config is whole');
  await run(t, convert, 'convert', path, back, '--flat-mapping');
  t.ok(readFileSync(back, 'latin1').includes('FlatMapping'));
  t.ok(isEqual(difference(read(back).params, read(shipped).params)));
  const shown = await run(t, inspect, 'inspect', path);
  t.ok(shown.startsWith(`${path}: safetensors, 37 modules, 53,827 parameters, 215.3 kB\n`));
  t.match(shown, /\nmetadata:\n {2}source: digits\.pystate\n {2}preset: digits\n {2}config: \{"imageShape"/);
});

t.test('in another element type and in shards, told as JSON', async (t) => {
  const folder = t.testdir();
  const out = join(folder, 'half.safetensors');
  const options = ['--dtype', 'bfloat16', '--shard-size', '50kB', '--json'];
  const found = JSON.parse(await run(t, convert, 'convert', shipped, out, ...options));
  const files = [1, 2, 3].map((n) => `half-0000${n}-of-00003.safetensors`);
  t.match(found, {
    in: shipped,
    from: 'pickle',
    to: 'safetensors',
    parameters: 53_827,
    files: [...files, 'half.safetensors.index.json'].map((name) => join(folder, name)),
    leftOut: [],
    metadata: { source: 'digits.pystate' },
  });
  t.same(readdirSync(folder).sort(), [...files, 'half.safetensors.index.json']);
  const inspected = JSON.parse(await run(t, inspect, 'inspect', `${out}.index.json`, '--json'));
  t.match(inspected, { format: 'safetensors', modules: 37, parameters: 53_827, bytes: 107_654 });
  const { w } = inspected.params['classification_decoder/~/basic_decoder/output'];
  t.same(w, { dtype: 'bfloat16', shape: [48, 10] });
});

t.test('matrices in fewer bits: how many is said, and none is refused', async (t) => {
  const out = join(t.testdir(), 'x.safetensors');
  const words = join(root, 'presets/words/words.pickle');
  const shown = await run(t, convert, 'convert', words, out, '--dtype', 'int4', '--whole', 'self_attention');
  t.match(
    shown,
    /\n\d+ of \d+ matrices rounded to int4; other leaves are float16\n\d+ stay whole, named by `whole`/,
  );
  await t.rejects(run(t, convert, 'convert', shipped, out, '--dtype', 'int8'), {
    message:
      /^--dtype int8 would round nothing; nothing was written.*\n\d+ stay whole, of sizes that 32 does not/s,
  });
});

t.test('what the format has no place for is told, and kept by the one that has', async (t) => {
  const folder = t.testdir();
  const optax = join(root, 'test/goldens/pickles/with-optax-state.pickle');
  const [npz, pickle] = [join(folder, 'x.npz'), join(folder, 'x.pkl')];
  const leftOut = /\nleft out, for which npz has no place: opt_state, global_step, rng\n$/;
  t.match(await run(t, convert, 'convert', optax, npz), leftOut);
  t.notMatch(await run(t, convert, 'convert', optax, pickle), /left out/);
  t.same([...read(pickle).rest.keys()], ['opt_state', 'global_step', 'rng']);
});

t.test('what cannot be done is told before anything is written', async (t) => {
  const folder = t.testdir({ 'x.pickle': 'hello', 'folder.npz': {} });
  const refused = async (from: string, to: string, message: RegExp, ...options: string[]) =>
    t.rejects(run(t, convert, 'convert', from, join(folder, to), ...options), { message });
  await refused(
    shipped,
    'x.onnx',
    /x\.onnx: no format is known by the name's ending; expected \.pickle, .*--format$/,
  );
  await refused(
    shipped,
    'x.npz',
    /^--shard-size is for safetensors, and .*x\.npz is written as npz$/,
    '--shard-size',
    '1MB',
  );
  await refused(shipped, 'x.npz', /^--flat-mapping is for pickle/, '--flat-mapping');
  await refused(shipped, 'x.npz', /^--preset is for safetensors/, '--preset', 'digits');
  await refused(shipped, 'x.safetensors', /^--config changes a preset/, '--config', 'x.pickle');
  await refused(shipped, 'x.npz', /'float8' is invalid\. Allowed choices are float64/, '--dtype', 'float8');
  for (const size of ['0', '-1', '2XB', 'GB', '1e3', '1.5.1MB'])
    await refused(shipped, 'x.safetensors', /expected a size like 2GB or 500MB/, `--shard-size=${size}`);
  await refused(shipped, 'folder.npz', /folder\.npz: found a directory, expected a place for a file$/);
  await refused(join(folder, 'x.pickle'), 'y.npz', /x\.pickle: text, "hello"; it is no checkpoint/);
  await refused(shipped, 'y.safetensors', /is a checkpoint of digits, not of words$/, '--preset', 'words');
  t.same(readdirSync(folder).sort(), ['folder.npz', 'x.pickle']);
});

const url = (path: string): string => JSON.stringify(pathToFileURL(join(root, 'dist', path)));

/** Writes a file and is interrupted after its first part. */
const interrupted = `
import { interruptible } from ${url('cli/interrupt.js')};
import { writeCheckpoint } from ${url('lib/checkpoint/index.js')};
const w = { shape: [1000000], dtype: 'float32', data: new Float32Array(1000000) };
const params = Object.fromEntries(Array.from({ length: 20 }, (_, i) => ['m' + i, { w: { ...w } }]));
let isStopped = false;
const stop = () => isStopped || (isStopped = process.kill(process.pid, process.argv[1]));
const written = await interruptible((signal) =>
  writeCheckpoint('model', { params }, { format: 'safetensors' }, { signal, onProgress: stop })());
console.log(written._tag, written.left?.problem);
`;

t.test('leaves of another shape are made anew when that is asked for, and told', async (t) => {
  const folder = t.testdir({ 'three.json': '{ "numClasses": 3 }' });
  const [out, config] = [join(folder, 'three.npz'), join(folder, 'three.json')];
  const asked = [
    'convert',
    shipped,
    out,
    '--preset',
    'digits',
    '--config',
    config,
    '--format',
    'safetensors',
  ];
  await t.rejects(run(t, convert, ...asked), /2 of another shape/);
  const said = await run(t, convert, ...asked, '--reinitialise-misshapen', '--seed', '7');
  const head = 'classification_decoder/~/basic_decoder/output';
  t.same(said.match(/^made anew: .*$/gm), [`made anew: ${head}/w`, `made anew: ${head}/b`]);
  const anew = digits({ numClasses: 3 }).init(key(7)).params;
  t.ok(isEqual(difference({ [head]: read(out).params[head] }, { [head]: anew[head] })));
  await t.rejects(run(t, convert, 'convert', shipped, out, '--interpolate-positions'), /need --preset/);
});

t.test('an interrupted conversion leaves nothing behind', async (t) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    const folder = t.testdir({ model: 'before' });
    const { stdout, status } = node(folder, '--input-type=module', '-e', interrupted, signal);
    t.equal(stdout, 'Left interrupted; nothing was written\n');
    t.equal(status, null, 'ended by the signal, as other programs are');
    t.same(readdirSync(folder), ['model']);
    t.equal(readFileSync(join(folder, 'model'), 'utf8'), 'before');
  }
});
