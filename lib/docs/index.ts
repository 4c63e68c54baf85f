/**
 * Documentation of models, generated from the models themselves.
 */
export type {
  About,
  Difference,
  GrowthAxis,
  Loading,
  PublishedResult,
  Snippet,
  Sourced,
  TrainingFact,
} from './about.js';
export { evaluate, showArithmetic } from './arithmetic.js';
export type {
  Arithmetic,
  Arrow,
  Block,
  BlockGroup,
  Example,
  FieldDoc,
  Growth,
  GrowthPoint,
  LeafDoc,
  ModelDocument,
  Port,
  View,
  Width,
} from './document.js';
export type { Card, Growing, Sized, Subject } from './documentModel.js';
export { documentModel } from './documentModel.js';
