/** The texts of a drawing, and the room that each takes. */
import { textWidth } from '../../../../lib/docs/svg/textWidth.js';

export interface Room {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface DrawnText extends Room {
  readonly text: string;
}

/** Tells if two rectangles share more than an edge. */
export const overlap = (a: Room, b: Room): boolean =>
  a.x + 0.01 < b.x + b.width &&
  b.x + 0.01 < a.x + a.width &&
  a.y + 0.01 < b.y + b.height &&
  b.y + 0.01 < a.y + a.height;

const fonts: Readonly<Record<string, readonly [face: 'mono' | 'sans', size: number]>> = {
  name: ['mono', 13],
  title: ['mono', 12],
  label: ['mono', 12],
  heading: ['sans', 15],
};

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

const attribute = (attributes: string, name: string): string | undefined =>
  new RegExp(`(?:^| )${name}="([^"]*)"`).exec(attributes)?.[1];

/** All texts of an SVG; letters reach from 0.8 of their size above the line to 0.2 below. */
export const drawnTexts = (svg: string): readonly DrawnText[] =>
  [...svg.matchAll(/<text ([^>]*)>([^<]*)<\/text>/g)].map(([, attributes, escaped]) => {
    const text = escaped.replace(/&([a-z#0-9]+);/g, (_, name: string) => entities[name]);
    const [face, size] = fonts[attribute(attributes, 'class') ?? ''] ?? ['sans', 11];
    const width = textWidth(text, face, size);
    const anchor = attribute(attributes, 'text-anchor');
    const before = anchor === 'middle' ? width / 2 : anchor === 'end' ? width : 0;
    const [x, y] = [Number(attribute(attributes, 'x')), Number(attribute(attributes, 'y'))];
    return { text, x: x - before, y: y - 0.8 * size, width, height: size };
  });

/** Pairs of rooms that overlap, for a test's message. */
export const overlaps = <A extends Room>(rooms: readonly A[]): readonly (readonly [A, A])[] =>
  rooms.flatMap((a, i) => rooms.slice(i + 1).flatMap((b) => (overlap(a, b) ? [[a, b] as const] : [])));

export const isWithin = (inner: Room, outer: Room): boolean =>
  inner.x >= outer.x - 0.01 &&
  inner.y >= outer.y - 0.01 &&
  inner.x + inner.width <= outer.x + outer.width + 0.01 &&
  inner.y + inner.height <= outer.y + outer.height + 0.01;

export const viewBox = (svg: string): Room => {
  const [x, y, width, height] = /viewBox="([^"]*)"/.exec(svg)![1].split(' ').map(Number);
  return { x, y, width, height };
};

/** Markup that a page's strict policy or XML forbids. */
export const faults = (svg: string): readonly string[] => {
  const open: string[] = [];
  const found: string[] = [];
  for (const [, end, name, rest] of svg.matchAll(/<(\/?)([a-z]+)((?:"[^"]*"|[^">])*)>/g)) {
    if (end) {
      const opened = open.pop();
      if (opened !== name) found.push(`</${name}> ends <${opened}>`);
    } else if (!rest.endsWith('/')) open.push(name);
    if (/ style=/.test(rest)) found.push(`<${name}> has a style`);
    if (/ on[a-z]+=/.test(rest) || name === 'script') found.push(`<${name}> runs something`);
  }
  const ids = [...svg.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
  if (new Set(ids).size < ids.length) found.push('an id stands twice');
  if (/NaN|undefined|Infinity/.test(svg)) found.push('a number is none');
  if (/&(?!(amp|lt|gt|quot|#39);)/.test(svg.replace(/<style>.*?<\/style>/s, ''))) found.push('a bare &');
  return [...found, ...open.map((name) => `<${name}> has no end`)];
};
