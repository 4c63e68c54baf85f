/**
 * The parts of a layer's page in the API reference that types do not tell: its options with meaning and default, from the
 * layer's config, and an example with the outputs that it gives.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import ts from 'typescript';
import { Config, type Field } from '../../lib/data/config.js';
import { codeBlock } from '../../lib/docs/html/code.js';
import { html, type Html, type Inserted } from '../../lib/docs/html/html.js';
import { path } from '../../lib/docs/html/links.js';
import { inlineProse } from '../../lib/docs/html/prose.js';
import { table } from '../../lib/docs/html/table.js';
import * as modules from '../../modules/index.js';
import { root } from '../pages.js';
import { examples } from './examples.js';

/** Layers that share a config with others. */
const shared: readonly (readonly [layer: RegExp, config: string])[] = [
  [/^conv\dd$/, 'convConfig'],
  [/^conv\ddTranspose$/, 'convTransposeConfig'],
  [/^depthwiseConv\dd$/, 'depthwiseConvConfig'],
  [/^selfAttend$/, 'attentionConfig'],
];

/** The config of a layer; undefined for layers without one. */
export const configOf = (layer: string): Config<Readonly<Record<string, Field<unknown>>>> | undefined => {
  const name = shared.find(([pattern]) => pattern.test(layer))?.[1] ?? `${layer}Config`;
  const found = (modules as Readonly<Record<string, unknown>>)[name];
  return found instanceof Config ? found : undefined;
};

const defaultOf = ({ presence, default: value }: Field<unknown>): Inserted => {
  if (presence === 'required') return html`<em>required</em>`;
  return value === undefined
    ? html`<em>none</em>`
    : html`<code>${inspect(value, { breakLength: Infinity })}</code>`;
};

const optionsOf = (layer: string): Html | undefined => {
  const config = configOf(layer);
  return (
    config &&
    html`<h4>Options</h4>
      ${table(
        `Options of ${layer}`,
        [
          { title: 'option', look: 'path' },
          { title: 'type', look: 'type' },
          { title: 'default' },
          { title: 'meaning', look: 'words' },
        ],
        Object.entries(config.fields).map(([name, field]) => [
          path(name),
          field.codec.name,
          defaultOf(field),
          html`${inlineProse(field.doc)}
          ${field.source !== undefined && html`<small>${inlineProse(field.source)}</small>`}`,
        ]),
      )}`
  );
};

/** Sources of the examples, by layer. */
const sources = ((): ReadonlyMap<string, string> => {
  const text = readFileSync(join(root, 'site', 'api', 'examples.ts'), 'utf8');
  const file = ts.createSourceFile('examples.ts', text, ts.ScriptTarget.Latest, true);
  const found = new Map<string, string>();
  const visit = (node: ts.Node): void => {
    if (
      ts.isPropertyAssignment(node) &&
      ts.isArrowFunction(node.initializer) &&
      node.parent.parent === declaration
    )
      found.set(node.name.getText(file), node.initializer.body.getText(file));
    else ts.forEachChild(node, visit);
  };
  const declaration = file.statements
    .filter(ts.isVariableStatement)
    .flatMap(({ declarationList }) => [...declarationList.declarations])
    .find(({ name }) => name.getText(file) === 'examples');
  ts.forEachChild(file, visit);
  return found;
})();

/** The imports that code needs. */
const importsOf = (code: string): string => {
  const names = [...new Set(code.match(/\b[a-zA-Z]\w*\b/g))];
  const layers = names.filter(
    (name) => name in modules && new RegExp(`(?<![.\\w])${name}(?=[(<,])`).test(code),
  );
  return [
    ...(names.includes('tf') ? ["import type * as tf from '@tensorflow/tfjs-core';"] : []),
    `import { outline${names.includes('Scope') ? ', type Scope' : ''} } from 'renga';`,
    `import { ${layers.sort().join(', ')} } from 'renga/modules';`,
  ].join('\n');
};

/** The lines of a text without the indent that all but the first have. */
const withoutIndent = (code: string): string => {
  const [first, ...rest] = code.split('\n');
  const indent = Math.min(...rest.filter(Boolean).map((line) => line.search(/\S/)));
  return [first, ...rest.map((line) => line.slice(indent))].join('\n');
};

/** A layer's example as a program, with its result in comments. */
export const exampleOf = (layer: string): string | undefined => {
  const [run, source] = [examples[layer], sources.get(layer)];
  if (run === undefined || source === undefined) return undefined;
  const result = inspect(run(), { depth: 9, breakLength: 90 }).replace(/^/gm, '// ');
  return `${importsOf(source)}\n\n${withoutIndent(source)};\n${result}`;
};

/** Options and example of a layer, as HTML; undefined for functions that have neither. */
export const layerSections = (layer: string): Html | undefined => {
  const [options, example] = [optionsOf(layer), exampleOf(layer)];
  if (options === undefined && example === undefined) return undefined;
  return html`<div class="layer">
    ${options}${
      example !== undefined &&
      html`<h4>Example</h4>
        ${codeBlock(example, 'ts')}`
    }
  </div>`;
};
