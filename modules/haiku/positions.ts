/** position_encoding.py: how positions are chosen, wherever a constructor takes them, and its classes themselves. */
import type { Declared } from '../../lib/language/scope.js';
import type { Tensor } from '@tensorflow/tfjs-core';
import { config, count, required, sizes } from '../../lib/data/config.js';
import { declarePosition, positionConfig, type PositionEncoding, positionProjector } from '../position.js';
import { fourierPosition, fourierPositionConfig } from '../fourierPosition.js';
import { trainablePosition, trainablePositionConfig } from '../trainablePosition.js';
import {
  type Arguments,
  bag,
  insisted,
  type HaikuPart,
  type Kwargs,
  nothing,
  only,
  renamed,
  type Taken,
} from './arguments.js';
import { haikuClass, haikuClassOfParts, haikuFunction, renamedTo } from './haikuClass.js';
import { part, roles } from './parts.js';

const fourierArguments = [
  insisted(renamed({ num_bands: 'numBands' })),
  renamed({ max_resolution: 'maxResolution', concat_pos: 'concatPos', sine_only: 'sineOnly' }),
];
const trainableArguments = [renamed({ num_channels: 'numChannels', init_scale: 'initScale' })];

/** The dictionary that each type of encoding takes its arguments from; those of the others are never read. */
const bags = {
  fourier: bag('fourier_position_encoding_kwargs', fourierArguments),
  trainable: bag('trainable_position_encoding_kwargs', trainableArguments),
};
type Kind = keyof typeof bags;

const isKind = (type: unknown): type is Kind => typeof type === 'string' && Object.hasOwn(bags, type);

/** The width to project to; the original projects to widths above 0 and takes any other for "no". */
const projection = ({ project_pos_dim: width }: Kwargs): Kwargs =>
  width === undefined || width === null || (typeof width === 'number' && width <= 0)
    ? {}
    : { projectTo: width };

const within = (options: Kwargs): Kwargs =>
  Object.fromEntries(Object.entries(options).map(([name, value]) => [`position.${name}`, value]));

const positionOf = (kind: Kind, given: Kwargs, taken: Taken): Taken => {
  const [bagName] = bags[kind].names;
  const missing = taken.problems.length === 0 && (given[bagName] ?? undefined) === undefined;
  return {
    ...taken,
    options: { position: { kind, ...projection(given), ...taken.options } },
    origins: {
      position: bagName,
      ...within({ ...taken.origins, projectTo: 'project_pos_dim' }),
    } as Taken['origins'],
    problems: missing
      ? [{ path: bagName, found: undefined, expected: 'an object of arguments' }]
      : taken.problems,
    ignored: Object.values(bags)
      .flatMap(({ names }) => names)
      .filter((name) => name !== bagName && given[name] !== undefined && given[name] !== null),
  };
};

const positionNames = [
  'position_encoding_type',
  'project_pos_dim',
  ...Object.values(bags).flatMap(({ names }) => names),
];

/**
 * The arguments that choose a position encoding, together the option `position`.
 * @param byDefault  the class's own default; undefined where Python insists on the argument
 */
export const positionArguments = (byDefault?: Kind): Arguments => ({
  names: positionNames,
  take: (given, readPart) => {
    const kind = given.position_encoding_type ?? byDefault;
    if (kind === 'none') return nothing;
    if (isKind(kind)) return positionOf(kind, given, bags[kind].take(given, readPart));
    const expected = "'fourier', 'trainable' or 'none'";
    return { ...nothing, problems: [{ path: 'position_encoding_type', found: kind, expected }] };
  },
});

const indexDims = required(sizes, { doc: "Sizes of the grid's dimensions." });

const builtConfig = config('builtPosition', 'A position encoding of a grid.', {
  indexDims,
  position: required(positionConfig, { doc: 'Encoding of the positions.' }),
});

/** A projector and what it projects. */
export interface Projected {
  readonly outputChannels: number;
  readonly base_position_encoding: HaikuPart;
}

export const positionClasses = {
  'position_encoding.TrainablePositionEncoding': haikuClass(
    'trainablePosition',
    config('trainablePosition', trainablePositionConfig.doc, {
      ...trainablePositionConfig.fields,
      size: required(count, { doc: 'Number of positions.' }),
    }),
    [renamed({ index_dim: 'size' }), ...trainableArguments],
    ({ size, ...options }) => trainablePosition(size, options),
  ),
  'position_encoding.FourierPositionEncoding': haikuClass(
    'fourierPosition',
    config('fourierPosition', fourierPositionConfig.doc, { ...fourierPositionConfig.fields, indexDims }),
    [renamed({ index_dims: 'indexDims' }), ...fourierArguments],
    ({ indexDims, ...options }) => fourierPosition(indexDims, options),
  ),
  'position_encoding.PositionEncodingProjector': haikuClassOfParts(
    'projectedPosition',
    config('projectedPosition', 'A position encoding, projected to another width.', {
      outputChannels: required(count, { doc: 'Width of the projected encoding.' }),
    }),
    [renamed({ output_size: 'outputChannels' }), part('base_position_encoding', roles.position, true)],
    (s, { outputChannels, base_position_encoding: base }: Projected, name, declarePart) =>
      s.declare(
        renamedTo(
          name,
          positionProjector(declarePart(s, base) as Declared<PositionEncoding>, outputChannels),
        ),
      ),
  ),
  'position_encoding.build_position_encoding': haikuFunction(
    'builtPosition',
    builtConfig,
    [renamed({ index_dims: 'indexDims' }), positionArguments(), only({ name: null })],
    ({ indexDims, position }) =>
      (s, batch: number, pos?: Tensor) =>
        declarePosition(s, position, indexDims)(batch, pos),
  ),
};
