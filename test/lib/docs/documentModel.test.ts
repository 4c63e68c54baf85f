/** Documents say of models what is true of them. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { chain, module, repeat, residual, type Scope } from '../../../lib/index.js';
import { documentModel, evaluate, type ModelDocument, showArithmetic } from '../../../lib/docs/index.js';
import { explainSizes } from '../../../lib/docs/sizes.js';
import type { Layer } from '../../../lib/language/scope.js';
import { resultsOf } from '../../../lib/graph/graph.js';
import { summary } from '../../../lib/graph/index.js';
import { traceAsIs } from '../../../lib/graph/trace.js';
import {
  attention,
  fourierFeatures,
  layerNorm,
  linear,
  mlp,
  selfAttend,
  trainablePosition,
} from '../../../modules/index.js';
import { abouts } from '../../presets/abouts.js';
import type { AnyModel, AnyPreset } from '../../../presets/preset.js';
import { networks } from '../../presets/networks.js';

const documentOf = (preset: AnyPreset): ModelDocument => {
  const model: AnyModel = preset();
  const { card, network, inputs, openInputs, names, config } = model;
  return documentModel({ card, network, inputs, openInputs, names, config, codec: preset.codec });
};

const documents = new Map<string, ModelDocument>(
  networks.map(([name, preset]) => [name, documentOf(preset)] as const),
);
const documentNamed = (name: string) => documents.get(name) as ModelDocument;

for (const [name, preset] of networks) {
  t.test(`${name}: the arithmetic of every size is right, node by node`, async (t) => {
    const { network, inputs, names } = preset() as AnyModel;
    const { trace } = traceAsIs(
      network as Layer<readonly unknown[], unknown>,
      inputs as readonly unknown[],
      names,
    );
    const explain = explainSizes(trace);
    const wrong = trace.nodes.flatMap((node) => {
      const [value] = resultsOf(node);
      const sizes = explain(value);
      const isRight =
        sizes.length === value.shape.length &&
        sizes.every((size, i) => size.size === value.shape[i] && evaluate(size) === size.size);
      return isRight ? [] : [`${node.kernel} in ${node.path}: ${sizes.map(showArithmetic).join('; ')}`];
    });
    t.same(wrong, []);
  });

  t.test(`${name}: every view is of the whole model`, async (t) => {
    const { views, parameters, flops, inputs, outputs } = documentNamed(name);
    t.ok(views.length >= 3);
    for (const { depth, blocks, groups, arrows } of views) {
      const ids = new Set([...blocks, ...groups].map(({ id }) => id));
      t.equal(ids.size, blocks.length + groups.length, 'ids are unique');
      t.ok(
        arrows.every(({ from, to }) => ids.has(from) && ids.has(to)),
        'arrows have both ends',
      );
      t.ok([...blocks, ...groups].every(({ group }) => group === undefined || ids.has(group)));
      const sum = (of: 'parameters' | 'flops') => blocks.reduce((total, block) => total + block[of], 0);
      t.equal(sum('parameters'), parameters, `parameters at depth ${depth}`);
      t.equal(sum('flops'), flops, `operations at depth ${depth}`);
      const named = (kind: string) => blocks.filter((block) => block.kind === kind).map(({ label }) => label);
      t.same(
        named('input'),
        inputs.filter(({ isOptional }) => !isOptional).map((port) => port.name),
      );
      t.same(named('output').sort(), outputs.map((port) => port.name).sort());
      const reached = new Set(arrows.map(({ to }) => to));
      t.ok(blocks.filter(({ kind }) => kind === 'output').every(({ id }) => reached.has(id)));
    }
  });

  t.test(`${name}: leaves and fields are all there`, async (t) => {
    const { leaves, parameters, fields, config } = documentNamed(name);
    t.equal(
      leaves.reduce((sum, { count }) => sum + count, 0),
      parameters,
    );
    t.ok(Math.abs(leaves.reduce((sum, { share }) => sum + share, 0) - 1) < 1e-9);
    const leavesOfConfig = (value: unknown, at: string): string[] =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.entries(value).flatMap(([key, part]) => leavesOfConfig(part, at ? `${at}.${key}` : key))
        : [at];
    const told = new Set(fields.map(({ path }) => path));
    t.same(
      leavesOfConfig(config, '').filter((path) => !told.has(path) && !path.includes('maskProbs')),
      [],
    );
    t.ok(fields.every(({ meaning }) => meaning.length > 0));
  });
}

const widths = (name: string): string[] =>
  documentNamed(name).widths.map(({ arithmetic }) => showArithmetic(arithmetic));

const fourier2d = (bands: number) => {
  const each = 2 * bands;
  return `${2 + 2 * each} fourier_position_encoding (2 positions + ${each} sines (2 positions × ${bands} bands) + ${each} cosines (2 positions × ${bands} bands))`;
};

t.test('widths are explained as their authors made them', async (t) => {
  t.ok(widths('imagenet-fourier').includes(`261 = 3 channels of images + ${fourier2d(64)}`));
  t.ok(widths('imagenet-conv').includes(`322 = 64 channels of conv2_d_downsample + ${fourier2d(64)}`));
  t.ok(widths('flow').includes(`322 = 64 patches_linear + ${fourier2d(64)}`));
  t.ok(widths('flow').includes('54 = 2 images × 9 side by side × 3 channels of images'));
  t.ok(widths('digits').includes(`27 = 1 channel of images + ${fourier2d(6)}`));
  t.ok(widths('language').includes('1,280 = 8 heads × 160 each'));
  const multimodal = widths('multimodal').join('\n');
  t.match(
    multimodal,
    /704 = 243 image_preprocessor \(48 image \(4 × 4 of each 224 × 3 channels of image\) \+ 195 /,
  );
  t.match(multimodal, /704 = 401 audio_preprocessor .* \+ 303 audio_padding/);
  t.match(multimodal, /\+ 461 image_padding/);
  t.match(multimodal, /1,026 = .*\(1 position \+ 192 sines \+ 192 cosines\) \+ 641 audio_padding/);
  t.match(multimodal, /52,097 = 1,920 .* \+ 50,176 .*16 image × 56 × 56/);
});

t.test('what is said of widths says something', async (t) => {
  for (const [name, { widths, inputs }] of documents) {
    const rows = widths.map(
      ({ axis, where, arithmetic }) => `${axis} ${where} ${showArithmetic(arithmetic)}`,
    );
    t.equal(new Set(rows).size, rows.length, `${name}: each once`);
    const repeats = widths.filter(
      ({ arithmetic: { kind, what } }) => kind === 'size' && inputs.some((port) => port.name === what),
    );
    t.same(
      repeats.map(({ arithmetic }) => showArithmetic(arithmetic)),
      [],
      `${name}: no shape of an input is repeated`,
    );
  }
  t.ok(widths('language').includes('262 ids of embed'));
  t.ok(widths('language').includes('768 channels of embed'));
  t.ok(widths('language').includes('2,048 places of trainable_position_encoding'));
});

for (const [name, preset] of networks)
  t.test(`${name}: every reason for a width is given`, async (t) => {
    const { card, network, inputs, names } = preset() as AnyModel;
    const { growth: _, ...known } = abouts[name];
    const { widths } = documentModel({ card, network, inputs, names, about: known });
    const given = widths.flatMap(({ arithmetic: { size }, why, parts = [] }) => [
      ...(why === undefined ? [] : [[size, why] as const]),
      ...parts.map((part) => [part.size, part.why] as const),
    ]);
    t.same(Object.fromEntries(given), known.why);
  });

t.test('a network that gives nothing is told of', async (t) => {
  const network: Layer<[tf.Tensor], readonly tf.Tensor[]> = () => [];
  t.throws(() => documentModel({ card: { name: 'idle' }, network, inputs: [{ shape: [1, 2] }] }), {
    message: 'trace: the function returned a list, expected a tensor or a nest with tensors',
  });
});

t.test('shared layers are one box that says how often it runs', async (t) => {
  const tower = documentNamed('imagenet-fourier').views[1].blocks.find(
    ({ attention }) => attention === 'self',
  );
  t.match(tower, { label: 'self_attention', count: 6, repeats: 8 });
  const [stack] = documentNamed('language').views[1].blocks.filter(({ count }) => count > 1);
  t.match(stack, { label: 'self_attention', count: 26, repeats: 1, attention: 'self' });
  const shared = documentNamed('language').views[0].arrows.filter(({ kind }) => kind === 'weights');
  t.match(shared, [{ from: 'embed', to: 'embedding_decoder', shape: [262, 768] }]);
});

t.test('arrows say what attention takes them as', async (t) => {
  const { arrows } = documentNamed('language').views[1];
  const into = arrows.filter(({ to }) => to === 'perceiver_encoder/~/cross_attention');
  t.same(into.map(({ as, shape }) => `${as} ${shape.join('×')}`).sort(), [
    'keys and values 2048×768',
    'mask 256×2048',
    'queries 256×1280',
  ]);
});

/** A user's own layer around the library's. */
const gated = (channels: number) =>
  module('gated', (s) => {
    const value = s.declare(linear(channels));
    const gate = s.declare(linear(channels, { name: 'gate' }));
    return (x: tf.Tensor) => tf.mul(value(x), tf.sigmoid(gate(x)));
  });

