/** The head of a fine-tuning stays where the checkpoint has the classes of the data. */
import t from 'tap';
import { metadataOfModel } from '../../../cli/describedModel.js';
import { beginningOf } from '../../../cli/training/head.js';
import type { Checkpoint } from '../../../lib/checkpoint/index.js';
import { key } from '../../../lib/index.js';
import { digits } from '../../../presets/index.js';
import type { AnyModel } from '../../../presets/preset.js';

const small = { encoder: { numLatents: 2, numBlocks: 1, numSelfAttendsPerBlock: 1 } };
const ofClasses = (numClasses: number) => digits({ ...small, numClasses });
const head = /\/output\/[wb]$/;

const begin = (from: { numClasses: number; names?: readonly string[] }, classes: readonly string[]) => {
  const [before, model] = [ofClasses(from.numClasses), ofClasses(classes.length)] as unknown as AnyModel[];
  const metadata = from.names ? metadataOfModel(before, from.names) : {};
  const weights = ofClasses(from.numClasses).init(key(0));
  return beginningOf(head)({ ...weights, metadata } as unknown as Checkpoint, model, classes);
};

for (const [called, from, line] of [
  ['the same classes', { numClasses: 2, names: ['cat', 'dog'] }, /^the head is .* has the same classes$/],
  ['as many, without names', { numClasses: 2 }, /^the head is .* as many classes, 2, and no names of them$/],
  ['other names', { numClasses: 2, names: ['cat', 'emu'] }, /^a new head for 2 classes$/],
  ['another order', { numClasses: 2, names: ['dog', 'cat'] }, /^a new head for 2 classes$/],
  ['another number', { numClasses: 3 }, /^a new head for 2 classes$/],
  ['a subset', { numClasses: 3, names: ['cat', 'dog', 'emu'] }, /^a new head for 2 classes$/],
] as const)
  t.test(`weights of ${called}`, async (t) => {
    const { about, reinitialise } = begin(from, ['cat', 'dog']);
    t.match(about, [line]);
    t.equal(reinitialise, about[0].startsWith('a new') ? head : undefined);
  });
