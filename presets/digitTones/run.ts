/**
 * A handwritten digit and its telephone tone through the autoencoder. The one of both that is missing is hidden from the
 * network and made up from the other.
 */
import { inputError } from '../../lib/data/inputError.js';
import type { ModelOf, Run } from '../preset.js';
import type { MultimodalConfig, MultimodalNetwork } from '../multimodal/network.js';
import { autoencode, type DecodedClip, sizeOfClip } from '../multimodal/run.js';
import type { Clip } from '../multimodal/run/clip.js';

type DigitTonesModel = ModelOf<MultimodalConfig, MultimodalNetwork, Clip, DecodedClip>;

const digitNames = async (): Promise<readonly string[]> =>
  Array.from({ length: 10 }, (_, digit) => `${digit}`);

/** A config that hides whole modalities. */
const hiding = (config: MultimodalConfig, hidden: readonly ('image' | 'audio')[]): MultimodalConfig => ({
  ...config,
  maskProbs: { ...config.maskProbs, ...Object.fromEntries(hidden.map((name) => [name, 1])) },
});

/** One picture stands for all frames of its clip. */
export const autoencodeDigit = ({ config }: DigitTonesModel): Run<Clip, DecodedClip> => {
  const fromBoth = autoencode(config, digitNames);
  const fromPicture = autoencode(hiding(config, ['audio']), digitNames);
  const fromSound = autoencode(hiding(config, ['image']), digitNames);
  const { numFrames, width, height } = sizeOfClip(config);
  const all = <A>(frame: A): readonly A[] => Array.from({ length: numFrames }, () => frame);
  const hidden = all({ width, height, data: new Uint8ClampedArray(4 * width * height) });
  return (runner, { frames, sound }, options) => {
    if (frames === undefined && sound === undefined)
      return async () =>
        inputError('the clip', 'neither frames nor sound', 'a picture of a digit, a tone, or both');
    if (frames === undefined) return fromSound(runner, { frames: hidden, sound }, options);
    const clip = { frames: frames.length === 1 ? all(frames[0]) : frames, sound };
    return (sound === undefined ? fromPicture : fromBoth)(runner, clip, options);
  };
};
