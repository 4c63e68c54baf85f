/**
 * Where the published presets' verifications are.
 */

const file = (name: string): URL => new URL(`./data/${name}.json`, import.meta.url);

/** What the original computed at full size, by preset. */
export const verifications: Readonly<Record<string, URL>> = {
  language: file('language'),
  'imagenet-learned': file('imagenet-learned'),
  'imagenet-fourier': file('imagenet-fourier'),
  'imagenet-conv': file('imagenet-conv'),
  flow: file('flow'),
  multimodal: file('multimodal'),
};
