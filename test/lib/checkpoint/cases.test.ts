/** Small files as people have them: each is read as Python reads it, or refused in words that help. */
import * as E from 'fp-ts/lib/Either.js';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import {
  type Checkpoint,
  openCheckpoint,
  parseCheckpoint,
  readCheckpoint,
  showCheckpointError,
  showNamesError,
  writeCheckpoint,
} from '../../../lib/checkpoint/index.js';
import { float32, type HostArray } from '../../../lib/data/array.js';
import { formatNpy } from '../../../lib/checkpoint/npy.js';
import { zip } from '../../../lib/files/zip.js';
import { flatten, type Tree } from '../../../lib/data/tree.js';
import { toHaikuNames } from '../../../presets/huggingFace/trees.js';

const place = (name: string): string => join(process.cwd(), 'test/data/cases', name);

const read = async (name: string): Promise<Checkpoint> => {
  const [whole, opened] = await Promise.all([readCheckpoint, openCheckpoint].map((of) => of(place(name))()));
  if (E.isLeft(whole)) throw new Error(showCheckpointError(whole.left));
  if (E.isLeft(opened)) throw new Error(showCheckpointError(opened.left));
  t.strictSame(plain(opened.right.params), plain(whole.right.params), `${name}, opened and read`);
  return whole.right;
};

const refusal = async (name: string): Promise<string> => {
  const result = await readCheckpoint(place(name))();
  return E.isLeft(result) ? showCheckpointError(result.left) : 'read';
};

const plain = (tree: Tree<HostArray>) =>
  Object.fromEntries(flatten(tree).map(([path, { shape, data }]) => [path, [[...shape], [...data]]]));

const told = (bytes: Uint8Array | string): string => {
  const result = parseCheckpoint(
    typeof bytes === 'string' ? Uint8Array.from(bytes, (c) => c.charCodeAt(0)) : bytes,
  );
  return E.isLeft(result) ? showCheckpointError(result.left) : 'read';
};

const ones = (...shape: readonly number[]) => [shape, Array(shape.reduce((a, b) => a * b, 1)).fill(1)];
const zeros = (...shape: readonly number[]) => [shape, Array(shape.reduce((a, b) => a * b, 1)).fill(0)];

/** The parameters of a linear layer and a batch norm, which several files hold. */
const linear = [
  -0.9425208568572998, -0.8601398468017578, 0.8058198094367981, -0.6594480276107788, -0.8120364546775818,
];

const isWhole = (t: Test, { params, state }: Checkpoint) => {
  const { 'linear/w': w, ...others } = plain(params);
  t.strictSame(w[0], [4, 3]);
  t.strictSame((w[1] as number[]).slice(0, 2), linear.slice(0, 2));
  t.strictSame(others, {
    'batch_norm/offset': zeros(1, 3),
    'batch_norm/scale': ones(1, 3),
    'linear/b': zeros(3),
  });
  t.strictSame(Object.keys(state).sort(), ['batch_norm/~/mean_ema', 'batch_norm/~/var_ema']);
};

t.test('params and state, saved in every way', async (t) => {
  for (const name of ['tapir_like.npy', 'haiku526_savez.npz', 'tuple.pickle', 'list.pickle'])
    await t.test(name, async (t) => isWhole(t, await read(name)));
});

t.test("dill's arrays and Flax's FrozenDict are what they hold", async (t) => {
  t.strictSame(plain((await read('dill_numpy.dill')).params), { 'linear/w': ones(2, 3) });
  t.strictSame(plain((await read('flax_frozendict.pickle')).params), { 'Dense_0/kernel': ones(2, 3) });
});

t.test("joblib's arrays follow their wrappers, in either order of elements", async (t) => {
  t.strictSame(plain((await read('joblib.pickle')).params), {
    'linear/w': [
      [2, 3],
      [0, 1, 2, 3, 4, 5],
    ],
    'linear/b': [
      [3, 2],
      [0, 3, 1, 4, 2, 5],
    ],
  });
});

t.test(
  "joblib's arrays of texts and complex numbers are passed over, and what follows is read",
  async (t) => {
    const { params, rest } = await read('joblib_texts.joblib');
    t.strictSame(plain(params), { 'm/w': ones(2, 2) });
    for (const name of ['names', 'z', 'b']) t.match(rest.get(name), { kind: 'object' }, name);
    t.match(rest.get('w2'), { kind: 'array', dtype: 'float64', shape: [3] });
  },
);

