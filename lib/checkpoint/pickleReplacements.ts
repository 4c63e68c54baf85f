/**
 * Values in the place of arrays that turned out to be none: a pickle names an array first and tells its elements later,
 * so that whatever holds an array of Python objects holds it as an array until the pickle is read.
 */
import { FileArray } from './fileArray.js';
import { isContainer, type PickleContainer, type PickleValue } from './pickleValue.js';

/** A value and all that it holds, with the replacements of arrays; every container is looked at once. */
export const replaced = (root: PickleValue, refuse: (problem: string) => never): PickleValue => {
  const final = (value: PickleValue): PickleValue => {
    let current = value;
    for (let hops = 0; current instanceof FileArray && current.replacement; hops++) {
      if (hops > mostHops) return refuse('a structure that contains itself: cyclic');
      current = current.replacement.value as PickleValue;
    }
    return current;
  };
  const seen = new Set<PickleContainer>();
  const waiting: PickleContainer[] = [];
  const take = (value: PickleValue): PickleValue => {
    const found = final(value);
    if (isContainer(found) && !seen.has(found)) {
      seen.add(found);
      waiting.push(found);
    }
    return found;
  };
  const result = take(root);
  for (let container = waiting.pop(); container; container = waiting.pop()) replaceWithin(container, take);
  return result;
};

/** Arrays of Python objects within each other. */
const mostHops = 100;

const replaceWithin = (container: PickleContainer, take: (value: PickleValue) => PickleValue): void => {
  if (container.kind === 'dict') {
    for (const [key, value] of container.entries) {
      take(key);
      const found = take(value);
      if (found !== value) container.entries.set(key, found);
    }
    return;
  }
  const values = ('fields' in container ? container.fields : container.items) as PickleValue[];
  for (let i = 0; i < values.length; i++) {
    const found = take(values[i]);
    if (found !== values[i]) values[i] = found;
  }
};
