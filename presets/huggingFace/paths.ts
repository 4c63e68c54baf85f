/** Parts of configs by path: `encoder.numLatents`. */
import { isRecord } from '../../lib/data/nest.js';

type Json = Readonly<Record<string, unknown>>;

/** What a config has at a path; null is nothing. */
export const valueAt = (config: unknown, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>(
      (part, name) => (isRecord(part) && Object.hasOwn(part, name) ? (part[name] ?? undefined) : undefined),
      config,
    );

/** The config with another value at a path; what is not there on the way is made. */
export const withValueAt = (config: Json, path: string, value: unknown): Json => {
  const [name, ...rest] = path.split('.');
  const inner = Object.hasOwn(config, name) && isRecord(config[name]) ? config[name] : {};
  return { ...config, [name]: rest.length ? withValueAt(inner, rest.join('.'), value) : value };
};

/** Every value of a config that is no record, with its path. */
export const leavesOf = (config: object, at = ''): readonly (readonly [path: string, value: unknown])[] =>
  Object.entries(config).flatMap(([name, value]) => {
    const path = at === '' ? name : `${at}.${name}`;
    return isRecord(value) ? leavesOf(value, path) : [[path, value ?? undefined] as const];
  });

/** Whether two values are the same as JSON. */
export const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
