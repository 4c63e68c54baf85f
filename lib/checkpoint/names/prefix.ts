/** Prefixes that PyTorch's wrappers put before every name of a model. */

const wrappers: readonly (readonly [prefix: string, by: string])[] = [
  ['module.', 'DataParallel'],
  ['_orig_mod.', 'torch.compile'],
  ['model.', 'a module that holds the model'],
];

/** The prefix that wrappers gave every name, as `module._orig_mod.`; empty where there is none. */
export const wrapperPrefix = (names: Iterable<string>): string => {
  let rest = [...names];
  let prefix = '';
  for (;;) {
    const found =
      rest.length === 0 ? undefined : wrappers.find(([each]) => rest.every((name) => name.startsWith(each)));
    if (!found) return prefix;
    prefix += found[0];
    rest = rest.map((name) => name.slice(found[0].length));
  }
};

/** A sentence about the prefix of names; undefined where they have none. */
export const notePrefix = (names: Iterable<string>): string | undefined => {
  const prefix = wrapperPrefix(names);
  if (prefix === '') return undefined;
  const by = wrappers.filter(([each]) => prefix.includes(each)).map(([, who]) => who);
  return `every name begins with ${prefix}, as ${by.join(' and ')} has it; Haiku's names are found without it`;
};
