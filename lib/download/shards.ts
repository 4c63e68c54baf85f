/** The index of weights that are spread over several files: which files those are. */
import { readFile } from 'node:fs/promises';
import { refuse } from './error.js';
import { isPlainName } from './reference.js';

/** The files that an index on the disk names, each once; refused when it is no index. */
export const shardsOf = async (path: string, url: URL): Promise<readonly string[]> => {
  const names = new Set(Object.values(weightMap(await readFile(path, 'utf8'), url)));
  for (const name of names) {
    if (typeof name !== 'string' || !isPlainName(name) || !name.endsWith('.safetensors'))
      wrong(url, JSON.stringify(name), "the name of a .safetensors file in the index's folder");
  }
  return [...names] as string[];
};

const weightMap = (text: string, url: URL): object => {
  const index = parsed(text, url);
  const map =
    typeof index === 'object' && index !== null && 'weight_map' in index ? index.weight_map : undefined;
  if (typeof map !== 'object' || map === null || Array.isArray(map) || Object.keys(map).length === 0)
    return wrong(url, 'an index without weight_map', 'files by the names of their tensors');
  return map;
};

const parsed = (text: string, url: URL): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return wrong(url, 'no JSON', 'an index');
  }
};

const wrong = (url: URL, found: string, expected: string): never =>
  refuse({ kind: 'content', url: url.href, what: 'index', found, expected });
