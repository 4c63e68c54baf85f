/** Texts of the ImageNet model of single pixels with learned positions. */
import { imageClassifierAbout } from '../about.js';
import { counted, deepMind, paper, transformers } from '../../about/sources.js';

export const about = imageClassifierAbout({
  name: 'imagenet-learned',
  preset: 'imagenetLearned',
  file: 'imagenet_learned_position_encoding.pystate',
  colabConfig: 'learned_pos_configs',
  size: '249 MB',
  transformersClass: 'PerceiverForImageClassificationLearned',
  repository: 'deepmind/vision-perceiver-learned',
  summary: `Says what a photograph shows, one of 1,000 classes, and is told nothing of what a picture is: each of 50,176 pixels comes with a vector that was learned for its place, as if they were a list in any order. Had the pixels been shuffled, the same way in all pictures, it would have learned as well.

512 latent vectors, 1,024 wide, attend once to all pixels and then work among themselves: 6 layers, run 8 times with the same weights. One query gives the classes. It has 62,255,848 parameters, 12,845,056 of them the pixels' places, and takes 478.0 GFLOP for a picture.`,
  why: {
    '256':
      'Two widths of 256: what each pixel is projected to, and the learned vector of its place, projected to as many. Side by side they are 512.',
    '512':
      'Number of latents; and, by chance, the width of a pixel: 256 of its colours and 256 of its place. Self-attention costs the square of the number of latents, whatever the size of the picture.',
    '50176': '224 × 224 pixels, each one element. None are grouped in patches.',
  },
  results: [
    { what: 'ImageNet, top-1', value: '72.7 %', source: paper('table 7') },
    { what: 'training steps a second', value: '4.14', source: paper('table 8') },
    {
      what: 'ImageNet, top-1',
      value: '67.6 %',
      of: 'the first Perceiver, learned positions',
      source: paper('table 7'),
    },
  ],
  differences: [
    {
      what: 'FLOPs',
      said: 'Table 8: 407B, as for Fourier features.',
      found:
        '478.0B: keys and values are 512 wide here, 261 there. The 62.3M parameters of the table are right.',
      source: counted,
    },
    {
      what: "the query's residual",
      said: "Hugging Face's class adds the class query to what it attended to.",
      found:
        "DeepMind's config of this model has `use_query_residual=False`; that of the other two has `True`. Here: `decoder.useQueryResidual`.",
      source: `${transformers('`PerceiverForImageClassificationLearned`')}; ${deepMind('ImageNet classification colab')}`,
    },
  ],
  transformersNote:
    "The class adds the class query to what it attended to, which DeepMind's model of learned positions does not: with the published weights it computes something else than what was trained. It has the exact GELU, too.",
  at: (side) => ({ imageShape: [side, side, 3] }),
  small: `{
  imageShape: [16, 16, 3],
  numClasses: 10,
  preprocessor: {
    features: { kind: 'conv1x1', numChannels: 16 },
    position: { kind: 'trainable', numChannels: 16, projectTo: 16 },
  },
  encoder: { numLatents: 16, numLatentChannels: 64, numBlocks: 2, numSelfAttendsPerBlock: 2 },
  decoder: { position: { kind: 'trainable', numChannels: 64 } },
}`,
});
