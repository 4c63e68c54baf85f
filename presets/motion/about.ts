/** Texts of `motion`, a small trained model of optical flow in the package. */
import type { About } from '../../lib/docs/about.js';
import { inHaiku, inPackage, onCommandLine } from '../about/loading.js';
import { recipeFacts } from '../about/recipeFacts.js';
import { cite, code, counted, perceiverIO } from '../about/sources.js';
import { motionRecipe } from './recipe.js';

/** Code of two pictures: waves of light and dark, and the same ones a pixel farther to the right. */
const waves = `const waves = (right: number) => ({
  width: 32,
  height: 32,
  data: Uint8Array.from({ length: 4 * 32 * 32 }, (_, i) => {
    const [x, y] = [(Math.floor(i / 4) % 32) - right, Math.floor(i / 128)];
    return i % 4 === 3 ? 255 : 128 + 50 * Math.sin(x / 2) + 50 * Math.cos((x + 2 * y) / 4);
  }),
});`;

/** The network in Haiku, of DeepMind's modules. */
const haikuNetwork = `# The colab's optical_flow, made small, with an MLP of each pixel and an encoder that attends to the pixels twice.
import haiku as hk
import jax.numpy as jnp
from perceiver import io_processors, perceiver, position_encoding

sizes = dict(num_heads=4, widening_factor=1, qk_channels=64, v_channels=64)

class PixelMlp(hk.Module):
    def __call__(self, x):
        return x + perceiver.MLP()(perceiver.layer_norm(x), is_training=False)

class PerceiverEncoder(hk.Module):  # DeepMind's attends to the inputs once, this one twice
    def __init__(self):
        super().__init__()
        self.latents = position_encoding.TrainablePositionEncoding(index_dim=32, num_channels=64)
        self.blocks = [(perceiver.CrossAttention(**sizes), perceiver.SelfAttention(**sizes)) for _ in range(2)]

    def __call__(self, x):
        z = self.latents(x.shape[0])
        for cross, own in self.blocks:
            z = own(cross(z, x, is_training=False), is_training=False)
        return z

def motion(images):  # [B, 2, 32, 32, 3] in [-1, 1] to pixels to the right and down, [B, 32, 32, 2]
    padded = jnp.pad(images, [(0, 0), (0, 0), (2, 2), (2, 2), (0, 0)])
    cut = lambda frames: io_processors.extract_patches(frames, [1, 5, 5, 1], [1] * 4, [1] * 4)
    x, _, _ = io_processors.ImagePreprocessor(
        prep_type='patches', spatial_downsample=1, temporal_downsample=2, conv_after_patching=True, num_channels=46,
        fourier_position_encoding_kwargs=dict(num_bands=4, max_resolution=(32, 32), sine_only=False, concat_pos=True),
    )(jax.vmap(cut, 1, 1)(padded), is_training=False)
    x = PixelMlp()(x)
    z = PerceiverEncoder()(x)
    decoder = perceiver.FlowDecoder((32, 32), position_encoding_type='fourier', use_query_residual=True,
        fourier_position_encoding_kwargs=dict(num_bands=4, max_resolution=(32, 32), sine_only=False, concat_pos=True))
    return 100 * decoder(decoder.decoder_query(x), z, is_training=False)

flow = hk.transform(motion).apply(params, jax.random.PRNGKey(42), images)  # images as above`;

