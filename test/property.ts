/**
 * fast-check with the same examples in each run of the tests, so that their outcome is the code's alone. `npm run properties`
 * tries others, and more of them: the number of runs in `RENGA_PROPERTIES`, for properties that name no seed.
 */
import fastCheck, { type Parameters } from 'fast-check';

export * from 'fast-check';

const runs = Number(process.env.RENGA_PROPERTIES ?? 0);

if (runs === 0) fastCheck.configureGlobal({ seed: 1 });

/** fast-check's `assert`, with more runs where they are asked for. */
export const assert = ((property: never, parameters: Parameters<never> = {}) =>
  fastCheck.assert(
    property,
    runs > 0 && parameters.seed === undefined
      ? { ...parameters, numRuns: Math.max(runs, parameters.numRuns ?? 0) }
      : parameters,
  )) as typeof fastCheck.assert;
