/**
 * Answers of the digits model to eight pictures that it never saw, one of them wrong, with probabilities and
 * attention.
 */
import { toFloat32 } from '../../lib/data/array.js';
import type { Example } from '../../lib/docs/document.js';
import { showShare } from '../../lib/data/quantities.js';
import { attentionMap } from '../../presets/attentionMap.js';
import { digits } from '../../presets/digits/preset.js';
import type { Digit, GreyPicture } from '../../presets/digits/run.js';
import { heldOutDigits } from '../../presets/digits/verify.js';
import type { Picture } from '../../lib/media/picture.js';
import { showInputError } from '../../lib/data/inputError.js';
import type { Weights } from '../../lib/data/leaf.js';
import { engineRunner } from '../../lib/run/index.js';
import { screenPicture } from '../attend/image.js';
import { rowOf } from '../attend/look.js';
import { readArrays } from '../demo/readArrays.js';
import { runOrFail } from '../failure.js';
import { loadWeights } from '../load.js';
import { enlarged } from '../../lib/media/compose.js';
import { drawDigit } from '../drawDigit.js';
import { overlay } from '../../lib/media/overlay.js';
import { formatPng } from '../../lib/media/png.js';

const side = 8;
const numRight = 7;
/** Pixels that stand for one of a digit's. */
const factor = 10;

/** A held-out picture, and what the model makes of it. */
interface Sample {
  readonly picture: GreyPicture;
  readonly label: number;
  readonly found: Digit;
  readonly weights: Float32Array;
}

const model = digits();

/** The first picture of each of seven digits that the model gets right, and the first that it gets wrong. */
const chosen = (guesses: readonly number[], labels: readonly number[]): readonly number[] => {
  const firsts = new Map<number, number>();
  labels.forEach((label, i) => {
    if (guesses[i] === label && !firsts.has(label)) firsts.set(label, i);
  });
  const wrong = labels.findIndex((label, i) => guesses[i] !== label);
  const right = [...firsts].sort(([a], [b]) => a - b).filter(([label]) => label !== labels[wrong]);
  return [...right.slice(0, numRight).map(([, i]) => i), ...(wrong < 0 ? [] : [wrong])];
};

const indexOfLargest = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((best, value, i, all) => (value > all[best] ? i : best), 0);

const guessesOf = (logits: Float32Array): number[] =>
  Array.from({ length: logits.length / 10 }, (_, i) => indexOfLargest(logits.subarray(10 * i, 10 * (i + 1))));

const sampleOf = async (weights: Weights, picture: GreyPicture, label: number): Promise<Sample> => {
  const look = attentionMap(model, weights, picture, { layer: 'decoder' });
  const { output, maps } = await runOrFail(showInputError, look);
  return { picture, label, found: output, weights: rowOf(maps[0], 0) };
};

const samples = async (): Promise<readonly Sample[]> => {
  const weights = await loadWeights(model, {});
  const { images, labels } = await readArrays(heldOutDigits);
  await using runner = engineRunner(weights);
  const logits = await runner.run(model.network, [images]);
  const known = Array.from(labels.data, Number);
  const pixels = toFloat32(images);
  const found: Sample[] = [];
  for (const i of chosen(guessesOf(logits.data as Float32Array), known)) {
    const data = pixels.subarray(i * side * side, (i + 1) * side * side);
    found.push(await sampleOf(weights, { width: side, height: side, data }, known[i]));
  }
  return found;
};

const dataUri = (picture: Picture): string =>
  `data:image/png;base64,${Buffer.from(formatPng(picture)).toString('base64')}`;

const image = (picture: Picture, alt: string): string =>
  `<img src="${dataUri(picture)}" width="${side * factor}" height="${side * factor}" alt="${alt}">`;

/** The place of the largest weight in words, for those who do not see the picture. */
const whereMost = (weights: Float32Array): string => {
  const at = indexOfLargest(weights);
  return `row ${Math.floor(at / side) + 1}, column ${(at % side) + 1}`;
};

const [barStep, barHeight, textHeight] = [16, 40, 14];

