/** Texts of the language model over SentencePiece tokens, Perceiver IO Base. */
import { variantAbout } from '../../about/variant.js';
import { counted, paper } from '../../about/sources.js';
import { about as language } from '../about.js';

export const about = variantAbout(language, 'languageSentencepiece', {
  task: 'masked language modelling over SentencePiece tokens',
  summary: `Reads a text of up to 512 pieces of words in which some are blanked out, and says for each place which piece belongs there. The model is that of bytes, Perceiver IO Base in the paper; it has a table of 32,000 pieces in the place of 262 bytes and special tokens.

It has 223,155,456 parameters and takes 133.6 GFLOP for a text, 25.2 of them for the logits of all pieces.`,
  input:
    'A text of at most 512 pieces with a `_` (or another character of yours) for each missing piece, and the tokenizer that the weights were trained with: `sentencePiece` reads the `.model` file that Google’s library writes, with a piece `[MASK]`. The network itself takes ids [batch, 512], whole numbers from 0 to 31,999, and a mask [batch, 512], 1 where a token is and 0 where padding is.',
  output:
    'The text filled in, and for each run of blanks the pieces put there with their probabilities, from 0 to 1. The network itself gives logits [batch, 512, 32000].',
  why: {
    '256': language.why!['256'],
    '768': language.why!['768'],
    '1280': language.why!['1280'],
    '32000': 'Pieces of the vocabulary.',
  },
  results: [
    { what: 'GLUE, average', value: '81.2', source: paper('table 1; 81.16 in table 14') },
    { what: 'training steps a second', value: '7.4', source: paper('table 11') },
  ],
  differences: [
    {
      what: 'FLOPs',
      said: 'Table 11: 119B.',
      found: '108.4B without the logits, 133.6B with them; the 223M parameters are right.',
      source: counted,
    },
  ],
});
