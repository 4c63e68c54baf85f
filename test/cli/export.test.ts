/** `renga export` and `renga summary`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import t from 'tap';
import { fromBinary } from '@bufbuild/protobuf';
import { metadataOfModel } from '../../cli/describedModel.js';
import { formatCheckpoint } from '../../lib/checkpoint/index.js';
import { ModelProtoSchema } from '../../lib/onnx/onnx_pb.js';
import { key } from '../../lib/random/index.js';
import { presets } from '../../presets/registry.js';
import { readExported } from '../lib/stablehlo/readExported.js';
import { started } from '../lib/onnx/runtime.js';
import { complaintOf, outputOf, renga, rengaInTurn } from './run.js';

const modelIn = (path: string) => fromBinary(ModelProtoSchema, readFileSync(path));

t.test('a preset becomes a file that says what it is, for any batch', async (t) => {
  const here = t.testdir();
  const said = outputOf(renga(here, 'export', 'digits', '--out', 'digits.onnx'));
  t.match(said, /^digits\.onnx: digits, [23]\d\d\.\d kB\n$/);
  const { graph, metadataProps } = modelIn(join(here, 'digits.onnx'));
  const about = Object.fromEntries(metadataProps.map(({ key, value }) => [key, value]));
  t.equal(about.preset, 'digits');
  t.equal(JSON.parse(about.config).numClasses, 10);
  t.equal(about.source, 'digits.pystate');
  t.same(graph?.input[0].type?.value.value?.shape?.dim[0].value, { case: 'dimParam', value: 'batch' });
  const { names } = await started(join(here, 'digits.onnx'));
  t.same(names, { inputs: ['images'], outputs: ['logits'] });
});

t.test('weights by seed, as halves, in a file of their own, for one batch', async (t) => {
  const here = t.testdir();
  const flags = ['--seed', '1', '--weights', 'float16', '--external-data', '--batch', '2', '--json'];
  const said = JSON.parse(outputOf(renga(here, 'export', 'words', '--out', 'words.onnx', ...flags)));
  t.match(said, { preset: 'words', files: ['words.onnx.data', 'words.onnx'] });
  t.ok(said.bytes < 2_300_000);
  const { graph, metadataProps } = modelIn(join(here, 'words.onnx'));
  t.same(graph?.input[0].type?.value.value?.shape?.dim[0].value, { case: 'dimValue', value: 2n });
  t.match(metadataProps.at(-1), { key: 'source', value: 'seed 1' });
  t.same((await started(join(here, 'words.onnx'))).names.inputs, ['ids', 'mask']);
});

t.test('weights of 8 bits are a third of the bytes; products of bytes are for them alone', async (t) => {
  const here = t.testdir();
  const sizeOf = (...flags: string[]): number =>
    JSON.parse(outputOf(renga(here, 'export', 'words', '--out', 'words.onnx', '--json', ...flags))).bytes;
  t.ok(sizeOf('--weights', 'int8', '--whole', '^$') < 0.4 * sizeOf());
  t.match(
    complaintOf(renga(here, 'export', 'words', '--out', 'words.onnx', '--products', 'int8')),
    /--products int8 is for --weights int8 or int4/,
  );
});

t.test('a program for JAX holds no weights, and its text is for other compilers', async (t) => {
  const here = t.testdir();
  t.match(
    outputOf(renga(here, 'export', 'digits', '--to', 'jax', '--batch', '2', '--out', 'd.jax')),
    /^d\.jax: digits, \d+\.\d kB/,
  );
  t.match(readExported(readFileSync(join(here, 'd.jax'))), {
    name: 'digits',
    inAvals: { length: 73 },
    outAvals: ['float32[2,10]'],
    vjp: { name: 'digits_vjp' },
  });
  const flags = ['--to', 'stablehlo', '--out', 'd.mlir', '--batch', '1', '--json'];
  t.match(JSON.parse(outputOf(renga(here, 'export', 'digits', ...flags))), { files: ['d.mlir'] });
  t.match(readFileSync(join(here, 'd.mlir'), 'utf8'), /^module @digits \{[^]*%images: tensor<1x[^]*\n\}\n$/);
});

t.test(
  'a program for JAX takes the options that say something of it, and has the size of a checkpoint',
  async (t) => {
    const here = t.testdir();
    const inTurn = rengaInTurn(t, here);
    const program = ['export', 'digits', '--to', 'jax', '--out', 'd.jax'];
    for (const [reason, ...flags] of [
      ['--seed says which parameters a file holds, and a program holds none', '--seed', '1'],
      ['--weights says in which type', '--weights', 'int8'],
      ['--whole says which parameters a file holds whole', '--whole', 'a'],
      ['--external-data says in which file', '--external-data'],
      ['--products says how ONNX computes products', '--products', 'int8'],
    ])
      t.match(complaintOf(await inTurn(...program, ...flags)), reason);
    const two = presets.digits({ numClasses: 2 });
    const write = (name: string, metadata: Readonly<Record<string, string>>): void => {
      const bytes = formatCheckpoint(two.init(key(1)), { format: 'safetensors', metadata });
      writeFileSync(join(here, name), E.getOrElse((): Uint8Array => t.fail(name) as never)(bytes));
    };
    write('two.safetensors', metadataOfModel(two));
    write('bare.safetensors', {});
    outputOf(await inTurn(...program, '--batch', '3', '--checkpoint', 'two.safetensors'));
    t.match(readExported(readFileSync(join(here, 'd.jax'))), { outAvals: ['float32[3,2]'] });
    t.match(complaintOf(await inTurn(...program, '--checkpoint', 'bare.safetensors')), /does not fit digits/);
  },
);

t.test('a model repository for Triton', async (t) => {
  const here = t.testdir();
  const said = outputOf(renga(here, 'export', 'digits', '--triton', '--out', 'models'));
  t.match(said, /^models\/digits\/1\/model\.onnx, models\/digits\/config\.pbtxt: digits, /);
  t.match(
    readFileSync(join(here, 'models/digits/config.pbtxt'), 'utf8'),
    /^name: "digits"\n[^]*dynamic_batching/,
  );
  t.same((await started(join(here, 'models/digits/1/model.onnx'))).names.inputs, ['images']);
  t.equal(
    complaintOf(renga(here, 'export', 'digits', '--triton', '--batch', '2', '--out', 'models')),
    '--triton is of ONNX with an open batch: leave out --to and --batch',
  );
});

t.test('what cannot be exported is said in one line', async (t) => {
  const inTurn = rengaInTurn(t, t.testdir());
  t.equal(
    complaintOf(await inTurn('export', 'words', '--out', 'no/words.onnx')),
    'no/words.onnx: found no such file or directory, expected a place for a file',
  );
  t.match(
    complaintOf(await inTurn('export', 'flow', '--out', 'flow.onnx')),
    /^flow needs --checkpoint .*FILE/,
  );
  t.match(complaintOf(await inTurn('export', 'words', '--out', 'w.onnx', '--batch', '0')), /--batch is '0'/);
  t.match(complaintOf(await inTurn('export', 'word', '--out', 'w.onnx')), /^no preset 'word'/);
});

t.test('summary shows every module, and the whole', async (t) => {
  const here = t.testdir();
  const text = outputOf(renga(here, 'summary', 'imagenet-conv'));
  t.match(text, /^module +config +inputs +outputs +parameters +MFLOP +bytes$/m);
  t.match(text, /^image_preprocessor\/~\/conv2_d_downsample\/~\/conv .* 9,408 +236\.0 +37,632$/m);
  t.match(text, /^perceiver_encoder\/~\/self_attention\/attention\/linear_2 \(8 calls\) .* 1,049,600 /m);
  t.match(text, '48,646,522 parameters; 369.4 GFLOP in products and convolutions');
  const whole = JSON.parse(outputOf(renga(here, 'summary', 'imagenet-conv', '--json')));
  t.match(whole, { parameters: 48_646_522, flops: 369_364_730_880 });
  t.match(outputOf(renga(here, 'summary', 'digits', '--markdown')), /^\| module +\| config +\|/);
});

t.test('a summary is of the config that it is given', async (t) => {
  const here = t.testdir({ 'small.json': '{ "encoder": { "numBlocks": 1 } }' });
  const of = (...flags: string[]) =>
    JSON.parse(outputOf(renga(here, 'summary', 'digits', '--json', ...flags))) as { flops: number };
  t.ok(of('--config', 'small.json').flops < of().flops);
});
