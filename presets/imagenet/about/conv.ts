/** Texts of the ImageNet model with a convolution before the encoder. */
import { imageClassifierAbout } from '../about.js';
import { deepMind, paper, transformers } from '../../about/sources.js';

export const about = imageClassifierAbout({
  name: 'imagenet-conv',
  preset: 'imagenetConv',
  file: 'imagenet_conv_preprocessing.pystate',
  colabConfig: 'conv_maxpool_configs',
  size: '195 MB',
  transformersClass: 'PerceiverForImageClassificationConvProcessing',
  repository: 'deepmind/vision-perceiver-conv',
  summary: `Says what a photograph shows, one of 1,000 classes. A convolution and a pooling first make 56 × 56 features of 224 × 224 pixels, as in the first layer of a ResNet; each of these 3,136 elements is 64 features beside its place.

512 latent vectors, 1,024 wide, attend once to all elements and then work among themselves: 6 layers, run 8 times with the same weights. One query gives the classes. The best of the three ImageNet models, and the cheapest: 48,646,522 parameters, 369.4 GFLOP for a picture.`,
  why: {
    '64': 'Channels of the convolution, and, by chance, the number of frequencies of each coordinate.',
    '258':
      'A place: 2 coordinates, and for each of them the sine and the cosine of 64 frequencies: 2 + 2 · 2 · 64.',
    '322': 'An element: 64 channels of the convolution and 258 numbers of its place: 64 + 258.',
    '3136': '56 × 56: the convolution halves 224 pixels to 112, the pooling to 56.',
  },
  results: [
    { what: 'ImageNet, top-1', value: '82.1 %', source: paper('table 7') },
    { what: 'training steps a second', value: '5.58', source: paper('table 8') },
    {
      what: 'ImageNet, top-1',
      value: '77.4 %',
      of: 'the first Perceiver, convolution',
      source: paper('table 7'),
    },
    {
      what: 'ImageNet, top-1',
      value: '86.4 %',
      of: 'Perceiver IO, larger, pretrained on JFT, not released',
      source: paper('table 7'),
    },
  ],
  differences: [
    {
      what: 'where the windows lie',
      said: "Hugging Face's convolution pads by the same number on all sides, which gives 55 × 55 elements, one pixel further up and left.",
      found: "DeepMind's pads as TensorFlow's `SAME` does: 56 × 56. Here: `preprocessor.features.padding`.",
      source: `${transformers('`Conv2DDownsample`')}; ${deepMind('io_processors.py')}`,
    },
    {
      what: 'the kernel',
      said: "Hugging Face's file: DeepMind's weights, converted.",
      found:
        'The script that converted it reverses all four axes of the kernel, so its rows and columns are swapped (by its code; it was not run).',
      source: transformers('convert_perceiver_haiku_to_pytorch.py'),
    },
    {
      what: 'initial parameters',
      said: "DeepMind's other models initialise with `is_training=False`.",
      found:
        "This one stops there with `No value for 'average'`: batch norm has no averages before its first batch. `init` here takes images, or draws normal ones.",
      source: deepMind('code, run'),
    },
  ],
  transformersNote:
    "Three things differ from DeepMind's: where the windows of the convolution lie, the kernel's rows and columns, which were swapped when it was converted, and the exact GELU. For what was published take DeepMind's file.",
  at: (side) => ({
    imageShape: [side, side, 3],
    preprocessor: { position: { kind: 'fourier', maxResolution: [side / 4, side / 4] } },
  }),
  small: `{
  imageShape: [32, 32, 3],
  numClasses: 10,
  preprocessor: { position: { kind: 'fourier', numBands: 8, maxResolution: [8, 8] } },
  encoder: { numLatents: 16, numLatentChannels: 64, numBlocks: 2, numSelfAttendsPerBlock: 2 },
  decoder: { position: { kind: 'trainable', numChannels: 64 } },
}`,
});
