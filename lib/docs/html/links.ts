/**
 * Links from page to page and to the rest of the world, and paths of modules that break between lines. An address that a
 * browser would run, as `javascript:`, stays text.
 */
import { html, type Html, joined } from './html.js';

/** The way from one page of the site to another file of it: 'models/a.html' to 'style.css' is '../style.css'. */
export const pathFrom = (from: string, to: string): string => {
  const folders = from.split('/').slice(0, -1);
  const parts = to.split('/');
  const shared = folders.findIndex((folder, i) => folder !== parts[i]);
  const common = shared === -1 ? folders.length : shared;
  return '../'.repeat(folders.length - common) + parts.slice(common).map(encodeURIComponent).join('/');
};

const isOpened = (address: string): boolean => /^https?:\/\//i.test(address);

/** A link to somewhere else, or its text where the address is none. */
export const externalLink = (address: string, text: string = address): Html =>
  isOpened(address) ? html`<a href="${address}">${text}</a>` : html`${text}`;

/** A module's path, which may break after any slash, underscore or point; copied, it is the path. */
export const path = (text: string): Html => joined(text.split(/(?<=[/_.])/), html`<wbr />`);
