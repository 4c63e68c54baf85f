/**
 * Links: from page to page, and out of plain text, where papers and addresses are named. An address that a browser
 * would run, as `javascript:`, stays text.
 */
import { escape, html, Html } from './html.js';

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

const named = /https?:\/\/[^\s<>"')\]]*[^\s<>"')\].,;:]|arXiv:\d{4}\.\d{4,5}|doi:10\.[^\s,;)]+[^\s,;).]/gi;

const addressOf = (found: string): string =>
  found.replace(/^arXiv:/i, 'https://arxiv.org/abs/').replace(/^doi:/i, 'https://doi.org/');

/** A text with its papers and addresses as links. */
export const linked = (text: string): Html => {
  const pieces: string[] = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(named)) {
    pieces.push(escape(text.slice(end, index)), externalLink(addressOf(found), found).toString());
    end = index + found.length;
  }
  return Html.trusted([...pieces, escape(text.slice(end))].join(''));
};
