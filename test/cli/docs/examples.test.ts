/**
 * Examples of the small trained models on pages: computed, described correctly, and fit for pages that forbid
 * scripts.
 */
import { readFileSync } from 'node:fs';
import { PNG } from 'pngjs';
import t from 'tap';
import { examplesOf, exampleStyle } from '../../../cli/docs/examples.js';
import { toFloat32 } from '../../../lib/data/array.js';
import { parseNpz } from '../../../lib/checkpoint/index.js';
import { heldOutDigits } from '../../../presets/digits/verify.js';

const [digits] = await examplesOf('digits');
const [words] = await examplesOf('words');

const heldOut = (() => {
  const parsed = parseNpz(readFileSync(heldOutDigits));
  if (parsed._tag === 'Left') throw new Error('the held-out digits cannot be read');
  const [images, logits] = ['images', 'logits'].map((name) => toFloat32(parsed.right.get(name)!));
  const labels = Array.from(parsed.right.get('labels')!.data, Number);
  return { images, logits, labels };
})();

/** The grey values of an 8 × 8 picture in a page, from 0 to 1. */
const greyIn = (uri: string): number[] => {
  const { data, width, height } = PNG.sync.read(Buffer.from(uri, 'base64'));
  const factor = width / 8;
  if (width !== 80 || height !== 80) throw new Error(`a picture of ${width} × ${height} pixels`);
  return Array.from({ length: 64 }, (_, i) => data[4 * factor * (Math.floor(i / 8) * width + (i % 8))] / 255);
};

/** The index of a held-out picture. */
const heldOutAt = (pixels: readonly number[]): number =>
  heldOut.labels.findIndex((_, i) =>
    pixels.every((p, at) => Math.abs(p - heldOut.images[64 * i + at]) < 0.01),
  );

const pages = { digits, words };

for (const [name, { html, markdown }] of Object.entries(pages))
  t.test(`${name}: a page with a strict policy takes it, and every class has a style`, async (t) => {
    t.notMatch(html, / style=|<script|<style| on[a-z]+=|javascript:/);
    t.notMatch(html, /src="(?!data:image\/png;base64,)/);
    t.notMatch(html, /undefined|NaN|Infinity/);
    t.notMatch(markdown, /undefined|NaN|Infinity/);
    for (const [tag] of html.matchAll(/<(?:img|svg)\b[^>]*>/g)) t.match(tag, / (alt|aria-label)="[^"]+"/);
    const classes = new Set([...html.matchAll(/class="([^"]+)"/g)].flatMap(([, names]) => names.split(' ')));
    for (const each of classes) t.match(exampleStyle, `.${each}`, each);
    const opened = html.match(/<(?!img|rect|br|\/)[a-z]+/g)!.length;
    t.equal(html.match(/<\/[a-z]+>/g)!.length, opened, 'all that is opened is closed');
  });

t.test('eight held-out digits, one of them wrong, with the probabilities of the original', async (t) => {
  const cards = digits.html.split('<li>').slice(1);
  t.equal(cards.length, 8);
  const verdicts = cards.map((card) => {
    const [[, picture], [, map]] = [...card.matchAll(/base64,([^"]+)"/g)];
    t.not(picture, map);
    const at = heldOutAt(greyIn(picture));
    t.ok(at >= 0, 'the picture is a held-out one');
    const logits = Array.from(heldOut.logits.subarray(10 * at, 10 * at + 10));
    const largest = Math.max(...logits);
    const sum = logits.reduce((total, logit) => total + Math.exp(logit - largest), 0);
    const guess = logits.indexOf(largest);
    const [, said, sure] = /<strong>(\d)<\/strong>, (\d+\.\d) % sure/.exec(card)!;
    t.equal(Number(said), guess);
    t.ok(Math.abs(Number(sure) - 100 / sum) < 0.1);
    const heights = [...card.matchAll(/<rect [^>]*height="([^"]+)"/g)].map(([, height]) => Number(height));
    t.equal(heights.indexOf(Math.max(...heights)), guess, 'its bar is the highest');
    t.equal(
      /wrong, it is (\d)/.exec(card)?.[1],
      guess === heldOut.labels[at] ? undefined : `${heldOut.labels[at]}`,
    );
    return guess === heldOut.labels[at];
  });
  t.same(verdicts, [...Array<boolean>(7).fill(true), false]);
  t.equal(digits.markdown.match(/^\| \d \| \d \| \d+\.\d % \|/gm)?.length, 8);
});

t.test('held-out texts: right and wrong blanks are told apart, and counted', async (t) => {
  const items = words.html.split('<li>').slice(1);
  t.equal(items.length, 5);
  const [, hits, all] = /(\d+) of these (\d+) blanks are right/.exec(words.html)!.map(Number);
  const wrong = words.html.match(/class="[^"]*\bblank wrong"/g)!.length;
  const blanks = words.html.match(/class="byte sure-\d[^"]*\bblank\b[^"]*"/g)!.length;
  t.same([blanks, wrong], [all, all - hits]);
  t.ok(hits > 0 && wrong > 0);
  t.equal(words.html.match(/\(was&nbsp;/g)!.length, wrong);
  t.equal(words.markdown.match(/ ✗(,| \|)/g)!.length, wrong);
  for (const item of items) {
    const shares = [...item.matchAll(/(\d+\.\d) % of the attention/g)].map(([, share]) => Number(share));
    t.ok(Math.abs(shares.reduce((a, b) => a + b) - 100) < 0.05 * shares.length);
    t.match(item, /heat-9/);
  }
  t.match(words.markdown, '| `_tl_ntic spiny dogfish: __str_ctive dogfish of t__ Atla_tic coas` |');
});

t.test('large models show what the small one of their kind does; others show nothing', async (t) => {
  const [fourier] = await examplesOf('imagenet-fourier');
  t.equal(fourier.html, digits.html);
  t.match(fourier.title, 'small');
  const [language] = await examplesOf('language');
  t.equal(language.html, words.html);
  for (const name of ['flow', 'multimodal', 'starcraft']) t.same(await examplesOf(name), []);
});
