/** The arrays of the data files that come with the package. */
import { readFile } from 'node:fs/promises';
import type { HostArray } from '../../lib/data/array.js';
import { parseNpz, showCheckpointError } from '../../lib/checkpoint/index.js';
import { orFail } from '../failure.js';

/** The arrays of an `.npz` in the package. */
export const readArrays = async (url: URL): Promise<Record<string, HostArray>> =>
  Object.fromEntries(orFail(showCheckpointError)(parseNpz(await readFile(url))));