/** A bar for each digit, as high as it is likely. */
const bars = ({ digit, probabilities }: Digit): string => {
  const said = Array.from(probabilities, (probability, i) => ({ i, probability }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, 3)
    .map(({ i, probability }) => `${i} ${showShare(probability)}`);
  const columns = Array.from(probabilities, (probability, i) => {
    const height = Math.max(0.5, barHeight * probability);
    const x = i * barStep + barStep / 2;
    const opacity = i === digit ? 1 : 0.45;
    return (
      `<rect x="${x - 5}" y="${(barHeight - height).toFixed(1)}" width="10" height="${height.toFixed(1)}" fill="currentColor" fill-opacity="${opacity}"/>` +
      `<text x="${x}" y="${barHeight + 11}" font-size="11" text-anchor="middle" fill="currentColor"${i === digit ? ' font-weight="700"' : ''}>${i}</text>`
    );
  });
  const size = `${10 * barStep} ${barHeight + textHeight}`;
  return `<svg viewBox="0 0 ${size}" role="img" aria-label="How likely: ${said.join(', ')}">${columns.join('')}</svg>`;
};

const verdict = ({ label, found }: Sample): string => {
  const sure = `${showShare(found.probabilities[found.digit])} sure`;
  return found.digit === label
    ? `<strong>${label}</strong>, ${sure}`
    : `<strong>${found.digit}</strong>, ${sure}: wrong, it is ${label}`;
};

const card = (sample: Sample): string => {
  const seen = enlarged(screenPicture(sample.picture), factor);
  const map = overlay(seen, { width: side, height: side, weights: sample.weights });
  return [
    '<li>',
    image(seen, `A handwritten ${sample.label}`),
    image(map, `Where the model looks: most at ${whereMost(sample.weights)}`),
    `<p>${verdict(sample)}</p>`,
    bars(sample.found),
    '</li>',
  ].join('');
};

/** The share of pixels with ink, and their share of the attention. */
const onInk = (all: readonly Sample[]): { readonly pixels: number; readonly attention: number } => {
  const each = all.flatMap(({ picture, weights }) =>
    Array.from(weights, (weight, i) => ({ weight, isInk: picture.data[i] > 0.5 })),
  );
  const ink = each.filter(({ isInk }) => isInk);
  const sum = ink.reduce((total, { weight }) => total + weight, 0);
  return { pixels: ink.length / each.length, attention: sum / all.length };
};

const html = (all: readonly Sample[]): string => {
  const { pixels, attention } = onInk(all);
  return [
    '<p>Pictures that were held out of the training: of each the picture, beside it where the answer looks, and how likely each digit is to the model. The last one it gets wrong.</p>',
    `<ul class="example-digits">${all.map(card).join('\n')}</ul>`,
    `<p>Bright is where most attention is: the decoder's to the latents, and theirs to the pixels. Of these pixels ${showShare(pixels)} are more ink than paper; they get ${showShare(attention)} of the attention, paper gets the rest.</p>`,
  ].join('\n');
};

/** Pictures as characters, four beside each other. */
const drawn = (all: readonly Sample[]): string => {
  const rows = [all.slice(0, 4), all.slice(4)].map((row) => {
    const pictures = row.map(({ picture }) => drawDigit(picture).split('\n'));
    return pictures[0].map((_, line) =>
      pictures
        .map((lines) => lines[line].padEnd(12))
        .join('')
        .trimEnd(),
    );
  });
  return rows.map((lines) => lines.join('\n')).join('\n\n');
};

const markdown = (all: readonly Sample[]): string =>
  [
    'Pictures that were held out of the training, as the model has them; the last one it gets wrong.',
    '',
    `\`\`\`text\n${drawn(all)}\n\`\`\``,
    '',
    '| is | taken for | how sure | looks most at |',
    '| --: | --: | --: | :-- |',
    ...all.map(
      ({ label, found, weights }) =>
        `| ${label} | ${found.digit} | ${showShare(found.probabilities[found.digit])} | ${whereMost(weights)} |`,
    ),
  ].join('\n');

/** Held-out digits, classified. */
export const digitExamples = async (): Promise<Omit<Example, 'title'>> => {
  const all = await samples();
  return { html: html(all), markdown: markdown(all) };
};