t.test("prefixes of PyTorch's wrappers are told of, and left out of Haiku's names", async (t) => {
  const wrapped = await read('ddp.bin');
  t.match(wrapped.notes, [/^every name begins with module\., as DataParallel has it/]);
  const underHaiku = (params: Tree<HostArray>) => {
    const named = toHaikuNames()({ params });
    return E.isRight(named) ? plain(named.right.params) : showNamesError(named.left);
  };
  const expected = underHaiku(wrapped.params);
  t.ok(Object.keys(expected).includes('embed/embeddings'));
  const { '~': alone = {}, ...modules } = wrapped.params;
  for (const prefix of ['', '_orig_mod.', 'model.', 'module._orig_mod.']) {
    const renamed = Object.entries(modules).map(([name, leaves]) => [
      name.replace(/^module\./, prefix),
      leaves,
    ]);
    t.strictSame(underHaiku({ '~': alone, ...Object.fromEntries(renamed) }), expected, prefix);
  }
});

const safetensors = (header: string, data = new Uint8Array()): Uint8Array => {
  const bytes = new Uint8Array(8 + header.length + data.length);
  bytes[0] = header.length;
  bytes.set(new TextEncoder().encode(header), 8);
  bytes.set(data, 8 + header.length);
  return bytes;
};

t.test('a tensor without a name is a leaf without a name, as safetensors for Python reads it', async (t) => {
  const file = safetensors('{"":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', new Uint8Array(4));
  const result = parseCheckpoint(file);
  t.ok(E.isRight(result) && plain(result.right.params)['~/'], 'in the module of leaves without one');
});

t.test('metadata that is no text is refused by its name', async (t) => {
  const header = '{"__metadata__":{"format":"pt","step":12}}';
  t.equal(
    told(safetensors(header)),
    'at byte 46: the metadata\'s "step" is no text, expected a string in quotes',
  );
});

t.test('a key array beside the weights is its data', async (t) => {
  const { params, rest } = await read('typed_key.pickle');
  t.strictSame(Object.keys(params), ['linear', 'batch_norm']);
  t.match(rest.get('rng'), { kind: 'array', shape: [2], dtype: 'uint32' });
});

t.test('an object that is not known is kept as inert data, told of, and not written', async (t) => {
  const { params, rest, notes } = await read('argparse_ns.pickle');
  t.strictSame(Object.keys(params), ['batch_norm', 'linear']);
  t.match(rest.get('args'), { kind: 'object', name: 'argparse.Namespace' });
  const told = /^args holds an object, argparse\.Namespace, .*nothing of it was run$/;
  t.match(notes, [told]);
  const torch = await read('torch/argparse.pt');
  t.strictSame(Object.keys(torch.params['~']), ['weight', 'bias']);
  t.match(torch.notes, [told]);
  const out = join(t.testdir(), 'out.pickle');
  const written = await writeCheckpoint(out, { params, rest }, { format: 'pickle' })();
  t.match(written, { right: { leftOut: ['args, which holds objects that are not known here'] } });
  t.notOk(readFileSync(out, 'latin1').includes('argparse'), 'so that Python imports nothing');
});

t.test('an object that is not known is an error where a weight should be', async (t) => {
  const bytes = Uint8Array.from("}S'm'\n}S'w'\ncsome.module\nThing\n)Rss.", (c) => c.charCodeAt(0));
  const result = parseCheckpoint(bytes);
  t.equal(
    E.isLeft(result) && showCheckpointError(result.left),
    'at m.w: found an object, some.module.Thing, expected an array or a mapping of arrays',
  );
});

const parsed = (text: string): Checkpoint => {
  const result = parseCheckpoint(Uint8Array.from(text, (c) => c.charCodeAt(0)));
  if (E.isLeft(result)) throw new Error(showCheckpointError(result.left));
  return result.right;
};

const beside = (value: string) => parsed(`}S'm'\n}S'w'\nK\x01ssS'extra'\n${value}s.`);

