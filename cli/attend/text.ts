/** The attention of a language model to the bytes of a text, as a page. */
import { escape } from '../../lib/docs/escape.js';
import { counted, showShare } from '../../lib/data/quantities.js';
import { specialTokens } from '../../modules/bytesTokenizer.js';
import type { AttentionMap } from '../../presets/attentionMap.js';
import type { Blanks, FilledText } from '../../presets/language/run.js';
import { tokenize } from '../../presets/language/run.js';
import type { PresetsOf } from '../../presets/registry.js';
import { showInputError } from '../../lib/data/inputError.js';
import { runOrFail } from '../failure.js';
import type { Input } from '../inputs.js';
import type { ModelNamed } from '../load.js';
import { writeBytes } from '../../lib/files/bytes.js';

import { bytesLine, bytesStyle, type ByteCell, hex, numHeats } from './bytesLine.js';
import { look, type LookOptions, mostOf, rowOf } from './look.js';
import type { Shown } from './shown.js';

const special = Object.keys(specialTokens).length;

/** Probabilities of the filled bytes, by position. */
export const surenessOf = ({ spans }: FilledText): ReadonlyMap<number, number> =>
  new Map(spans.flatMap(({ start, probabilities }) => probabilities.map((p, i) => [start + i, p] as const)));

/** A text filled in, coloured by weights of its bytes; blanks are marked. */
export const attendedCells = (
  { ids, ...filled }: FilledText,
  weights: Float32Array,
  top = weights.reduce((a, b) => Math.max(a, b), 0),
): ByteCell[] => {
  const blanks = surenessOf({ ids, ...filled });
  return ids.map((id, i) => {
    const byte = id - special;
    const isBlank = blanks.has(i);
    const what = isBlank ? `blank ${i}, filled with ${hex(byte)}` : `byte ${i}, ${hex(byte)}`;
    return {
      byte,
      amount: weights[i] / (top || 1),
      title: `${what}: ${showShare(weights[i])} of the attention`,
      classes: isBlank ? ['blank'] : [],
    };
  });
};

const style = `
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.3rem; } h2 { font-size: 1.05rem; margin-top: 2rem; }
table { border-collapse: collapse; } th, td { text-align: left; padding: 0.15rem 1.5rem 0.15rem 0; font-weight: 400; }
thead th { font-weight: 600; } td.number { text-align: right; font-variant-numeric: tabular-nums; }
code { overflow-wrap: anywhere; }
span.legend { white-space: nowrap; } span.legend .bytes .byte { margin: 0; }
p.bytes { margin: 0.5rem 0; }
${bytesStyle}
`;

const legend = `<p>Each byte's colour is its share of the attention:
<span class="legend">none <span class="bytes" aria-hidden="true">${Array.from({ length: numHeats }, (_, i) => `<span class="byte heat-${i}"></span>`).join('')}</span> most</span>.
Bytes with a line below were blanks.</p>`;

const blankRow = (filled: FilledText, position: number, probability: number): string => {
  const byte = filled.ids[position] - special;
  return `<tr><td class="number">${position}</td><td><span class="bytes">${bytesLine([{ byte }])}</span></td><td class="number">${showShare(probability)}</td></tr>`;
};

/** A part of the page: the attention of one query, or of all. */
interface Section {
  readonly title: string;
  readonly weights: Float32Array;
}

/** One section for the encoder, or one for each blank for the decoder. */
const sectionsOf = (map: AttentionMap, filled: FilledText, query: number | undefined): readonly Section[] => {
  const { layer, weights } = map;
  if (layer.by === undefined)
    return [
      {
        title: query === undefined ? 'What the latents look at, on average' : `What latent ${query} looks at`,
        weights: rowOf(map, 0),
      },
    ];
  const rows = weights.shape[0];
  const positions = query === undefined ? [...surenessOf(filled).keys()] : [query];
  return positions.map((position) => ({
    title: `What byte ${position} looks at, by way of the latents`,
    weights: rowOf(map, rows === 1 ? 0 : position),
  }));
};

/** The whole page, which needs no other file. */
const pageOf = (name: string, layer: string, filled: FilledText, sections: readonly Section[]): string => {
  const blanks = [...surenessOf(filled)];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Where ${escape(name)} looks</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>Where <code>${escape(name)}</code> looks</h1>
<p>Layer <code>${escape(layer).replaceAll('/', '/<wbr>')}</code>.</p>
${legend}
${sections.map(({ title, weights }) => `<h2>${escape(title)}</h2>\n<p class="bytes">${bytesLine(attendedCells(filled, weights))}</p>`).join('\n')}
<h2>The blanks</h2>
<table>
<thead><tr><th scope="col">byte</th><th scope="col">filled with</th><th scope="col">how sure</th></tr></thead>
<tbody>
${blanks.map(([position, probability]) => blankRow(filled, position, probability)).join('\n')}
</tbody>
</table>
</main>
</body>
</html>
`;
};

/** Attention of a language model. */
export const attendText = async (
  model: ModelNamed<PresetsOf<'fill-mask'>>,
  [input]: readonly Input[],
  { blank, ...options }: LookOptions & { readonly out: string; readonly blank?: string },
): Promise<Shown> => {
  const text = new TextDecoder().decode(await runOrFail(showInputError, input.bytes));
  const blanks: Blanks = { text, blank };
  const { output, maps } = await look(model, blanks, options);
  const sections = sectionsOf(maps[0], output, options.map.query);
  const page = pageOf(model.card.name, maps[0].layer.path, output, sections);
  await runOrFail(showInputError, writeBytes(options.out, new TextEncoder().encode(page)));
  const { length } = tokenize(blanks);
  const bytes = ({ title, weights }: Section) => ({
    title,
    weights: Array.from(weights.subarray(0, length)),
  });
  return {
    line: output.text,
    layer: maps[0].layer,
    json: { layer: maps[0].layer.path, text: output.text, spans: output.spans, maps: sections.map(bytes) },
    lines: [
      output.text,
      ...(sections.length === 1
        ? [`at most ${mostOf(sections[0].weights, length).toFixed(2)} times an even share of ${length} bytes`]
        : [`${counted(sections.length, 'blank')}, each with what it looks at`]),
    ],
  };
};
