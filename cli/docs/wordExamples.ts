/**
 * Answers of the words model to texts that it never saw: filled blanks, the probability of each byte, and the
 * attention for one of them.
 */
import type { Example } from '../../lib/docs/document.js';
import { escape } from '../../lib/docs/escape.js';
import { showShare } from '../../lib/data/quantities.js';
import { bytesTokenizer, specialTokens } from '../../modules/bytesTokenizer.js';
import { type AttentionMap, attentionMap } from '../../presets/attentionMap.js';
import { heldOutWords } from '../../presets/words/verify.js';
import type { FilledText } from '../../presets/language/run.js';
import { words } from '../../presets/words/preset.js';
import { showInputError } from '../../lib/data/inputError.js';
import type { Weights } from '../../lib/data/leaf.js';
import { bytesLine, type ByteCell, colourClass, type Scale } from '../attend/bytesLine.js';
import { rowOf } from '../attend/look.js';
import { attendedCells, surenessOf } from '../attend/text.js';
import { readArrays } from '../demo/readArrays.js';
import { runOrFail } from '../failure.js';
import { loadWeights } from '../load.js';

const numTexts = 5;
/** Blanks of a text that is shown: some, and few enough to be listed. */
const [fewest, mostBlanks] = [3, 9];
const special = Object.keys(specialTokens).length;
const space = bytesTokenizer.encode(' ')[0];

/** A held-out text: ids with masks for what is missing, and as it was. */
interface HeldOut {
  readonly ids: readonly number[];
  readonly was: readonly number[];
}

/** A held-out text, filled in. */
interface Sample extends HeldOut {
  readonly filled: FilledText;
  readonly map: AttentionMap;
}

const model = words();

const masksOf = (ids: readonly number[]): number => ids.filter((id) => id === specialTokens.mask).length;

/** The first held-out texts that have some blanks, on one line each. */
const heldOutTexts = async (): Promise<readonly HeldOut[]> => {
  const { inputs, mask, targets } = await readArrays(heldOutWords);
  const [count, length] = inputs.shape;
  const row = (data: ArrayLike<number | bigint | boolean>, i: number) =>
    Array.from(data)
      .slice(i * length, (i + 1) * length)
      .map(Number);
  const newLine = bytesTokenizer.encode('\n')[0];
  return Array.from({ length: count }, (_, i) => {
    const numBytes = row(mask.data, i).filter((is) => is).length;
    const [ids, was] = [inputs, targets].map(({ data }) => row(data, i).slice(0, numBytes));
    return { ids, was };
  })
    .filter(({ ids, was }) => masksOf(ids) >= fewest && masksOf(ids) <= mostBlanks && !was.includes(newLine))
    .slice(0, numTexts);
};

const textOf = (ids: readonly number[]): string => bytesTokenizer.decode(ids);

const withBlanks = (ids: readonly number[]): string =>
  textOf(ids.map((id) => (id === specialTokens.mask ? bytesTokenizer.encode('_')[0] : id)));

const sampleOf = async (weights: Weights, text: HeldOut): Promise<Sample> => {
  const look = attentionMap(model, weights, { text: withBlanks(text.ids) }, { layer: 'decoder' });
  const { output, maps } = await runOrFail(showInputError, look);
  return { ...text, filled: output, map: maps[0] };
};

const isRight = ({ filled, was }: Sample, i: number): boolean => filled.ids[i] === was[i];

/** A byte as people read it: its character, or what a space is called. */
const nameOf = (id: number): string => (id === space ? 'space' : textOf([id]));

const filledCells = (sample: Sample): ByteCell[] => {
  const sure = surenessOf(sample.filled);
  return sample.filled.ids.map((id, i) => {
    const probability = sure.get(i);
    if (probability === undefined) return { byte: id - special };
    const truth = isRight(sample, i) ? 'right' : `it was ${nameOf(sample.was[i])}`;
    return {
      byte: id - special,
      amount: probability,
      scale: 'sure',
      title: `${showShare(probability)} sure, ${truth}`,
      classes: isRight(sample, i) ? ['blank'] : ['blank', 'wrong'],
    };
  });
};

