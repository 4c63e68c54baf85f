/** Texts that the pages of the three ImageNet models share. */
import type {
  About,
  Difference,
  GrowthAxis,
  Loading,
  PublishedResult,
  TrainingFact,
} from '../../lib/docs/about.js';
import { recipeFacts } from '../about/recipeFacts.js';
import { imagenetRecipe } from './recipe.js';
import { inCode, inHaiku, inTransformers, onCommandLine } from '../about/loading.js';
import {
  cite,
  deepMind,
  deepMindWeights,
  modelCard,
  ofHuggingFace,
  paper,
  perceiverIO,
} from '../about/sources.js';

const imageNet = `@article{russakovsky2015imagenet,
  title   = {{ImageNet} Large Scale Visual Recognition Challenge},
  author  = {Russakovsky, Olga and Deng, Jia and Su, Hao and Krause, Jonathan and Satheesh, Sanjeev and
             Ma, Sean and Huang, Zhiheng and Karpathy, Andrej and Khosla, Aditya and Bernstein, Michael and
             Berg, Alexander C. and Fei-Fei, Li},
  journal = {International Journal of Computer Vision},
  volume  = {115},
  number  = {3},
  pages   = {211--252},
  year    = {2015}
}`;

const appendix = paper('appendix A');

const training: readonly TrainingFact[] = [
  { what: 'data', value: 'ImageNet, 1,000 classes; nothing else' },
  ...recipeFacts(imagenetRecipe),
  {
    what: 'length',
    value: '110 epochs on 64 TPUv3; no moving average of the weights, no dropout',
    source: appendix,
  },
  { what: "the released files' seed" },
];

const peers: readonly PublishedResult[] = [
  { what: 'ImageNet, top-1', value: '78.6 %', of: 'ResNet-50, 26M parameters', source: paper('table 7') },
  { what: 'ImageNet, top-1', value: '77.9 %', of: 'ViT-B/16, 86M parameters', source: paper('table 7') },
  {
    what: 'ImageNet, top-1',
    value: '88.6 %',
    of: 'ViT-H/14, with JFT, 632M parameters',
    source: paper('table 7'),
  },
];

const differences: readonly Difference[] = [
  {
    what: 'number of classes',
    said: 'Appendix A.2, and cards after it: fine-tuning on ImageNet needs 18,000 classes.',
    found:
      'ImageNet has 1,000, and so has the model. 18,000 is the number of classes of JFT, which the larger models were trained on before: a slip.',
    source: paper('appendix A.2'),
  },
  {
    what: 'what it was trained on',
    said: "Hugging Face's cards: ImageNet, 14 million images, 1,000 classes.",
    found:
      'The part of ImageNet with 1,000 classes has 1.28 million images for training; 14 million is the number of images of all its classes.',
    source: `${modelCard('deepmind/vision-perceiver-conv')}; doi:10.1007/s11263-015-0816-y`,
  },
  {
    what: 'augmentation',
    said: 'The paper: CutMix with a ratio of 0.2.',
    found: 'In the code CutMix is on, and 0.2 is the α of MixUp.',
    source: deepMind('train/experiment.py'),
  },
  {
    what: 'the larger model, pretrained on JFT',
    said: 'Tables 7 and 8: 212M parameters; 213B FLOPs, 176B with a convolution.',
    found:
      'Parameters are those of 16 layers, FLOPs those of 12: 16 layers take 268.7B and 231.9B. It was not released.',
    source: `arithmetic on ${paper('tables 7 and 8')}`,
  },
];

/** Texts of one of the three models. */
interface Variant extends Pick<About, 'summary' | 'why'> {
  /** On the command line. */
  readonly name: string;
  readonly preset: string;
  readonly file: string;
  /** Its config in the colab. */
  readonly colabConfig: string;
  readonly size: string;
  /** Of transformers. */
  readonly transformersClass: string;
  readonly repository: string;
  readonly transformersNote: string;
  readonly results: readonly PublishedResult[];
  readonly differences: readonly Difference[];
  /** Changes of the config for pictures of another size. */
  readonly at: GrowthAxis['at'];
  /** A small model, as arguments of the preset. */
  readonly small: string;
}

