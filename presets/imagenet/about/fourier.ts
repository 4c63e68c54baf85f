/** Texts of the ImageNet model of single pixels with Fourier features of their positions. */
import { imageClassifierAbout } from '../about.js';
import { counted, deepMind, paper } from '../../about/sources.js';

export const about = imageClassifierAbout({
  name: 'imagenet-fourier',
  preset: 'imagenetFourier',
  file: 'imagenet_fourier_position_encoding.pystate',
  colabConfig: 'fourier_pos_configs',
  size: '194 MB',
  transformersClass: 'PerceiverForImageClassificationFourier',
  repository: 'deepmind/vision-perceiver-fourier',
  summary: `Says what a photograph shows, one of 1,000 classes, from its 50,176 single pixels: no patches, no convolution. Each pixel is its three colours beside its place, written as two coordinates and 64 sines and 64 cosines of each, so that near and far can be told at every scale.

512 latent vectors, 1,024 wide, attend once to all pixels and then work among themselves: 6 layers, run 8 times with the same weights. One query gives the classes. It has 48,440,627 parameters and takes 406.1 GFLOP for a picture.`,
  why: {
    '64': 'Frequencies of each coordinate, from 1 half-cycle over the picture to 112, which is the most that 224 pixels can show, spaced evenly.',
    '258':
      'A place: 2 coordinates, and for each of them the sine and the cosine of 64 frequencies: 2 + 2 · 2 · 64.',
    '261':
      'A pixel: 3 colours and 258 numbers of its place: 3 + 258. Keys, queries and values of the attention to the pixels are as wide, which is odd, and possible with one head.',
    '50176': '224 × 224 pixels, each one element.',
  },
  results: [
    { what: 'ImageNet, top-1', value: '79.0 %', source: paper('table 7') },
    { what: 'training steps a second', value: '4.85', source: paper('table 8') },
    {
      what: 'ImageNet, top-1',
      value: '78.6 %',
      of: 'the first Perceiver, Fourier features',
      source: paper('table 7'),
    },
    {
      what: 'ImageNet, top-1',
      value: '84.5 %',
      of: 'Perceiver IO, larger, pretrained on JFT, not released',
      source: paper('table 7'),
    },
  ],
  differences: [
    {
      what: 'FLOPs',
      said: 'Table 8: 407B.',
      found: '406.1B of products, as counted here; the 48.4M parameters of the table are right.',
      source: counted,
    },
    {
      what: 'Fourier features',
      said: 'Many implementations space the frequencies by powers of two, or take features of the colours.',
      found:
        'They are features of the place alone, spaced evenly from 1 to half of the resolution, in the order: places, sines of one coordinate, sines of the other, cosines.',
      source: `${paper('appendix G')}; ${deepMind('position_encoding.py')}`,
    },
  ],
  transformersNote:
    'The class has the exact GELU, where the weights were trained with the tanh form. Pictures of another size change nothing but the positions.',
  at: (side) => ({
    imageShape: [side, side, 3],
    preprocessor: { position: { kind: 'fourier', maxResolution: [side, side] } },
  }),
  small: `{
  imageShape: [16, 16, 3],
  numClasses: 10,
  preprocessor: { position: { kind: 'fourier', numBands: 8, maxResolution: [16, 16] } },
  encoder: { numLatents: 16, numLatentChannels: 64, numBlocks: 2, numSelfAttendsPerBlock: 2 },
  decoder: { position: { kind: 'trainable', numChannels: 64 } },
}`,
});
