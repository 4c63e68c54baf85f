import t from 'tap';
import { outline } from '../../lib/language/outline.js';
import { conv2dUpsample } from '../../modules/conv2dUpsample.js';

t.test('images become 4 times larger, over twice the output channels', async (t) => {
  const { outputs, params } = outline(conv2dUpsample({ outputChannels: 3 }), [{ shape: [2, 5, 6, 7] }]);
  t.same(outputs.shape, [2, 20, 24, 3]);
  t.same(params['conv2_d_upsample/~/transp_conv_1'].w.shape, [4, 4, 6, 7]);
  t.same(params['conv2_d_upsample/~/transp_conv_2'].w.shape, [4, 4, 3, 6]);
});

t.test('one image without a batch gives one image, as in Haiku', async (t) => {
  t.same(outline(conv2dUpsample({ outputChannels: 3 }), [{ shape: [5, 6, 7] }]).outputs.shape, [20, 24, 3]);
});

t.test('an input that is no image is an error with the path of the layer that got it', async (t) => {
  t.throws(() => outline(conv2dUpsample({ outputChannels: 3 }), [{ shape: [6, 7] }]), {
    name: 'ShapeError',
    message: 'conv2_d_upsample/~/transp_conv_1: x has shape [6, 7], expected [B, H, W, C]',
  });
});
