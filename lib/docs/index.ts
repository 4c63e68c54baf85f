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
export type { Files, Format } from './formats.js';
export { formats } from './formats.js';
export { type Html, html } from './html/html.js';
export { indexPage } from './html/indexPage.js';
export { modelPage, modelPath } from './html/modelPage.js';
export type { NavigationEntry, Page, Site } from './html/shell.js';
export { shell } from './html/shell.js';
export { markdown } from './markdown.js';
export { modelCard } from './modelCard.js';
export type { SiteOptions } from './site.js';
export { site } from './site.js';