t.test('plain values of Python beside the weights are data', async (t) => {
  const values = [
    ['builtins.range', 'cbuiltins\nrange\n(K\x00K\x03K\x01tR'],
    ['builtins.slice', 'cbuiltins\nslice\n(K\x00K\x03NtR'],
    ['types.SimpleNamespace', "ctypes\nSimpleNamespace\n)R}S'a'\nK\x01sb"],
    ['functools.partial', 'cfunctools\npartial\n(cnumpy\nzeros\ntR'],
    [
      'numpy.ndarray of c16',
      'cnumpy.core.numeric\n_frombuffer\n(C\x00cnumpy\ndtype\n(U\x03c16I00\nI01\ntR(K\x00tU\x01CtR',
    ],
    ['numpy.rec.recarray', 'cnumpy.core.multiarray\n_reconstruct\n(cnumpy.rec\nrecarray\n(K\x00tC\x01btR'],
  ] as const;
  for (const [name, value] of values) {
    const { params, rest, notes } = beside(value);
    t.strictSame(plain(params), { 'm/w': [[], [1]] }, name);
    t.match(rest.get('extra'), { kind: 'object', name });
    t.match(notes, [new RegExp(`^extra holds an object, ${name.replaceAll('.', '\\.')}, `)]);
  }
  t.match(beside('cbuiltins\nfloat\n').rest.get('extra'), { kind: 'global', name: 'builtins.float' });
  t.equal(beside("S'2020'\n").rest.get('extra'), '2020');
  t.match(told("}S'm'\n}S'w'\nK\x01ssS'f'\ncfunctools\nreduce\ns."), /asks for functools\.reduce/);
  t.match(told("}S'm'\n}S'w'\nK\x01ssS'f'\ncbuiltins\neval\ns."), /asks for builtins\.eval/);
});

t.test('arrays without names, one after the other, are leaves by their places', async (t) => {
  const both = [formatNpy(float32([2], Float32Array.of(1, 2))), formatNpy(float32([], Float32Array.of(3)))];
  const result = parseCheckpoint(Buffer.concat(both));
  if (E.isLeft(result)) return t.fail(showCheckpointError(result.left));
  t.strictSame(plain(result.right.params), { '~/0': [[2], [1, 2]], '~/1': [[], [3]] });
  t.match(told(Buffer.concat([...both, Buffer.from('x')])), /array bytes do not fit its shape/);
});

t.test('names of other libraries are modules and leaves', async (t) => {
  const scope = 'alphafold/alphafold_iteration/distogram_head/half_logits';
  t.strictSame(plain((await read('alphafold_style.npz')).params), {
    [`${scope}/weights`]: ones(2, 3),
    [`${scope}/bias`]: [[3], [0, 1, 2]],
  });
  const graphCast = await read('graphcast_style.npz');
  const module = 'grid2mesh_gnn/~_networks_builder/encoder_nodes_grid_nodes_mlp/~/linear_0';
  t.strictSame(Object.keys(graphCast.params), [module]);
  t.strictSame(plain(graphCast.params), { [`${module}/w`]: ones(2, 3), [`${module}/b`]: zeros(3) });
  t.strictSame(graphCast.notes, [
    'description is the string "GraphCast" and no array',
    'license is the string "CC BY-NC-SA" and no array',
    'task_config:input_variables is a list of 2 items and no array',
  ]);
  t.match(graphCast.rest.get('task_config:input_variables'), { items: [/./, /./] });
});

t.test('PyTorch in several files, and from before version 1.6', async (t) => {
  const { format, params } = await read('binshards/pytorch_model.bin.index.json');
  t.equal(format, 'torch');
  t.strictSame(plain(params), { 'a/weight': ones(2, 3), 'b/weight': zeros(2) });
  const old = await read('torch/old_format.pt');
  t.strictSame(plain(old.params)['~/bias'], [[2], [-0.22233125567436218, 0.54438716173172]]);
  t.strictSame(plain(old.params)['~/weight'][0], [2, 3]);
});

t.test(
  'tensors of other elements beside weights, from before version 1.6, leave the weights readable',
  async (t) => {
    // torch.save({'spectrum': complex64, 'levels': quantised to qint8, 'state_dict': {'linear.weight': …}}, …)
    const { params, rest } = await read('torch/old_other_elements.pt');
    t.strictSame(plain(params), {
      'linear/weight': [
        [2, 2],
        [1, 2, 3, 4],
      ],
    });
    t.strictSame([...rest.keys()].sort(), ['levels', 'spectrum']);
  },
);

t.test('a leaf that is None is told of', async (t) => {
  const { params, notes } = await read('none_leaf.pickle');
  t.strictSame(plain(params), { 'linear/w': ones(2, 3) });
  t.strictSame(notes, ['linear.b is None, and is left out']);
});

