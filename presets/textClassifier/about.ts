/** Texts of the classifier of texts: purpose, input, output. */
import type { About } from '../../lib/docs/about.js';
import { fromSeed, inTransformers, onCommandLine } from '../about/loading.js';
import { cite, code, paper, perceiverIO } from '../about/sources.js';

export const about: About = {
  task: 'classification of texts',
  summary: `Names the class of a text, or of each of its bytes. The encoder is that of the language model over bytes; a trained query as wide as the latents is decoded to the classes. With \`answers: 'tokens'\` there is a query for each position, and the model tags bytes.

256 latents, 1,280 wide, attend once to the text and work among themselves in 26 layers. With two classes it has 206,098,690 parameters.`,
  input:
    'A text in UTF-8, 1 to 2,048 bytes. The network itself takes ids [batch, 2048], whole numbers from 0 to 261, and a mask [batch, 2048], 1 where a token is.',
  output:
    'Classes with their probabilities, the likeliest first: one list for the text, or one for each byte. The network itself gives logits [batch, 2], or [batch, 2048, 2] for tokens.',
  why: {
    '256': 'Number of latents; also the width of queries and keys over all 8 heads.',
    '768': 'Width of tokens and positions.',
    '1280': 'Width of the latents, and of the query that is decoded.',
    '2048': 'Places for bytes.',
  },
  loading: [
    ...fromSeed('textClassifier'),
    onCommandLine(
      ['npx renga classify "a fine film" --preset text-classifier --checkpoint reviews.safetensors'],
      '`--classes names.json` calls the classes by names. Lines of the standard input are texts with `-`.',
    ),
    inTransformers(
      `import torch
from transformers import PerceiverForSequenceClassification, PerceiverTokenizer

tokenizer = PerceiverTokenizer.from_pretrained('deepmind/language-perceiver')
model = PerceiverForSequenceClassification.from_pretrained('deepmind/language-perceiver', num_labels=2)

encoding = tokenizer('a text', padding='max_length', return_tensors='pt')
with torch.no_grad():
    logits = model(inputs=encoding.input_ids, attention_mask=encoding.attention_mask).logits  # [1, 2]`,
      {
        note: 'The decoder is new: nobody published a trained one. What is fine-tuned and saved there, `loadHuggingFace` reads here.',
      },
    ),
  ],
  snippet: {
    language: 'ts',
    code: `import { either as E } from 'fp-ts';
import { engine, key } from 'renga';
import { showInputError, textClassifier } from 'renga/presets';

await engine();
const model = textClassifier({ ...textClassifier.small, numClasses: 3, answers: 'tokens' });
const weights = model.init(key(42)); // untrained: its classes mean nothing
const classes = await model.run(weights, { text: 'a text' })();
if (E.isLeft(classes)) throw new Error(showInputError(classes.left));
console.log(classes.right.length); // 6
console.log(classes.right[0].length); // 3`,
  },
  results: [],
  training: [{ what: 'encoder', value: 'that of the language model', source: paper('section 4.1') }],
  differences: [
    {
      what: 'the GELU',
      said: 'Hugging Face computes the exact one.',
      found:
        "The preset has the tanh form, which DeepMind's weights were trained with; a config of Hugging Face's gets the exact one.",
      source: 'transformers `PerceiverForSequenceClassification`',
    },
  ],
  uses: 'Sentiments, topics, spam, and tags of bytes, after fine-tuning: the encoder may begin with the weights of `language`.',
  limits: 'It is untrained: nobody published its parameters.',
  license: { code },
  citation: cite(perceiverIO),
  growth: {
    what: 'bytes of text',
    sizes: [512, 1024, 2048, 4096, 8192],
    published: 2048,
    at: (maxLength) => ({ maxLength }),
  },
};