/** Code of an RGBA picture; an `ImageData` is one. */
const dog = '{ width: 640, height: 480, data: new Uint8Array(4 * 640 * 480) }';

const loading = (variant: Variant): readonly Loading[] => [
  inCode({
    ...variant,
    input: dog,
    shown: 'output.right.map(({ label, probability }) => `${label} ${probability}`)',
  }),
  onCommandLine([
    `npx renga download ${variant.name}`,
    `npx renga classify dog.jpg --preset ${variant.name} --checkpoint published`,
  ]),
  inHaiku(variant.file, {
    hasState: true,
    apply: `# images [batch, 224, 224, 3], normalised
logits, _ = imagenet_classifier.apply(params, state, jax.random.PRNGKey(42), ${variant.colabConfig}, images)`,
  }),
  inTransformers(
    `import torch
from PIL import Image
from transformers import PerceiverImageProcessor, ${variant.transformersClass}

processor = PerceiverImageProcessor.from_pretrained('${variant.repository}')
model = ${variant.transformersClass}.from_pretrained('${variant.repository}')

pixels = processor(Image.open('dog.jpg'), return_tensors='pt').pixel_values
with torch.no_grad():
    logits = model(inputs=pixels).logits  # [1, 1000]
print(model.config.id2label[logits.argmax(-1).item()])`,
    { note: variant.transformersNote },
  ),
];

/** All texts of one of the three models. */
export const imageClassifierAbout = (variant: Variant): About => ({
  task: 'image classification',
  summary: variant.summary,
  input:
    'A colour picture of any size. The square in the middle, 7/8 of the shorter side, is resized to 224 × 224 (bicubic), and each channel has the mean of ImageNet taken off and is divided by its deviation. The network itself takes [batch, 224, 224, 3] of that.',
  output:
    'The 1,000 classes of ImageNet by name, the likeliest first, each with a probability from 0 to 1; the command line shows five. The network itself gives logits [batch, 1000].',
  why: {
    '512': 'Number of latents. Self-attention costs their square, whatever the size of the picture.',
    '1000': 'Classes of ImageNet, and not 18,000, as a slip in the paper has it.',
    '1024': 'Width of the latents, and of the one query that stands for the class.',
    ...variant.why,
  },
  loading: loading(variant),
  snippet: {
    language: 'ts',
    code: `import { either as E } from 'fp-ts';
import { engine, key } from 'renga';
import { ${variant.preset}, showInputError } from 'renga/presets';

await engine();
const model = ${variant.preset}(${variant.small});
const weights = model.init(key(42)); // untrained: its answers mean nothing
const picture = { width: 40, height: 30, data: new Uint8Array(4 * 40 * 30).fill(128) }; // RGBA
const classes = await model.run(weights, picture)();
if (E.isLeft(classes)) throw new Error(showInputError(classes.left));
console.log(classes.right.length); // 10
console.log(classes.right.every(({ probability }) => probability > 0 && probability < 1)); // true`,
  },
  results: [...variant.results, ...peers],
  training,
  differences: [...variant.differences, ...differences, ...ofHuggingFace(variant.repository)],
  uses: 'Saying which of 1,000 things a photograph shows; a start for fine-tuning on classes of your own, all but the head kept (`adopt(model, { reinitialise: /basic_decoder\\/output/ })`).',
  limits:
    'It knows the 1,000 classes of ImageNet, about 400 of them animals, and answers with one of them whatever it is shown. Only the middle of the picture is looked at. Most photographs of ImageNet are from North America and Europe (arXiv:1711.08536), and it does worse on others.',
  license: deepMindWeights,
  citation: cite(perceiverIO, imageNet),
  growth: {
    what: 'pixels of a side',
    sizes: [112, 168, 224, 336, 448],
    published: 224,
    at: variant.at,
  },
});
