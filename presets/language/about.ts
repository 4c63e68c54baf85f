/** Texts of the language model: purpose, input, output, limits. */
import type { About } from '../../lib/docs/about.js';
import { differences, results, training } from './about/figures.js';
import { fromHuggingFace, inCode, inHaiku, inTransformers, onCommandLine } from '../about/loading.js';
import { cite, deepMindWeights, perceiverIO } from '../about/sources.js';

const c4 = `@article{raffel2020exploring,
  title   = {Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer},
  author  = {Raffel, Colin and Shazeer, Noam and Roberts, Adam and Lee, Katherine and Narang, Sharan and
             Matena, Michael and Zhou, Yanqi and Li, Wei and Liu, Peter J.},
  journal = {Journal of Machine Learning Research},
  volume  = {21},
  number  = {140},
  pages   = {1--67},
  year    = {2020}
}`;

const repository = 'deepmind/language-perceiver';

/** A text of which some bytes are missing. */
const sentence = 'This is an incomplete sentence where some words are_________';

export const about: About = {
  task: 'masked language modelling over bytes',
  summary: `Reads a text of up to 2,048 bytes in which some are blanked out, and says for each place which byte belongs there. There is no tokeniser and no vocabulary of words: a letter of ASCII is one byte, others are two to four.

A Transformer would let each byte attend to every other. Here 256 latent vectors, 1,280 wide, attend once to the whole text, work among themselves in 26 layers, and are asked once for each place what stands there. The cost of the 26 layers does not depend on the length of the text. It has 201,108,230 parameters and takes 120.9 GFLOP for a text.`,
  input:
    'A text in UTF-8 of at most 2,048 bytes, with a `_` (or another character of yours) for each missing byte. The network itself takes ids [batch, 2048], whole numbers from 0 to 261, and a mask [batch, 2048], 1 where a token is and 0 where padding is.',
  output:
    'The text filled in, and for each run of blanks the bytes put there with their probabilities, from 0 to 1. The network itself gives logits [batch, 2048, 262], one for each byte and each of 6 special tokens. Every blank is filled on its own, with its likeliest byte.',
  why: {
    '256':
      'Number of latents. Of three trained models that cost about as much, 128 latents of 1,920, 256 of 1,280 and 512 of 896, this one was the best on GLUE: 75.84, 80.95 and 80.92 (table 15). It is also the width of queries and keys over all 8 heads.',
    '262':
      '256 bytes after 6 special tokens: padding 0, beginning 1, end 2, mask 3, class 4, separator 5. A byte b is the token b + 6. The paper counts 4 special tokens.',
    '768':
      "Width of tokens, positions and queries, as BERT's; the outputs have it too, because they are compared with the very table that embeds the tokens.",
    '1280': 'Width of the latents and of the values of all 8 heads together, 160 each.',
    '2048': 'Places for bytes, four times the 512 places of the model that reads SentencePiece tokens.',
  },
  loading: [
    inCode({
      preset: 'language',
      input: `{ text: '${sentence}' }`,
      shown: 'output.right.text',
      file: 'language_perceiver_io_bytes.pickle',
      size: '804 MB',
    }),
    onCommandLine(
      [
        'npx renga download language',
        `npx renga fill-mask "${sentence}" --preset language --checkpoint published`,
        `npx renga fill-mask "${sentence}" --preset language --checkpoint hf:${repository}`,
      ],
      "The last line takes Hugging Face's file of the same weights, and computes with them what they were trained with.",
    ),
    fromHuggingFace({
      repository,
      note: "This computes what Hugging Face's class does: the exact GELU, and no mask on the queries. The weights were trained with neither; `adopt(language())` of what `toHaikuNames()` makes of the same file gives what they were trained with.",
    }),
    inHaiku('language_perceiver_io_bytes.pickle', {
      apply: `# ids [batch, 2048] and mask [batch, 2048], 1 where a token is
logits = apply_perceiver(params, jax.random.PRNGKey(42), ids, mask)  # [batch, 2048, 262]`,
    }),
    inTransformers(
      `import torch
from transformers import PerceiverForMaskedLM, PerceiverTokenizer

tokenizer = PerceiverTokenizer.from_pretrained('${repository}')
model = PerceiverForMaskedLM.from_pretrained('${repository}')

text = 'This is an incomplete sentence where some words are missing.'
encoding = tokenizer(text, padding='max_length', return_tensors='pt')
encoding.input_ids[0, 52:61] = tokenizer.mask_token_id  # one later than in the colab, for [CLS]
with torch.no_grad():
    logits = model(inputs=encoding.input_ids, attention_mask=encoding.attention_mask).logits  # [1, 2048, 262]`,
      {
        note: "The tokenizer puts [CLS] before and [SEP] after the text, so every place is one later than in DeepMind's colab. `hidden_act='gelu_pytorch_tanh'` as an argument of `from_pretrained` gives the GELU that the weights were trained with.",
      },
    ),
  ],
  snippet: {
    language: 'ts',
    code: `import { either as E } from 'fp-ts';
import { engine, key } from 'renga';
import { language, showInputError } from 'renga/presets';

await engine();
const model = language({
  maxLength: 64,
  modelChannels: 64,
  encoder: { numLatents: 16, numLatentChannels: 128, numSelfAttendsPerBlock: 2, qkChannels: 64, vChannels: 128 },
  decoder: { position: { kind: 'trainable', numChannels: 64 }, qkChannels: 64, vChannels: 64 },
});
const weights = model.init(key(42)); // untrained: its answers mean nothing
const filled = await model.run(weights, { text: 'an incomplete sen_____' })();
if (E.isLeft(filled)) throw new Error(showInputError(filled.left));
const [span] = filled.right.spans;
console.log(span.start); // 17
console.log(span.probabilities.length); // 5`,
  },
  results,
  training,
  differences,
  uses: 'Filling in missing letters and words of English text; a start for fine-tuning on classification, similarity or tagging of texts, also noisy ones, as it knows no tokens that a misspelling could break.',
  limits: `Blanks are filled independently of each other: it does not write longer texts. It was trained on English web pages and Wikipedia, and has their biases and mistakes. A text of more than 2,048 bytes does not fit. The number of missing bytes has to be known.`,
  license: deepMindWeights,
  citation: cite(perceiverIO, c4),
  growth: {
    what: 'bytes of text',
    sizes: [512, 1024, 2048, 4096, 8192],
    published: 2048,
    at: (maxLength) => ({ maxLength }),
  },
};