const block = chain(
  residual(chain(layerNorm(), selfAttend({ numHeads: 2 }))),
  residual(chain(layerNorm(), mlp({ wideningFactor: 2 }))),
);

/** A model that nobody published. */
const own = (s: Scope, readings: tf.Tensor, note: tf.Tensor): tf.Tensor => {
  const inputs = tf.concat([gated(12)(s, readings), note], 2); // [B, M, 12 + 4]
  const latents = trainablePosition(5, { numChannels: 16, name: 'latents' })(s, readings.shape[0]);
  const seen = attention({ numHeads: 1 })(s, latents, inputs);
  return linear(3)(s, repeat(4, block)(s, seen) as tf.Tensor);
};

t.test("a model of one's own is documented like a preset", async (t) => {
  const inputs = [{ shape: [1, 9, 7] }, { shape: [1, 9, 4] }] as const;
  const at = (size: number) => ({
    network: own as never,
    inputs: [{ shape: [1, size, 7] }, { shape: [1, size, 4] }] as never,
  });
  const growth = { what: 'readings', published: 9, sizes: [9, 90, 900], at };
  const about = { growth } as unknown as Parameters<typeof documentModel>[0]['about'];
  const document = documentModel({
    card: { name: 'own' },
    network: own,
    inputs,
    names: { inputs: ['readings', 'note'] },
    about,
  });
  t.equal(document.parameters, summary(own, inputs).parameters);
  t.equal(document.flops, summary(own, inputs).flops);
  t.ok(
    document.widths.some(({ arithmetic }) => showArithmetic(arithmetic) === '16 = 12 linear + 4 note'),
    'its width is explained',
  );
  t.same(
    document.inputs.map(({ name }) => name),
    ['readings', 'note'],
  );
  const self = document.views[0].blocks.find(({ attention: kind }) => kind === 'self');
  t.match(self, { repeats: 4 });
  const points = document.growth?.points ?? [];
  t.same(
    points.map(({ length }) => length),
    [9, 90, 900],
  );
  const [, middle, last] = points;
  t.ok(last.flops / middle.flops < 10, 'its own cost grows linearly at most');
  t.ok(last.transformer.flops / middle.transformer.flops > 40, "a Transformer's with the square");
  t.equal(JSON.stringify(JSON.parse(JSON.stringify(document))), JSON.stringify(document), 'it is plain JSON');
});

t.test('where a model reads values, the error says in which layer', async (t) => {
  const reads = module('reads', () => (x: tf.Tensor) => tf.mul(x, x.dataSync()[0]));
  t.throws(
    () => documentModel({ card: { name: 'reads' }, network: reads, inputs: [{ shape: [1, 2] }] }),
    /reads/,
  );
});

t.test('what is computed outside of all modules is named for what it is', (t) => {
  const network = (_: Scope, x: tf.Tensor) =>
    tf.concat(
      [x, fourierFeatures(tf.reshape(tf.linspace(-1, 1, 5), [1, 5, 1]), { numBands: 2, maxResolution: [5] })],
      2,
    );
  const { trace } = traceAsIs(network as Layer<readonly unknown[], unknown>, [{ shape: [1, 5, 3] }]);
  const [value] = resultsOf(trace.nodes[trace.nodes.length - 1]);
  t.equal(
    showArithmetic(explainSizes(trace)(value)[2]),
    '8 = 3 input + 5 features (1 channel + 2 sines + 2 cosines)',
  );
  t.equal(value.shape[2], 8);
  t.end();
});