/** The blank of which is shown where the model looks: the one that it is surest of, of those that are no spaces. */
const surest = ({ filled }: Sample): number => {
  const blanks = [...surenessOf(filled)];
  const letters = blanks.filter(([i]) => filled.ids[i] !== space);
  return (letters.length ? letters : blanks).reduce((best, each) => (each[1] > best[1] ? each : best))[0];
};

const whole = (share: number): string => `${Math.round(100 * share)}&nbsp;%`;

const sureness = (sample: Sample): string =>
  [...surenessOf(sample.filled)]
    .map(([i, probability]) => {
      const truth = isRight(sample, i) ? '' : ` (was&nbsp;<b>${escape(nameOf(sample.was[i]))}</b>)`;
      return `<b>${escape(nameOf(sample.filled.ids[i]))}</b>&nbsp;${whole(probability)}${truth}`;
    })
    .join(' · ');

const line = (cells: readonly ByteCell[], said: string): string =>
  `<p class="bytes" role="img" aria-label="${escape(said)}">${bytesLine(cells)}</p>`;

const item = (sample: Sample): string => {
  const { filled, map } = sample;
  const at = surest(sample);
  const looked = attendedCells(filled, rowOf(map, at)).map((cell, i) => ({
    ...cell,
    classes: i === at ? ['blank'] : [],
  }));
  return [
    '<li>',
    line(filledCells(sample), `Filled in: ${filled.text}`),
    `<p>${sureness(sample)}</p>`,
    `<p>Where it looks for the <b>${escape(nameOf(filled.ids[at]))}</b> that is underlined:</p>`,
    line(looked, `Where it looks in: ${filled.text}`),
    '</li>',
  ].join('\n');
};

const legend = (scale: Scale, from: string, to: string): string =>
  `<span class="example-legend">${from} <span class="bytes" aria-hidden="true">${[0, 0.25, 0.5, 0.75, 1].map((amount) => `<span class="byte ${colourClass(amount, scale)}"></span>`).join('')}</span> ${to}</span>`;

/** The share of correct blanks, in words. */
const score = (all: readonly Sample[]): string => {
  const hits = all.flatMap((sample) => [...surenessOf(sample.filled).keys()].map((i) => isRight(sample, i)));
  return `${hits.filter(Boolean).length} of these ${hits.length} blanks are right`;
};

const html = (all: readonly Sample[]): string =>
  [
    `<p>Texts that were held out of the training, the first with ${fewest} to ${mostBlanks} missing bytes. Underlined bytes were blanks; where the line is dotted, another byte was there. ${score(all)}.</p>`,
    `<p>Blanks: ${legend('sure', 'unsure', 'sure')}. Attention: ${legend('heat', 'none', 'most')}, that of the output to the latents, and theirs to the bytes.</p>`,
    `<ul class="example-texts">\n${all.map(item).join('\n')}\n</ul>`,
  ].join('\n');

/** A text in a cell of a table, as code. */
const code = (text: string): string => `\`${text.replaceAll('`', "'").replaceAll('|', '\\|')}\``;

const surenessInMarkdown = (sample: Sample): string =>
  [...surenessOf(sample.filled)]
    .map(([i, p]) => `${code(nameOf(sample.filled.ids[i]))} ${showShare(p)}${isRight(sample, i) ? '' : ' ✗'}`)
    .join(', ');

const markdown = (all: readonly Sample[]): string =>
  [
    `Texts that were held out of the training, the first with ${fewest} to ${mostBlanks} missing bytes. ${score(all)}; ✗ marks the others.`,
    '',
    '| text | filled in | how sure |',
    '| :-- | :-- | :-- |',
    ...all.map(
      (sample) =>
        `| ${code(withBlanks(sample.ids))} | ${code(sample.filled.text)} | ${surenessInMarkdown(sample)} |`,
    ),
  ].join('\n');

/** Held-out texts, filled in. */
export const wordExamples = async (): Promise<Omit<Example, 'title'>> => {
  const weights = await loadWeights(model, {});
  const all: Sample[] = [];
  for (const text of await heldOutTexts()) all.push(await sampleOf(weights, text));
  return { html: html(all), markdown: markdown(all) };
};
