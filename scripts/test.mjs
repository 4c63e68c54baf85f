/**
 * Runs the compiled tests, each file in a process of its own, the longest first, one more at once than there are
 * processors, since browsers and child processes wait for each other; the format and the lint are checked beside them.
 * Prints TAP, every failure once more at the end. Tests are started as `node FILE` starts them: tap's own runner follows
 * each file's modules, which takes a second a file.
 *
 * `node scripts/test.mjs cli/train docs` runs the files whose paths contain one of the words, and checks nothing else.
 * `npm run properties -- 1000 lib/media` runs those that have properties, each with that many examples, others each time.
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, sep } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The beginnings of the paths of long tests, longest first; a short one alone is left for the end. */
const long = [
  ...[
    'browser/site',
    'docs/pages',
    'browser/gpu',
    'browser/tryPage',
    'presets/about',
    'cli/docs',
    'browser/',
  ],
  ...[
    'cli/train.',
    'package',
    'lib/docs/svg/presets',
    'cli/',
    'lib/engine/convolution',
    'fuzz/',
    'lib/train/train.',
  ],
  ...['lib/engine/threads', 'lib/onnx/exportOnnx', 'lib/run/compile.', 'golden', 'presets/manyForwards'],
];

/** No test takes so long, in milliseconds; it is ended. */
const timeout = 900_000;

const rankOf = (name) => {
  const found = long.findIndex((beginning) => name.startsWith(beginning));
  return found < 0 ? long.length : found;
};

const folder = join('dist', 'test');
const isOfProperties = process.argv[2] === '--properties';
const given = process.argv.slice(isOfProperties ? 3 : 2);
const words = given.filter((word) => !(isOfProperties && /^\d+$/.test(word)));
const runs = isOfProperties ? (given.find((word) => /^\d+$/.test(word)) ?? '1000') : undefined;
const files = readdirSync(join(root, folder), { recursive: true })
  .map((name) => name.split(sep).join('/'))
  .filter((name) => name.endsWith('.test.js'))
  .filter((name) => words.length === 0 || words.some((word) => name.includes(word)))
  .filter(
    (name) => !isOfProperties || readFileSync(join(root, folder, name), 'utf8').includes('/property.js'),
  )
  .sort((a, b) => rankOf(a) - rankOf(b) || (a < b ? -1 : 1))
  .map((name) => ({
    name: `dist/test/${name}`,
    command: [process.execPath, join(folder, name)],
    isTap: true,
  }));

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const checks = ['format:check', 'lint'].map((name) => ({
  name: `npm run ${name}`,
  command: [npm, 'run', '--silent', name],
}));

const jobs = words.length === 0 && !isOfProperties ? [...checks, ...files] : files;

/** The points of a file that failed, with what is said of them. */
const failuresIn = (output) => output.match(/^ *not ok .*(?:\n +---\n[^]*?\n +\.\.\.(?=\n))?/gm) ?? [];

const indented = (output) => output.replace(/^(?=.)/gm, '    ');

/** Variables by which whoever runs the tests changes what programs print, compute with or fetch; tests set their own. */
const wishes = /^(COLUMNS|LINES|NO_COLOR|FORCE_COLOR|NODE_(OPTIONS|DEBUG|USE_ENV_PROXY)|(RENGA|HF)_.*)$/;
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !wishes.test(name)));

const run = async ({ name, command: [program, ...args], isTap }) => {
  const start = performance.now();
  const child = spawn(program, args, {
    cwd: root,
    env: { ...environment, TAP_TIMEOUT: `${timeout / 1000}`, ...(runs && { RENGA_PROPERTIES: runs }) },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout,
    killSignal: 'SIGKILL',
    shell: process.platform === 'win32' && program === npm,
  });
  const ended = new Promise((resolve) => child.once('close', (...how) => resolve(how)));
  const [output, errors, [status, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    ended,
  ]);
  const problem =
    status !== 0
      ? `it ended with ${signal ?? `status ${status}`}`
      : isTap && !/^1\.\.[1-9]/m.test(output) && 'it has no tests';
  return { name, output, errors, problem, milliseconds: performance.now() - start };
};

const failed = [];
let count = 0;

const print = ({ name, isTap, output, errors, problem, milliseconds }) => {
  const comments = isTap ? errors : output + errors;
  console.log(`# Subtest: ${name}`);
  if (isTap) process.stdout.write(indented(output.replace(/^TAP version.*\n/, '')));
  if (comments !== '') process.stdout.write(`${comments.trimEnd().replace(/^/gm, '# ')}\n`);
  console.log(`${problem ? 'not ok' : 'ok'} ${++count} - ${name} # time=${milliseconds.toFixed(0)}ms`);
};

const waiting = [...jobs];
const work = async () => {
  for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
    const result = { ...job, ...(await run(job)) };
    print(result);
    if (result.problem) failed.push(result);
  }
};

console.log(`TAP version 14\n1..${jobs.length}`);
await Promise.all(Array.from({ length: availableParallelism() + 1 }, work));

for (const { name, output, errors, problem } of failed)
  console.log(`\n# ${name}: ${problem}\n${failuresIn(output).join('\n')}\n${errors}`);
console.log(
  `# ${jobs.length - failed.length} of ${jobs.length} pass, ${(performance.now() / 1000).toFixed(0)} s`,
);
if (failed.length > 0 || files.length === 0) process.exitCode = 1;
