/** The arrows that have to point up so that all others can point down. */

interface Step {
  readonly from: string;
  readonly to: string;
}

/**
 * Pairs whose arrows close a cycle, as JSON of `[from, to]`, when things are visited in the order in which they come.
 */
export const backwards = (steps: readonly Step[]): ReadonlySet<string> => {
  const next = new Map<string, Set<string>>();
  for (const { from, to } of steps) next.set(from, (next.get(from) ?? new Set()).add(to));
  const state = new Map<string, 'done' | 'open'>();
  const found = new Set<string>();
  const visit = (id: string): void => {
    state.set(id, 'open');
    for (const to of next.get(id) ?? [])
      if (state.get(to) === 'open') found.add(JSON.stringify([id, to]));
      else if (!state.has(to)) visit(to);
    state.set(id, 'done');
  };
  for (const id of next.keys()) if (!state.has(id)) visit(id);
  return found;
};
