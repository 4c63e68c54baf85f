/** Modules that are made of other modules: how those are declared before them. */
import type { Scope } from '../../lib/scope.js';
import type { HaikuPart } from './arguments.js';
import type { DeclarePart } from './haikuClass.js';

/** The option that holds a multimodal module's parts. */
export interface WithModalities {
  readonly modalities: Readonly<Record<string, HaikuPart>>;
}

/** Declares the parts of a module that has several of a kind, in the order in which they were given. */
export const declareEach = (
  s: Scope,
  parts: Readonly<Record<string, HaikuPart>>,
  declarePart: DeclarePart,
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, declarePart(s, part)]));
