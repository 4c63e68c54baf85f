/** Problems of names, as data: every name that is left over, missing, or taken twice. */

/** One thing that keeps names from being translated. */
export type NameProblem =
  /** No rule knows the name. */
  | { readonly kind: 'leftOver'; readonly name: string; readonly nearest?: string }
  /** A rule's name is not there. */
  | { readonly kind: 'missing'; readonly name: string; readonly nearest?: string }
  /** Several names would become one. */
  | { readonly kind: 'clash'; readonly names: readonly string[]; readonly to: string }
  /** The array under a name is not what its rule expects. */
  | {
      readonly kind: 'array';
      readonly name: string;
      readonly found: string;
      readonly expected: string;
    }
  /** A rule that cannot be read, or that no name follows. */
  | { readonly kind: 'rule'; readonly rule: string; readonly problem: string };

export interface NamesError {
  readonly kind: 'names';
  readonly problems: readonly NameProblem[];
}

/** An error of some problems. */
export const namesError = (problems: readonly NameProblem[]): NamesError => ({ kind: 'names', problems });

const titles: Readonly<Record<NameProblem['kind'], string>> = {
  rule: 'wrong with the rules',
  leftOver: 'that no rule knows',
  missing: 'missing',
  clash: 'taken twice',
  array: 'not as their rule expects',
};

const suggestion = (nearest: string | undefined): string =>
  nearest === undefined ? '' : `; is it ${nearest}?`;

const showProblem = (problem: NameProblem): string => {
  switch (problem.kind) {
    case 'leftOver':
    case 'missing':
      return `${problem.name}${suggestion(problem.nearest)}`;
    case 'clash':
      return `${problem.to}: by ${problem.names.join(' and by ')}`;
    case 'array':
      return `${problem.name}: found ${problem.found}, expected ${problem.expected}`;
    case 'rule':
      return `${problem.rule}: ${problem.problem}`;
  }
};

/**
 * Tells the problems of names, as a person reads them.
 * @param most  names shown of each kind; the others are counted
 */
export const showNamesError = ({ problems }: NamesError, most = 10): string =>
  Object.entries(titles)
    .flatMap(([kind, title]) => {
      const found = problems.filter((problem) => problem.kind === kind);
      if (!found.length) return [];
      const more = found.length > most ? [`  … and ${found.length - most} more`] : [];
      const count = kind === 'rule' ? '' : `${found.length} ${found.length === 1 ? 'name' : 'names'} `;
      return [
        `${count}${title}:`,
        ...found.slice(0, most).map((problem) => `  ${showProblem(problem)}`),
        ...more,
      ];
    })
    .join('\n');
