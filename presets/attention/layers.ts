/**
 * Which attention layers of a preset can be shown on its input: the encoder's cross-attention, which attends to it, and
 * the decoder's, which attends to latents that attended to it.
 */
import { either as E } from 'fp-ts';
import type { ModuleKind } from '../../lib/language/kind.js';
import type { AnyModel } from '../any.js';
import { type InputError, inputError } from '../../lib/data/inputError.js';

/** An attention layer that can be shown on the input. */
export interface ShownLayer {
  readonly path: string;
  /** The layer by which its latents attended to the input; none where it attends to the input itself. */
  readonly by?: string;
}

type Outlined = Pick<AnyModel, 'outline'>;

/** Paths of all attention layers, in the order in which they are declared. */
export const attentionPaths = ({ outline: { kinds } }: Outlined): readonly string[] =>
  Object.keys(kinds).filter((path) => kinds[path] === 'attention');

/** Tells if a module of a kind is around the module at a path. */
const isWithin = ({ outline: { kinds } }: Outlined, kind: ModuleKind, path: string): boolean =>
  Object.keys(kinds).some((outer) => kinds[outer] === kind && path.startsWith(`${outer}/`));

/**
 * The layers of a model that can be shown, the encoder's first. Where outputs are decoded in parts they are too many for
 * each to be shown.
 */
export const shownLayers = (model: AnyModel): readonly ShownLayer[] => {
  const crossing = attentionPaths(model).filter((path) => isWithin(model, 'crossAttention', path));
  const [encoding] = crossing.filter((path) => isWithin(model, 'encoder', path));
  const decoding = crossing.filter((path) => !model.decodesInParts && isWithin(model, 'decoder', path));
  return [{ path: encoding }, ...decoding.map((path) => ({ path, by: encoding }))];
};

/** The layer of a path, or of a part of one; the encoder's cross-attention if none is asked for. */
export const layerNamed = (model: AnyModel, name?: string): E.Either<InputError, ShownLayer> => {
  const shown = shownLayers(model);
  if (name === undefined) return E.right(shown[0]);
  const exact = shown.filter(({ path }) => path === name);
  const [layer, ...others] = exact.length ? exact : shown.filter(({ path }) => path.includes(name));
  if (layer && others.length === 0) return E.right(layer);
  const isThere = attentionPaths(model).some((path) => path.includes(name));
  const isLatents = !layer && isThere;
  return inputError(
    'the layer',
    isLatents ? `'${name}', which ${latentsOnly(name)}` : `'${name}'`,
    `one that can be shown on the input: ${shown.map(({ path }) => path).join(' or ')}`,
  );
};

const latentsOnly = (name: string): string =>
  name.includes('decoder') ? 'has a query for each of very many outputs' : 'attends to latents alone';
