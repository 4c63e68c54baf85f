/** The hub's cache: what Python's `huggingface_hub` fetched is found here without a network, and the other way round. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { downloadRepository, showDownloadError } from '../../lib/download/index.js';
import { type Check, failing } from '../golden/compare.js';
import { bytesOf, type Hub, sha256, startHub } from '../lib/download/hub.js';
import { finding, type Group } from './finding.js';
import { runScript } from './process.js';

const config = bytesOf('{"model_type": "perceiver"}');
const weights = Uint8Array.from({ length: 300_000 }, (_, i) => (i * i) >>> 3);
const names = ['config.json', 'model.safetensors'] as const;
const expected = { 'config.json': sha256(config), 'model.safetensors': sha256(weights) };

const compareDigests = (found: Readonly<Record<string, string>>): readonly Check[] =>
  names.map((name) => {
    const right = expected[name];
    if (found[name] === right) return { array: name, error: 0, tolerance: 0 };
    return failing(name, `SHA-256 ${found[name]}, expected ${right}`);
  });

const fetchHere = async (hub: Hub, cache: string, isOffline: boolean): Promise<Record<string, string>> => {
  const done = await downloadRepository('owner/name', { endpoint: hub.address, cache, isOffline })();
  if (E.isLeft(done)) throw new Error(showDownloadError(done.left));
  const { weights: file, config: beside } = done.right;
  const digestOf = (path: string | undefined) => (path === undefined ? 'none' : sha256(readFileSync(path)));
  return { 'config.json': digestOf(beside?.path), 'model.safetensors': digestOf(file.path) };
};

const inPython = async (python: string, mode: 'fetch' | 'find', hub: Hub, cache: string) =>
  (await runScript(python, 'hub_cache.py', mode, hub.address, join(cache, 'hub'), ...names)) as Record<
    string,
    string
  >;

/** Both directions, against a hub on this machine. */
export const toHubCache = async (python: string, work: string): Promise<Group> => {
  const ends: (() => void)[] = [];
  const hub = await startHub(
    { teardown: (end) => void ends.push(end as () => void) },
    { 'config.json': config, 'model.safetensors': weights },
  );
  const [theirs, ours] = [join(work, 'cache-of-python'), join(work, 'cache-of-renga')];
  try {
    return {
      title: 'One cache for both',
      doc: "Files of a hub that one side fetched are found by the other without a network, in the hub's cache layout.",
      findings: [
        await finding('fetched by huggingface_hub, found by renga', async () => {
          await inPython(python, 'fetch', hub, theirs);
          return compareDigests(await fetchHere(hub, theirs, true));
        }),
        await finding('fetched by renga, found by huggingface_hub', async () => {
          await fetchHere(hub, ours, false);
          return compareDigests(await inPython(python, 'find', hub, ours));
        }),
      ],
    };
  } finally {
    ends.forEach((end) => end());
  }
};
