/** Figures of the language model: results, training, contradictions of paper, cards and code. */
import { recipeFacts } from '../../about/recipeFacts.js';
import { languageRecipe } from '../recipe.js';
import type { Difference, PublishedResult, TrainingFact } from '../../../lib/docs/about.js';
import {
  counted,
  deepMind,
  modelCard,
  ofHuggingFace,
  paper,
  thread,
  transformers,
} from '../../about/sources.js';

const repository = 'deepmind/language-perceiver';

export const results: readonly PublishedResult[] = [
  { what: 'GLUE, average', value: '81.0', source: paper('table 1; 80.95 in table 14') },
  { what: 'CoLA, Matthews correlation', value: '50.19', source: paper('table 14') },
  { what: 'MNLI, accuracy, matched / mismatched', value: '83.22 % / 83.89 %', source: paper('table 14') },
  { what: 'MRPC, accuracy', value: '87.24 %', source: paper('table 14') },
  { what: 'QNLI, accuracy', value: '91.71 %', source: paper('table 14') },
  { what: 'QQP, accuracy', value: '90.12 %', source: paper('table 14') },
  { what: 'RTE, accuracy', value: '64.84 %', source: paper('table 14') },
  { what: 'SST-2, accuracy', value: '93.17 %', source: paper('table 14') },
  { what: 'STS-B, Pearson correlation', value: '86.81', source: paper('table 14') },
  {
    what: 'GLUE, one query for each of 8 tasks, trained together',
    value: '81.8',
    source: paper('table 2'),
  },
  {
    what: 'GLUE, average',
    value: '81.1',
    of: 'BERT Base, SentencePiece, trained by the authors',
    source: paper('table 1'),
  },
  {
    what: 'GLUE, average',
    value: '71.5',
    of: 'BERT on bytes, of the same FLOPs',
    source: paper('table 1'),
  },
  {
    what: 'GLUE, average',
    value: '81.2',
    of: 'Perceiver IO Base, SentencePiece',
    source: paper('table 1'),
  },
  {
    what: 'GLUE, average',
    value: '81.8',
    of: 'Perceiver IO++ on bytes, 425M parameters, not released',
    source: paper('table 1'),
  },
  { what: 'training steps a second', value: '7.6', source: paper('table 11') },
];

export const training: readonly TrainingFact[] = [
  {
    what: 'data',
    value: 'C4, 70 %, and Wikipedia, 30 %; 10 documents joined before they are cropped',
    source: paper('table 12'),
  },
  ...recipeFacts(languageRecipe),
  {
    what: 'fine-tuning on GLUE',
    value:
      'LAMB, 10 epochs, batches of 16, 32 or 64, learning rate 1e-4, 5e-5, 2e-5 or 1e-5, 200 steps of warm-up, weight decay 0.01; the best of the grid on dev',
    source: paper('table 13'),
  },
  { what: "the released file's step, loss and seed" },
];

export const differences: readonly Difference[] = [
  {
    what: 'FLOPs',
    said: 'Tables 1 and 11: 113B.',
    found: '120.9B with the 26 layers that the model has; 24 layers take 113.2B.',
    source: counted,
  },
  {
    what: 'queries',
    said: 'Table 6: 1,280 channels.',
    found: '768, as in table 11 and in the code.',
    source: `${paper('table 11')}; ${deepMind('masked language modelling colab')}`,
  },
  {
    what: 'vocabulary',
    said: 'The paper: 256 bytes and 4 special tokens.',
    found: '262: 256 bytes and 6 special tokens.',
    source: deepMind('bytes_tokenizer.py'),
  },
  {
    what: '`vocab_size`',
    said: "Hugging Face's config came to say 256.",
    found: 'There are 262 logits, and 262 rows of the table of embeddings.',
    source: thread('huggingface/transformers', 26760),
  },
  {
    what: 'GLUE',
    said: "Hugging Face's card of the released model: an average of 81.8, table 3.",
    found:
      "The released model's is 81.0 (table 1). 81.8 is Perceiver IO++'s, which has 425M parameters and was not released, or that of one query for each task (table 2).",
    source: `${modelCard(repository)}; ${paper('tables 1 and 2')}`,
  },
  {
    what: 'padding',
    said: "Hugging Face's decoder drops the mask of the queries.",
    found:
      "DeepMind's queries at padding attend to nothing; places of the text are the same either way. Here: `maskQueries`.",
    source: transformers('`PerceiverBasicDecoder`'),
  },
  {
    what: 'the model of SentencePiece tokens',
    said: 'Table 11: 119B FLOPs.',
    found:
      'Without the logits it takes 108.4B, with those of 32,000 tokens 133.6B; its 223M parameters are right. It was not released.',
    source: counted,
  },
  {
    what: 'where the blanks are',
    said: "Hugging Face's example masks places 52 to 60.",
    found: "DeepMind's colab masks 51 to 59 of the same sentence, and adds no tokens around it.",
    source: `${transformers('`PerceiverTokenizer`')}; ${deepMind('masked language modelling colab')}`,
  },
  ...ofHuggingFace(repository),
];
