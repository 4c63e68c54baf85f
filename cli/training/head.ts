/** The head of a fine-tuning: the checkpoint's where it has the classes of the data, or else a new one. */
import type { Checkpoint } from '../../lib/checkpoint/index.js';
import { sameShape } from '../../lib/data/shape.js';
import { flatten } from '../../lib/data/tree.js';
import type { AnyModel } from '../../presets/preset.js';
import { modelInMetadata } from '../describedModel.js';

/** A checkpoint to begin with. */
export interface Beginning {
  readonly checkpoint: Checkpoint;
  /** The leaves that are made anew; none if not given. */
  readonly reinitialise?: RegExp;
  /** Lines about the head. */
  readonly about: readonly string[];
}

/** A model as far as its head goes. */
type Headed = Pick<AnyModel, 'config' | 'outline'>;

/** Tells whether all leaves of a head are in the checkpoint, in the model's shapes. */
const hasHead = (head: RegExp, { params }: Checkpoint, { outline }: Headed): boolean => {
  const found = new Map(flatten(params));
  return flatten(outline.params)
    .filter(([path]) => head.test(path))
    .every(([path, { shape }]) => sameShape(found.get(path)?.shape ?? [], shape));
};

/**
 * A checkpoint whose head stays where its names of classes are those of the data, in their order, or where it has no
 * names and the same number; for other classes the head is made anew.
 * @param head  the paths of the head; undefined for a model without one
 * @example beginningOf(/\/output\/[wb]$/)(checkpoint, model, ['cat', 'dog'])
 */
export const beginningOf =
  (head: RegExp | undefined) =>
  (checkpoint: Checkpoint, model: Headed, classes: readonly string[] = []): Beginning => {
    if (head === undefined || classes.length === 0) return { checkpoint, about: [] };
    const { length } = classes;
    const names = modelInMetadata(checkpoint.metadata)?.classes;
    const isSame = names
      ? names.length === length && names.every((name, i) => name === classes[i])
      : length === (model.config as { readonly numClasses?: number }).numClasses;
    if (!isSame || !hasHead(head, checkpoint, model))
      return { checkpoint, reinitialise: head, about: [`a new head for ${length} classes`] };
    const why = names ? 'the same classes' : `as many classes, ${length}, and no names of them`;
    return { checkpoint, about: [`the head is the checkpoint's, which has ${why}`] };
  };
