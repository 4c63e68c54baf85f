/** Texts of the autoencoder of video, sound and a label: purpose, input, output, limits. */
import type { About } from '../../lib/docs/about.js';
import { fromHuggingFace, inCode, inHaiku, inTransformers, onCommandLine } from '../about/loading.js';
import { differences, training, why } from './about/figures.js';
import { cite, deepMindWeights, paper, perceiverIO } from '../about/sources.js';

const kinetics = `@article{smaira2020short,
  title         = {A Short Note on the {Kinetics}-700-2020 Human Action Dataset},
  author        = {Smaira, Lucas and Carreira, Jo{\\~a}o and Noland, Eric and Clancy, Ellen and Wu, Amy and
                   Zisserman, Andrew},
  year          = {2020},
  eprint        = {2010.10864},
  archivePrefix = {arXiv}
}`;

const repository = 'deepmind/multimodal-perceiver';

export const about: About = {
  task: 'autoencoding of video, sound and a label',
  summary: `Takes a clip of 16 frames with its sound, squeezes it into 784 vectors and makes the clip of them again, and the label of what happens in it, one of 700. All three go through the same attention at once: patches of the video, pieces of the sound and the label become 52,097 elements of the same width, told apart by what was learned for each kind.

The 784 latents, 512 wide, attend once to all elements and work among themselves in 8 layers. Each pixel of each frame, each piece of the sound and the label then ask for themselves, so any part can be decoded alone. As the label is blanked out on the way in, what comes out is a classification. It has 19,858,855 parameters; decoding 512 pixels, 512 pieces of sound and the label takes 260.1 GFLOP, the whole clip 7,470.4.`,
  input:
    'At least 16 frames of any size, 25 a second, and their sound at 48 kHz, samples from -1 to 1. Of each frame the square in the middle is resized to 224 × 224; the first 16 frames and the first channel of the sound are used. The network itself takes `image` [batch, 16, 224, 224, 3] in [0, 1], `audio` [batch, 30720, 1] in [-1, 1] and `label` [batch, 700], which may be zeros.',
  output:
    '16 frames of 224 × 224, 30,720 samples of sound (0.64 seconds), and the 700 classes of Kinetics with their probabilities, the likeliest first. The network itself gives `image` [batch, pixels, 3], `audio` [batch, samples] and `label` [batch, 700], for the points that are asked for.',
  why,
  loading: [
    inCode({
      preset: 'multimodal',
      input: `{
  frames: Array.from({ length: 16 }, () => ({ width: 224, height: 224, data: new Uint8Array(4 * 224 * 224) })),
  sound: { sampleRate: 48000, channels: [new Float32Array(30720)] },
}`,
      shown: 'output.right.labels[0].label',
      file: 'video_autoencoding_checkpoint.pystate',
      size: '79 MB',
    }),
    onCommandLine([
      'npx renga download multimodal',
      'npx renga autoencode frames/ --sound sound.wav --out decoded/ --checkpoint published',
    ]),
    fromHuggingFace({
      repository,
      note: 'The config of the repository fixes what is decoded (`output_shape`) to one clip of 16 × 224 × 224. The GELU is the exact one there; the weights were trained with the tanh form.',
    }),
    inHaiku('video_autoencoding_checkpoint.pystate', {
      apply: `# images [1, 16, 224, 224, 3] in [0, 1], audio [1, 30720, 1] in [-1, 1]; one of 128 chunks
points = {'image': jax.numpy.arange(6272), 'audio': jax.numpy.arange(15), 'label': None}
decoded, _ = video_autoencoder.apply(params, {}, jax.random.PRNGKey(42), images, audio, points)`,
    }),
    inTransformers(
      `import torch
from transformers import PerceiverForMultimodalAutoencoding

model = PerceiverForMultimodalAutoencoding.from_pretrained('${repository}')

clip = {
    'image': torch.zeros(1, 16, 3, 224, 224),  # colours before height and width
    'audio': torch.zeros(1, 30720, 1),
    'label': torch.zeros(1, 700),
}
points = {'image': torch.arange(6272), 'audio': torch.arange(15), 'label': None}  # one of 128 chunks
with torch.no_grad():
    decoded = model(inputs=clip, subsampled_output_points=points).logits
print(decoded['image'].shape, decoded['audio'].shape, decoded['label'].shape)  # 6272 x 3, 240, 700`,
      {
        note: 'Frames have their colours first. Every chunk encodes the clip again, so a whole clip is encoded 128 times; here it is encoded once. The class has the exact GELU.',
      },
    ),
  ],
  snippet: {
    language: 'ts',
    code: `import { either as E } from 'fp-ts';
import { engine, key } from 'renga';
import { multimodal, showInputError } from 'renga/presets';

await engine();
const model = multimodal({
  numFrames: 2,
  patchGrid: 4,
  samplesPerFrame: 32,
  numClasses: 7,
  imageBands: 4,
  audioBands: 8,
  outputChannels: 32,
  labelQueryChannels: 64,
  encoder: { numLatents: 16, numLatentChannels: 32, numSelfAttendsPerBlock: 2 },
});
const weights = model.init(key(42)); // untrained: its answers mean nothing
const frame = { width: 20, height: 16, data: new Uint8Array(4 * 20 * 16).fill(128) }; // RGBA
const sound = { sampleRate: 800, channels: [new Float32Array(64)] }; // 25 frames a second
const clip = await model.run(weights, { frames: [frame, frame], sound })();
if (E.isLeft(clip)) throw new Error(showInputError(clip.left));
console.log(clip.right.frames.map(({ width, height }) => \`\${width} × \${height}\`)); // 16 × 16, 16 × 16
console.log(clip.right.sound.channels[0].length); // 64
console.log(clip.right.labels.length); // 7`,
  },
  results: [
    { what: 'Kinetics-700, sound, PSNR', value: '26.97 dB', source: paper('table 4') },
    { what: 'Kinetics-700, video, PSNR', value: '24.37 dB', source: paper('table 4') },
    { what: 'Kinetics-700, top-1 of the label', value: '10.2 %', source: paper('table 4') },
    {
      what: 'sound, video, label',
      value: '25.33 dB, 24.27 dB, 8.6 %',
      of: '392 latents',
      source: paper('table 4'),
    },
    {
      what: 'sound, video, label',
      value: '14.15 dB, 23.21 dB, 11.5 %',
      of: '196 latents',
      source: paper('table 4'),
    },
    {
      what: 'video and label',
      value: '20.7 dB, 45 %',
      of: 'the same, the label weighing 1 in the loss',
      source: paper('section 4.3'),
    },
    { what: 'training steps a second', value: '4.4', source: paper('table 17') },
  ],
  training,
  differences,
  uses: 'Research on what fits through a bottleneck of several kinds of data at once; naming what happens in a short clip; a start for models of several modalities of your own.',
  limits: `Frames come back blurred and the sound dull: it is a study, not a codec. The label is right in 10.2 % of clips; the weights that reach 45 % were not released. A clip is 0.64 seconds and no longer. Its clips are from public videos, with what people upload there.`,
  license: deepMindWeights,
  citation: cite(perceiverIO, kinetics),
  growth: {
    what: 'frames of a clip',
    sizes: [4, 8, 16, 32],
    published: 16,
    at: (numFrames) => ({ numFrames }),
  },
};
