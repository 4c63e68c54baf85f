/** Transfer: a trained classifier with another head. */
import * as E from 'fp-ts/lib/Either.js';
import t from 'tap';
import { adopt } from '../../lib/language/adopt.js';
import { engine } from '../../lib/engine/index.js';
import { key } from '../../lib/random/index.js';
import * as tf from '@tensorflow/tfjs-core';
import { splitPath } from '../../lib/data/tree.js';
import { resizeGrid } from '../../lib/data/resizeGrid.js';
import { imagenetConv, imagenetLearned } from '../../presets/index.js';

const small = {
  imageShape: [16, 16, 3],
  preprocessor: { position: { numBands: 4, maxResolution: [4, 4] } },
  encoder: {
    numLatents: 6,
    numLatentChannels: 16,
    numBlocks: 2,
    numSelfAttendsPerBlock: 2,
    numSelfAttendHeads: 4,
  },
  decoder: { position: { numChannels: 16 } },
} as const;

const head = [
  'classification_decoder/~/basic_decoder/output/w',
  'classification_decoder/~/basic_decoder/output/b',
];

t.test('an ImageNet checkpoint keeps all but its head for other classes', async (t) => {
  await engine();
  const trained = imagenetConv({ ...small, numClasses: 10 }).init(key(1));
  const other = imagenetConv({ ...small, numClasses: 3 });
  t.ok(E.isLeft(adopt(other)(trained)), 'as it is it does not fit');
  const adopted = adopt(other, { reinitialise: /basic_decoder\/output\//, key: key(42) })(trained);
  t.ok(E.isRight(adopted));
  if (E.isLeft(adopted)) return;
  const { params, state, report } = adopted.right;
  t.same(report.initialised, head, 'exactly the head is made anew');
  const body = 'perceiver_encoder/~/cross_attention/attention/linear';
  t.equal(params[body].w, trained.params[body].w, 'everything else is kept');
  t.same(state, trained.state);
  const seeded = other.init(key(42)).params['classification_decoder/~/basic_decoder/output'];
  t.same(params['classification_decoder/~/basic_decoder/output'], seeded, 'the head is what init gives');
  const { output } = other.apply(params, state, {}, tf.ones([2, 16, 16, 3]));
  t.same(output.shape, [2, 3]);
});

t.test('leaves of another shape alone are made anew, and only when that is asked for', async (t) => {
  await engine();
  const trained = imagenetConv({ ...small, numClasses: 10 }).init(key(1));
  const other = imagenetConv({ ...small, numClasses: 3 });
  const adopted = adopt(other, { misshapen: 'reinitialise', key: key(42) })(trained);
  if (E.isLeft(adopted)) throw new Error('not adopted');
  const { params, report } = adopted.right;
  t.same(report.initialised, head);
  t.equal(report.kept.length, Object.values(params).flatMap(Object.keys).length - head.length);
  const latents = 'perceiver_encoder/~/trainable_position_encoding';
  t.equal(params[latents].pos_embs, trained.params[latents].pos_embs, 'latents are kept');
  const wider = imagenetConv({ ...small, encoder: { ...small.encoder, numLatents: 9 }, numClasses: 10 });
  const refused = adopt(wider, { interpolate: true })(trained);
  t.match(
    refused,
    { left: { problems: [{ kind: 'misshapen', path: `${latents}/pos_embs` }] } },
    'latents are no grid',
  );
});

t.test('learned positions are interpolated to another grid, and the numbers are PyTorch’s', async (t) => {
  await engine();
  const { small: tiny } = imagenetLearned;
  const trained = imagenetLearned(tiny).init(key(1));
  const larger = imagenetLearned({ ...tiny, imageShape: [12, 10, 3] });
  t.match(adopt(larger)(trained), { left: { problems: [{ kind: 'misshapen' }] } }, 'not without being asked');
  const adopted = adopt(larger, { interpolate: true })(trained);
  if (E.isLeft(adopted)) throw new Error('not adopted');
  const { params, report } = adopted.right;
  t.equal(report.interpolated.length, 1);
  t.equal(report.initialised.length, 0);
  const [module] = splitPath(report.interpolated[0]);
  t.same(params[module].pos_embs, resizeGrid(trained.params[module].pos_embs, [8, 8], [12, 10]));
  t.match(
    adopt(larger, { interpolate: { from: [4, 16] } })(trained),
    { right: { report: { interpolated: report.interpolated } } },
    'a grid that is no square is said',
  );
});

t.test("init's state is that of a first batch", async (t) => {
  await engine();
  const model = imagenetConv({ ...small, numClasses: 10 });
  const dark = model.init(key(1), tf.zeros([2, 16, 16, 3])).state;
  const bright = model.init(key(1), tf.randomNormal([2, 16, 16, 3], 0, 9, 'float32', 1)).state;
  const variance = 'image_preprocessor/~/conv2_d_downsample/~/batchnorm/~/var_ema';
  t.ok([...(dark[variance].average.data as Float32Array)].every((v) => v === 0));
  t.ok([...(bright[variance].average.data as Float32Array)].every((v) => v > 0));
  t.same(
    [...(bright[variance].hidden.data as Float32Array)].every((v) => v === 0),
    true,
  );
});
