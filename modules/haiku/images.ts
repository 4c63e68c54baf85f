/**
 * Arguments of image pre- and postprocessors that say what they do to pixels. In Python they are a string tag and
 * arguments that matter for some of the tags; here they are a tagged union.
 */
import * as E from 'fp-ts/lib/Either.js';
import {
  type Arguments,
  isGiven,
  join,
  type Kwargs,
  nothing,
  only,
  renamed,
  type Taken,
  worked,
} from './arguments.js';

/** A variant of a union, and the arguments that it reads. */
interface Variant {
  readonly kind: string;
  readonly parts: readonly Arguments[];
}

/** A tag and all arguments beside it, together one option. */
const tagged = (
  option: string,
  tag: { readonly name: string; readonly byDefault: string },
  names: readonly string[],
  variants: Readonly<Record<string, (given: Kwargs) => Variant>>,
): Arguments => ({
  names: [tag.name, ...names],
  take: (given, readPart) => {
    const chosen = given[tag.name] ?? tag.byDefault;
    if (typeof chosen !== 'string' || !Object.hasOwn(variants, chosen)) {
      const expected = `'${Object.keys(variants).join("', '")}'`;
      return { ...nothing, problems: [{ path: tag.name, found: chosen, expected }] };
    }
    const { kind, parts } = variants[chosen](given);
    const read = parts.flatMap((part) => part.names);
    const unread = names.filter((name) => isGiven(given, name) && !read.includes(name));
    const taken = join(parts.map((part) => part.take(given, readPart)));
    return { ...within(option, kind, taken), ignored: [...taken.ignored, ...unread] };
  },
});

const within = (option: string, kind: string, taken: Taken): Taken => ({
  ...taken,
  options: { [option]: { kind, ...taken.options } },
  origins: Object.fromEntries(
    Object.entries(taken.origins).map(([own, python]) => [`${option}.${own}`, python]),
  ),
});

const spatial = { spatial_downsample: 'spatialDownsample' };
const grid = renamed({ ...spatial, temporal_downsample: 'temporalDownsample' });

/** Convolutions downsample by fours. */
const layers = worked('spatial_downsample', 'numLayers', (times) => {
  const numLayers = typeof times === 'number' ? Math.log2(times) / 2 : NaN;
  return Number.isInteger(numLayers) && numLayers >= 0
    ? E.right(numLayers)
    : E.left('a power of 4 where prep_type is conv');
});

/** Patches are projected only where that is asked for; the width has a default of its own then. */
const projection: Arguments = {
  names: ['conv_after_patching', 'num_channels'],
  take: (given) => {
    const { conv_after_patching: isProjected, num_channels: linearChannels = 64 } = given;
    if (isProjected !== true)
      return { ...nothing, ignored: isGiven(given, 'num_channels') ? ['num_channels'] : [] };
    return { ...nothing, options: { linearChannels }, origins: { linearChannels: 'num_channels' } };
  },
};

/** `prep_type` and what belongs to it, the option `features`. */
export const imageFeatures = tagged(
  'features',
  { name: 'prep_type', byDefault: 'conv' },
  [
    'spatial_downsample',
    'temporal_downsample',
    'num_channels',
    'conv_after_patching',
    'conv2d_use_batchnorm',
  ],
  {
    conv: () => ({
      kind: 'conv',
      parts: [
        layers,
        renamed({ num_channels: 'numChannels', conv2d_use_batchnorm: 'withBatchNorm' }),
        only({ temporal_downsample: 1 }),
      ],
    }),
    conv1x1: () => ({
      kind: 'conv1x1',
      parts: [renamed({ ...spatial, num_channels: 'numChannels' }), only({ temporal_downsample: 1 })],
    }),
    patches: () => ({ kind: 'patches', parts: [grid, projection] }),
    pixels: () => ({ kind: 'pixels', parts: [grid] }),
  },
);

/** Number of doublings that make a factor; a factor of 1, the default, is none. */
const doublings = (name: string, option: string): Arguments => ({
  names: [name],
  take: (given) => {
    const times = given[name] ?? 1;
    if (typeof times === 'number' && times >= 1)
      return { ...nothing, options: { [option]: Math.round(Math.log2(times)) }, origins: { [option]: name } };
    return { ...nothing, problems: [{ path: name, found: times, expected: 'a number from 1' }] };
  },
});

/** -1 is Python's "not given". */
const outputs: Arguments = {
  names: ['n_outputs'],
  take: (given, readPart) => {
    const { n_outputs: count, ...others } = given;
    return renamed({ n_outputs: 'outputChannels' }).take(count === -1 ? others : given, readPart);
  },
};

/** `postproc_type` and what belongs to it, the option `pixels`. */
export const imagePixels = tagged(
  'pixels',
  { name: 'postproc_type', byDefault: 'pixels' },
  ['spatial_upsample', 'temporal_upsample', 'n_outputs'],
  {
    pixels: () => ({ kind: 'pixels', parts: [only({ spatial_upsample: 1, temporal_upsample: 1 })] }),
    patches: () => ({
      kind: 'patches',
      parts: [renamed({ spatial_upsample: 'spatialUpsample', temporal_upsample: 'temporalUpsample' })],
    }),
    conv1x1: () => ({
      kind: 'conv1x1',
      parts: [outputs, renamed({ spatial_upsample: 'stride' }), only({ temporal_upsample: 1 })],
    }),
    // Frame by frame it is always 4 times larger; videos are as much larger as they are told.
    conv: ({ temporal_upsample: times }) =>
      (times ?? 1) === 1
        ? { kind: 'conv2d', parts: [outputs] }
        : {
            kind: 'conv3d',
            parts: [
              outputs,
              doublings('temporal_upsample', 'numTimeUpsamples'),
              doublings('spatial_upsample', 'numSpaceUpsamples'),
            ],
          },
  },
);
