/** A model's config, field by field and whole. */
import type { FieldDoc, ModelDocument } from '../../document.js';
import { codeBlock } from '../code.js';
import { html, type Html, type Inserted } from '../html.js';
import { path } from '../links.js';
import { inlineProse } from '../prose.js';
import { sectionOf } from '../section.js';
import { type Column, table } from '../table.js';

/** Longer values are shown in the JSON alone. */
const longestValue = 60;

const value = (json: unknown): Inserted => {
  if (json === undefined) return undefined;
  const text = JSON.stringify(json) ?? '';
  const shown = text.length > longestValue ? `${text.slice(0, longestValue - 1)}…` : text;
  return html`<code>${shown.split(/(?<=,)/).map((part, i) => html`${i > 0 && html`<wbr />`}${part}`)}</code>`;
};

const orElse = ({ presence, default: otherwise }: FieldDoc): Inserted =>
  presence === 'required'
    ? html`<em>required</em>`
    : otherwise === undefined
      ? html`<em>none</em>`
      : value(otherwise);

const columns: readonly Column[] = [
  { title: 'field', look: 'path' },
  { title: 'this model' },
  { title: 'default' },
  { title: 'type', look: 'type' },
  { title: 'meaning', look: 'words' },
];

const fields = (fields: readonly FieldDoc[]): Html =>
  table(
    'Fields of the config',
    columns,
    fields.map((field) => [
      path(field.path),
      value(field.value) ?? html`<em>left out</em>`,
      orElse(field),
      field.type,
      html`${inlineProse(field.meaning)}
      ${field.source !== undefined && html`<small>${inlineProse(field.source)}</small>`}`,
    ]),
  );

export const config = (document: ModelDocument) => {
  const whole = document.config;
  return sectionOf(
    'config',
    'Config',
    html`${document.fields.length > 0 && fields(document.fields)}${
      whole !== undefined && codeBlock(JSON.stringify(whole, null, 2), 'json', 'Config as JSON')
    }`,
    document.fields.length > 0 || whole !== undefined,
  );
};
