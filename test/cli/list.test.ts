/** `renga list`, `describe` and `doctor`: what there is, and what it runs on. */
import t from 'tap';
import { presets } from '../../presets/index.js';
import { complaintOf, outputOf, renga } from './run.js';

const here = process.cwd();
const json = (...args: string[]) => JSON.parse(outputOf(renga(here, ...args, '--json')));

t.test('list names every preset, with its size', async (t) => {
  const lines = outputOf(renga(here, 'list')).trim().split('\n').slice(1);
  t.same(
    lines.map((line) => line.split(' ')[0]),
    Object.keys(presets),
  );
  t.match(lines[0], /^language +201,108,230 +804\.4 MB +Masked language modelling/);
});

t.test('list gives the same as JSON', async (t) => {
  const rows = json('list') as { name: string; parameters: number; bytes: number }[];
  t.same(
    rows.map(({ name }) => name),
    Object.keys(presets),
  );
  t.match(
    rows.find(({ name }) => name === 'flow'),
    { parameters: 41_057_134, bytes: 164_228_536 },
  );
});

t.test("list --papers counts the rows of the papers' tables, beside what they print", async (t) => {
  const text = outputOf(renga(here, 'list', '--papers'));
  t.match(text, /^flow-light +27\.9 M +27\.9M +985\.5 GFLOP +987B +\[1\] table 17$/m);
  t.match(text, /^flow, 1 × 1 +41\.1 M +– +1\.9 TFLOP +– +\[1\] table 16$/m);
  t.match(text, /^flow, convolution and RAFT's upsampling +– +– +– +– +\[1\] table 16$/m);
  t.match(
    text,
    /^flow, convolution and RAFT's upsampling; .* of 1,024 latents: not published: the layers of the upsampling/m,
  );
  t.match(text, /^\[1\] arXiv:2107\.14795$/m);
  t.match(text, /^flow: The printed figures are those of flow-light\.$/m);
});

t.test('describe shows sources, every field of the config, every leaf', async (t) => {
  const text = outputOf(renga(here, 'describe', 'language'));
  t.match(text, 'arXiv:2107.14795, section 4.1 and table 11');
  t.match(text, 'https://storage.googleapis.com/perceiver_io/language_perceiver_io_bytes.pickle');
  t.match(text, /^encoder\.numSelfAttendsPerBlock +26 +Self-attention layers in a block/m);
  t.match(text, /^decoder\.position\.kind +trainable /m);
  t.match(text, '201,108,230 parameters, 804.4 MB in float32');
  t.match(
    text,
    /^perceiver_encoder\/~\/self_attention_25\/mlp\/linear_1 +w +\[1280, 1280\] +float32 +1,638,400$/m,
  );
});

t.test('describe says of a checkpoint in the package that it is there, not where', async (t) => {
  const text = outputOf(renga(here, 'describe', 'digits'));
  t.match(text, 'comes with the package');
  t.notMatch(text, 'file:');
});

t.test('describe follows a config, and lists state where there is some', async (t) => {
  const folder = t.testdir({ 'config.json': '{ "numClasses": 7 }' });
  const found = JSON.parse(
    outputOf(renga(folder, 'describe', 'imagenet-conv', '--config', 'config.json', '--json')),
  );
  t.equal(found.config.numClasses, 7);
  t.same(found.outputs, { shape: [1, 7], dtype: 'float32' });
  t.same(found.params['classification_decoder/~/basic_decoder/output'].b.shape, [7]);
  t.equal(Object.keys(found.state).length, 2, 'averages of mean and variance');
});

t.test('a preset that there is not is refused with those that there are', async (t) => {
  t.equal(
    complaintOf(renga(here, 'describe', 'digit')),
    `no preset 'digit'; there are ${Object.keys(presets).join(', ')}`,
  );
});

t.test('doctor shows versions, backend and threads', async (t) => {
  t.match(json('doctor'), {
    renga: /^\d+\.\d+\.\d+$/,
    node: process.version,
    backend: 'wasm',
    simd: Boolean,
    threads: Number,
    cores: Number,
    memoryBytes: Number,
  });
  t.match(outputOf(renga(here, 'doctor')), /^backend +wasm$/m);
});