t.test('what cannot be read is refused in the words of its own world', async (t) => {
  t.match(
    await refusal('torch/module.pt'),
    /a whole module \(an object, torch\.nn\.modules\.linear\.Linear\), .*torch\.save\(model\.state_dict\(\), path\)/,
  );
  t.match(await refusal('torch/fp8.pt'), /torch\.float8_e4m3fn.*tensor\.float\(\)/);
  t.match(await refusal('float8_e4m3fn.pickle'), /at linear\.w: .*float8_e4m3fn.*x\.astype\("float32"\)/);
  t.match(await refusal('float8_e4m3fn.npz'), /entry "linear\/w": .*float8 of ml_dtypes/);
});

t.test('files that are no checkpoint are told by name, with advice', async (t) => {
  t.match(
    await refusal('lfs_pointer.safetensors'),
    /lfs_pointer\.safetensors: a pointer of Git LFS.*git lfs pull/,
  );
  t.match(await refusal('html_404.pickle'), /html_404\.pickle: a page of HTML; .*download it again/);
  t.match(await refusal('gcs_denied.pystate'), /gcs_denied\.pystate: a document of XML; .*download it again/);
  t.match(await refusal('xz.pickle.xz'), /xz\.pickle\.xz: a file packed by xz; unpack it first: unxz/);
});

t.test('every kind of file that is no checkpoint is told', async (t) => {
  const archive = Buffer.concat([
    ...zip([{ name: 'word/document.xml', parts: [Uint8Array.of(60)] }]),
  ]).toString('latin1');
  const kinds: readonly (readonly [start: string, expected: RegExp])[] = [
    ['version https://git-lfs.github.com/spec/v1\noid sha256:00\n', /Git LFS/],
    ['# xet version 0\n', /Xet/],
    ['<html><body>', /HTML/],
    ['<?xml version="1.0"?><Error/>', /XML/],
    ['{"error":"Repository not found"}', /JSON without a weight_map/],
    ['["a"]', /^text, /],
    ['Access to this model is restricted.', /^text, /],
    ['\x1f\x8b\x08\0', /gzip.*gunzip/],
    ['\xfd7zXZ\0', /xz.*unxz/],
    ['BZh91AY&SY', /bzip2.*bunzip2/],
    ['\x78\x9c\x01', /zlib/],
    ['7z\xbc\xaf\x27\x1c', /7z/],
    ['\x08\x08\x12\x07pytorch\x1a', /ONNX/],
    ['\x08\x09\x12\x05rengaB\x04', /ONNX.*read in pickle, .npy, .npz, safetensors/],
    ['GGUF\x03', /GGUF/],
    [
      '\x3c\0\0\0\x38',
      /^an unknown kind of file, which begins with the bytes 3c 00 00 00; checkpoints are read in/,
    ],
    [archive, /^a zip archive without arrays, of word\/document.xml; it is no checkpoint/],
    ['\x89PNG\r\n\x1a\n', /PNG/],
    ['\xff\xd8\xff\xe0', /JPEG/],
    ['GIF89a', /GIF/],
    ['\x89HDF\r\n\x1a\n', /HDF5/],
    ['\x28\xb5\x2f\xfd', /zstd/],
    ['\x5d\0\0\x80\0\xff', /lzma.*unlzma/],
    ['\xef\xbb\xbf<html>', /HTML/],
    ['\xff\xfeh\0i\0', /UTF-16/],
    ['RIFF\x24\0\0\0WEBPVP8 ', /WebP/],
    ['\0\0\0\x1cftypavif', /picture or a film/],
    ['\x1c\0\0\0TFL3', /TensorFlow Lite/],
  ];
  for (const [start, expected] of kinds) t.match(told(start), expected, JSON.stringify(start));
});

t.test('pickles one after the other are params and state', async (t) => {
  const one = "}S'm'\n}S'w'\nK\x01ss.";
  const two = '\x80\x02}U\x01n}U\x01aK\x02ss.';
  const result = parseCheckpoint(Uint8Array.from(one + two, (c) => c.charCodeAt(0)));
  if (E.isLeft(result)) return t.fail(showCheckpointError(result.left));
  t.strictSame(plain(result.right.params), { 'm/w': [[], [1]] });
  t.strictSame(plain(result.right.state), { 'n/a': [[], [2]] });
  t.match(told(`${one}garbage`), /7 bytes after the end of the pickle/);
});
