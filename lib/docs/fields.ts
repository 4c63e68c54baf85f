/**
 * A config field by field, from its codec: nested configs under their path, of a union the variant that is chosen.
 */
import type * as t from 'io-ts';
import { isRecord } from '../data/nest.js';
import { Config, type Field, Union } from '../data/config.js';
import type { FieldDoc } from './document.js';

type AnyField = Field<unknown, unknown>;

const rowsOf = (fields: Readonly<Record<string, AnyField>>, value: unknown, at: string): FieldDoc[] =>
  Object.entries(fields).flatMap(([name, field]) => {
    const path = at ? `${at}.${name}` : name;
    const found = isRecord(value) ? value[name] : undefined;
    const { codec } = field;
    if (codec instanceof Config) return rowsOf(codec.fields, found, path);
    const about = { presence: field.presence, meaning: field.doc, source: field.source };
    if (codec instanceof Union) {
      const kind = isRecord(found) ? found.kind : undefined;
      const variants = codec.variants as Readonly<Record<string, Config<Readonly<Record<string, AnyField>>>>>;
      const chosen = typeof kind === 'string' ? variants[kind] : undefined;
      const type = `'${Object.keys(variants).join("' or '")}'`;
      const row: FieldDoc = { path: `${path}.kind`, type, value: kind, ...about };
      return [row, ...(chosen ? rowsOf(chosen.fields, found, path) : [])];
    }
    return [{ path, type: codec.name, default: field.default, value: found, ...about }];
  });

/**
 * Every field of a config.
 * @param codec  what `config` or a preset's `codec` is; other codecs have no fields to tell of
 * @param value  the config, with its defaults filled in
 */
export const fieldsOf = (codec: t.Any | undefined, value: unknown): readonly FieldDoc[] =>
  codec instanceof Config ? rowsOf(codec.fields, value, '') : [];
