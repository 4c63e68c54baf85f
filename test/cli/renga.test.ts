/** The command line as a whole: help, and what it says of commands, flags and configs that it cannot take. */
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import t from 'tap';
import { complaintOf, outputOf, program, renga, rengaInTurn } from './run.js';

const here = process.cwd();
const hint = '\n(renga --help lists the commands)';

t.test('help lists every command, and the version is that of the package', async (t) => {
  const help = outputOf(renga(here, '--help'));
  const commands = [...help.matchAll(/^ {2}([a-z]+(?:-[a-z]+)*) (?:\[|<| {2})/gm)].map(([, name]) => name);
  t.same(commands, [
    'list',
    'describe',
    'download',
    'cache',
    'summary',
    'inspect',
    'export',
    'weights',
    'convert',
    'init',
    'classify',
    'fill-mask',
    'generate',
    'flow',
    'autoencode',
    'audio-tags',
    'starcraft',
    'train',
    'evaluate',
    'finetune',
    'plot',
    'attend',
    'verify',
    'docs',
    'doctor',
    'demo',
    'completion',
    'help',
  ]);
  const root = new URL('../../../package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(root, 'utf8')) as { version: string };
  t.equal(outputOf(renga(here, '--version')), `${version}\n`);
  t.equal(outputOf(renga(here, '-v')), `${version}\n`);
});

t.test('a command, a flag, an argument too many or too few is one message', async (t) => {
  const inTurn = rengaInTurn(t, here);
  const complaint = async (...args: string[]) => complaintOf(await inTurn(...args));
  t.equal(await complaint('clasify'), `unknown command 'clasify'\n(Did you mean classify?)${hint}`);
  t.equal(await complaint('clasify', '--help'), `unknown command 'clasify'\n(Did you mean classify?)${hint}`);
  t.equal(await complaint('list', '--jsn'), `unknown option '--jsn'\n(Did you mean --json?)${hint}`);
  t.equal(await complaint('describe'), `missing required argument 'preset'${hint}`);
  t.match(await complaint('describe', 'digits', 'words'), /^too many arguments for 'describe'/);
  t.match(
    await complaint('fill-mask', 'a_b', '--seed', '1', '--checkpoint', 'a.npz'),
    /^option '--seed <n>' cannot be used with option '--checkpoint <file>'/,
  );
});

t.test('errors of usage have a status of their own', async (t) => {
  const statuses = [
    ['list', '--jsn'],
    ['inspect', 'missing.npz'],
  ].map((args) => renga(here, ...args).status);
  t.same(statuses, [2, 1]);
});

t.test('output that cannot be written is a failure', { skip: !existsSync('/dev/full') }, async (t) => {
  const full = openSync('/dev/full', 'w');
  const { status, stderr } = spawnSync(process.execPath, [program, 'list'], {
    stdio: ['ignore', full, 'pipe'],
    encoding: 'utf8',
  });
  closeSync(full);
  t.same([status, stderr], [1, 'renga: the standard output: found no space left on the disk\n']);
});

t.test('- is the standard input and the standard output', async (t) => {
  const piped = (input: string | Uint8Array, ...args: readonly string[]) =>
    spawnSync(process.execPath, [program, ...args], { input });
  const config = JSON.stringify({ encoder: { numBlocks: 1 } });
  const begun = ['init', 'digits', '--seed', '1', '--out', '-', '--format', 'npz', '--config', '-'];
  const { stdout } = piped(config, ...begun);
  const pickle = piped(stdout, 'convert', '-', '-', '--format', 'pickle');
  t.equal(`${pickle.stderr}`, '/dev/stdout: pickle, 53,827 parameters, 219.4 kB\n');
  t.match(
    `${piped(pickle.stdout, 'inspect', '-').stdout}`,
    /^\/dev\/stdin: pickle, 37 modules, 53,827 parameters/,
  );
});

t.test('a config gives each of its problems, with its path', async (t) => {
  const folder = t.testdir({
    'wrong.json': '{ "encoder": { "numLatents": -1 }, "depth": 3, "vocabSize": "many" }',
    'list.json': '[1]',
    'broken.json': '{ "encoder": ',
  });
  const inTurn = rengaInTurn(t, folder);
  const complaint = async (file: string) => complaintOf(await inTurn('describe', 'words', '--config', file));
  const [first, ...problems] = (await complaint('wrong.json')).split('\n');
  t.equal(first, 'wrong.json does not fit words:');
  t.same(problems.sort(), [
    '  depth: found 3, expected one of the fields (vocabSize, maxLength, modelChannels, encoder, decoder, maskQueries)',
    '  encoder.numLatents: found -1, expected a whole number from 1',
    '  vocabSize: found "many", expected a whole number from 1',
  ]);
  t.match(
    await complaint('list.json'),
    /^list\.json does not fit words:\n {2}\(the whole\): found \[1\], expected /,
  );
  t.match(await complaint('broken.json'), /^broken\.json is not JSON: /);
  t.equal(
    await complaint('missing.json'),
    'missing.json: found no such file or directory, expected a file that can be read',
  );
});

t.test('verify knows what it can verify', async (t) => {
  t.equal(
    complaintOf(renga(here, 'verify', 'words')),
    "nothing to verify 'words' with; there is language, imagenet-learned, imagenet-fourier, imagenet-conv, flow, multimodal",
  );
});
