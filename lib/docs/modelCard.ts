/**
 * A model card as Hugging Face's site reads it: a header in YAML, then details, uses, limits, training as published and
 * what of it never was, results, technical specification, and where cards in circulation err.
 */
import type { About } from './about.js';
import type { ModelDocument } from './document.js';
import {
  costText,
  differencesText,
  flowText,
  loadingText,
  resultsText,
  sidesText,
  trainingText,
  widthsText,
} from './markdownParts.js';
import {
  addressText,
  codeBlockText,
  codeText,
  paragraphs,
  plainText,
  tableText,
  under,
  withoutHtml,
} from './markdownText.js';
import { grouped, showBytes, showFlops } from '../data/quantities.js';

type Yaml = string | number | readonly string[] | undefined;

/** JSON's strings are YAML's strings in quotes, whatever is in them. */
const yaml = (fields: Readonly<Record<string, Yaml>>): string =>
  Object.entries(fields)
    .filter(([, value]) => value !== undefined && (!Array.isArray(value) || value.length > 0))
    .map(([name, value]) =>
      Array.isArray(value)
        ? `${name}:\n${value.map((item) => `  - ${JSON.stringify(item)}`).join('\n')}`
        : `${name}: ${JSON.stringify(value)}`,
    )
    .join('\n');

const licences: readonly (readonly [RegExp, string])[] = [
  [/CC[ -]BY[ -]4\.0/i, 'cc-by-4.0'],
  [/Apache/i, 'apache-2.0'],
  [/\bMIT\b/, 'mit'],
];

/** A licence as the site calls it. */
const licenceFields = (licence: string | undefined): Record<string, Yaml> => {
  if (licence === undefined) return {};
  const known = licences.find(([pattern]) => pattern.test(licence));
  return known ? { license: known[1] } : { license: 'other', license_name: licence };
};

/** Tasks as the site calls them. */
const tasks: readonly (readonly [RegExp, string])[] = [
  [/masked language/i, 'fill-mask'],
  [/(image|picture|digit).*classif|classif.*(image|picture|digit)/i, 'image-classification'],
  [/video/i, 'video-classification'],
  [/forecast/i, 'time-series-forecasting'],
];

/** Sets of data as the site calls them. */
const sets: readonly (readonly [RegExp, string])[] = [
  [/\bImageNet\b/, 'imagenet-1k'],
  [/\bC4\b/, 'c4'],
  [/\bWikipedia\b/, 'wikipedia'],
  [/\bKinetics[- ]700/, 'kinetics-700-2020'],
];

const setsOf = (about: About | undefined): readonly string[] => {
  const data = (about?.training ?? []).filter(({ what }) => /\bdata\b/i.test(what));
  return sets
    .filter(([pattern]) => data.some(({ value }) => value && pattern.test(value)))
    .map(([, id]) => id);
};

const weightsLicence = ({ about, checkpoint }: ModelDocument): string | undefined =>
  about?.license.weights ?? checkpoint?.license;

const header = (document: ModelDocument): string => {
  const { about, name, title } = document;
  const task = about?.task;
  return yaml({
    ...licenceFields(weightsLicence(document) ?? about?.license.code),
    library_name: 'renga',
    pipeline_tag: task && tasks.find(([pattern]) => pattern.test(task))?.[1],
    tags: [
      'renga',
      ...(/perceiver/i.test(`${title} ${about?.summary ?? ''} ${about?.citation ?? ''}`)
        ? ['perceiver']
        : []),
      name,
    ],
    datasets: setsOf(about),
  });
};

const specification = (document: ModelDocument): string => {
  const { parameters, flops, bytes, leaves } = document;
  return tableText(
    ['', 'measured on the model itself:'],
    [
      ['parameters', grouped(parameters)],
      ['leaves of the parameter tree', grouped(leaves.length)],
      ['size in float32', showBytes(bytes.weights)],
      ['operations of one example, multiplications and additions counted apart', showFlops(flops)],
      ['activations at their peak', showBytes(bytes.activations)],
      ['the same, if attention held all its scores', showBytes(bytes.activationsUntiled)],
    ],
  );
};

/** Names of what nobody published, so that nobody looks for it. */
const unpublished = (about: About | undefined): string => {
  const missing = (about?.training ?? []).filter(({ value }) => value === undefined).map(({ what }) => what);
  return missing.length ? `Never published: ${missing.join('; ')}.` : '';
};

const details = ({ about, name, checkpoint, sources }: ModelDocument): string =>
  [
    `- **Name**: ${codeText(name)}`,
    about && `- **Task**: ${about.task}`,
    `- **Licence of the weights**: ${plainText(about?.license.weights ?? checkpoint?.license ?? 'no weights were published')}`,
    about && `- **Licence of the code**: ${about.license.code}`,
    checkpoint && `- **Weights**: ${addressText(checkpoint.url)}`,
    ...sources.map((source) => `- **Source**: ${withoutHtml(source)}`),
  ]
    .filter(Boolean)
    .join('\n');

/** A model card, whole. */
export const modelCard = (document: ModelDocument): string => {
  const { about, title, doc, notes, config } = document;
  return `---\n${header(document)}\n---\n\n${paragraphs(
    `# ${plainText(title)}`,
    about?.summary ?? withoutHtml(doc),
    costText(document),
    under('## Model details', details(document)),
    under('## Input and output', sidesText(document, '###')),
    under('## Uses', about?.uses),
    under('## Limits', about?.limits, notes.map((note) => `- ${withoutHtml(note)}`).join('\n')),
    under('## How to load it', loadingText(document, '###')),
    under('## How to run it', about && codeBlockText(about.snippet.code, about.snippet.language)),
    under('## Training, as published', trainingText(about), unpublished(about)),
    under('## Results, as published', resultsText(about)),
    under(
      '## Technical specification',
      specification(document),
      under('### Flow', flowText(document)),
      under('### Widths', widthsText(document)),
      config !== undefined && under('### Config', codeBlockText(JSON.stringify(config, null, 2), 'json')),
    ),
    under('## Where cards and papers in circulation err, and why', differencesText(about)),
    under('## Citation', about && codeBlockText(about.citation, 'bibtex')),
  )}\n`;
};