export const about: About = {
  task: 'optical flow',
  summary: `Says for each pixel of a picture where it goes in the next one, if that is not farther than a pixel or two. It is the optical flow model made small: tiles of 32 × 32 pixels, an MLP of each pixel, and 32 latents, 64 wide, that attend to the pixels twice. 168,804 parameters, trained by this library. It comes in the package, so that everything can be tried on something that works.`,
  input:
    'Two colour pictures of the same size, at least 32 × 32 pixels. They are cut in tiles that share at least 20 pixels. The network itself takes [batch, 2, 32, 32, 3], the first picture and the second, colours from -1 to 1.',
  output:
    'For each pixel of the first picture how many pixels it goes to the right and down, [height, width, 2]; negative numbers are to the left and up.',
  why: {
    '150': '3 colours of each of 5 × 5 pixels of both pictures: 3 · 5 · 5 · 2.',
    '46': 'Width that the 150 colours are projected to, so that a pixel is as wide as a latent.',
    '64': 'A pixel: 46 of its colours and 18 of its place: 46 + 18. The queries are the inputs themselves, so they are as wide; latents are, too.',
    '1024': '32 × 32 pixels of a tile, each one element and one query.',
  },
  loading: [
    inPackage({
      preset: 'motion',
      input: `(() => {
  ${waves.replaceAll('\n', '\n  ')}
  return { first: waves(0), second: waves(1) };
})()`,
      shown: 'output.right.width',
    }),
    onCommandLine(
      ['npx renga flow a.png b.png --out flow.png --preset motion', 'npx renga demo'],
      'Its weights come in the package; `demo` judges it on 256 held-out pairs.',
    ),
    inHaiku('motion.pystate', { apply: haikuNetwork }),
  ],
  snippet: {
    language: 'ts',
    code: `import { either as E, taskEither as TE } from 'fp-ts';
import { pipe } from 'fp-ts/lib/function.js';
import { adopt, engine } from 'renga';
import { readCheckpoint } from 'renga/checkpoint';
import { download } from 'renga/download';
import { motion } from 'renga/presets';

await engine();
const model = motion();
const weights = pipe(
  download(model.card.checkpoint!.url), // in the package
  TE.chainW(({ path }) => readCheckpoint(path)),
  TE.chainEitherKW(adopt(model)),
);
${waves}
const pair = { first: waves(0), second: waves(1) }; // all moves one pixel to the right
const answer = await pipe(weights, TE.chainW((adopted) => model.run(adopted, pair)))();
if (E.isLeft(answer)) throw new Error(JSON.stringify(answer.left));
const meanOf = (channel: number) =>
  answer.right.data.filter((_, i) => i % 2 === channel).reduce((sum, pixels) => sum + pixels, 0) / 1024;
console.log(meanOf(0) > 0.5 && meanOf(0) < 1.5); // true
console.log(Math.abs(meanOf(1)) < 0.5); // true`,
  },
  results: [
    {
      what: 'end-point error of 256 held-out pairs',
      value: '0.29 pixels; 0.78 by block matching, 1.21 without motion',
      source: '`renga demo`',
    },
  ],
  training: [
    {
      what: 'data',
      value:
        'made pairs: textured ellipses over a textured ground, each moved by an affine map; textures of four pictures, two others held out',
    },
    ...recipeFacts(motionRecipe),
    { what: 'first weights', value: 'patches are projected to their main directions, all of one variance' },
    { what: 'code', value: '`npx renga train motion`' },
  ],
  differences: [
    {
      what: 'against the published model',
      said: 'The published model takes motions of many pixels between pictures of 496 × 368.',
      found:
        'It was trained on motions of up to 1.5 pixels of each direction, and a little turning and stretching.',
      source: counted,
    },
    {
      what: 'what a pixel knows of itself',
      said: "The published model's decoder sees a pixel's colours only in what it asks of the latents.",
      found:
        'Here an MLP of each pixel is ahead of the encoder (`pixelWidening`), and the decoder adds the pixel to what it finds (`useQueryResidual`), so that a pixel can tell its own motion from its neighbourhood.',
      source: counted,
    },
  ],
  uses: 'Trying things out: loading, attention maps, export, training on. A first look at what a Perceiver does.',
  limits:
    'Small motions of smooth pictures alone: what goes farther than 2 pixels is beyond it. Edges of what moves are blurred.',
  license: { code, weights: code },
  citation: cite(perceiverIO),
  growth: {
    what: 'pixels of a side',
    sizes: [16, 32, 48, 64],
    published: 32,
    at: (side) => ({ imageShape: [side, side] }),
  },
};
