/** The files of the originals' outputs, by preset. */
import { originals } from '../../presets/verify/verify.js';

export const verifications: Readonly<Record<string, URL>> = Object.fromEntries(
  await Promise.all(
    Object.entries(originals).map(async ([name, load]) => [name, (await load()).file] as const),
  ),
);
