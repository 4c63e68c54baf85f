/** Documents to draw pages of: a small one with all that a document may have, and one with names that mean harm. */
import type { ModelDocument } from '../../../lib/docs/document.js';

/** A small model of which everything is known. */
export const sample: ModelDocument = {
  name: 'sample',
  title: 'A sample',
  doc: 'A series of 50 readings to 4 forecasts.',
  sources: ['arXiv:2107.14795, section 4', 'https://example.org/paper'],
  notes: ['Widths are a choice of ours.'],
  checkpoint: { url: 'https://example.org/sample.pickle', license: 'CC BY 4.0' },
  inputs: [{ name: 'values', shape: ['batch', 50, 3], dtype: 'float32' }],
  outputs: [{ name: 'forecasts', shape: ['batch', 4], dtype: 'float32' }],
  parameters: 1234,
  flops: 5_000_000,
  bytes: { weights: 4936, activations: 20_000, activationsUntiled: 60_000 },
  views: [
    {
      depth: 1,
      blocks: [
        { id: 'a', kind: 'input', label: 'values', count: 1, repeats: 1, parameters: 0, flops: 0 },
        {
          id: 'b',
          kind: 'module',
          label: 'perceiver_encoder',
          path: 'perceiver_encoder',
          count: 1,
          repeats: 2,
          attention: 'cross',
          parameters: 1200,
          flops: 4_000_000,
        },
        { id: 'c', kind: 'output', label: 'forecasts', count: 1, repeats: 1, parameters: 0, flops: 0 },
      ],
      groups: [],
      arrows: [
        { from: 'a', to: 'b', shape: [50, 3], kind: 'data', as: 'keys and values' },
        { from: 'b', to: 'c', shape: [4], kind: 'data' },
      ],
    },
  ],
  widths: [
    {
      where: 'inputs of perceiver_encoder/~/cross_attention',
      axis: 'width',
      arithmetic: {
        kind: 'sum',
        size: 67,
        of: [
          { kind: 'size', size: 48, what: 'linear' },
          { kind: 'size', size: 19, what: 'positions' },
        ],
      },
      why: 'Readings beside where they are.',
    },
  ],
  modules: [
    {
      path: 'perceiver_encoder',
      config: {},
      calls: 1,
      inputs: [[1, 50, 67]],
      outputs: [[1, 32, 64]],
      parameters: 34,
      flops: 1_000_000,
      bytes: 136,
    },
    ...['self_attention', 'self_attention_1'].map((name) => ({
      path: `perceiver_encoder/~/${name}`,
      config: {},
      calls: 2,
      inputs: [[1, 32, 64]],
      outputs: [[1, 32, 64]],
      parameters: 600,
      flops: 2_000_000,
      bytes: 2400,
    })),
  ],
  leaves: [
    {
      module: 'perceiver_encoder',
      leaf: 'pos_embs',
      shape: [2, 17],
      initializer: 'truncatedNormal, stddev 0.02',
      count: 34,
      share: 34 / 1234,
    },
    ...['self_attention', 'self_attention_1'].map((name) => ({
      module: `perceiver_encoder/~/${name}`,
      leaf: 'w',
      shape: [20, 30],
      initializer: 'varianceScaling',
      count: 600,
      share: 600 / 1234,
    })),
  ],
  growth: {
    what: 'readings',
    published: 50,
    points: [25, 50, 100].map((size) => ({
      size,
      length: size,
      flops: 1e5 * size,
      bytes: 400 * size,
      transformer: { flops: 2e3 * size * size, bytes: 8 * size * size },
    })),
  },
  fields: [
    {
      path: 'encoder.numLatents',
      type: 'number',
      presence: 'required',
      value: 32,
      meaning: 'How many latents.',
      source: 'table 6',
    },
    {
      path: 'encoder.dropoutRate',
      type: 'number',
      presence: 'default',
      default: 0,
      meaning: 'How much is left out.',
    },
  ],
  config: { encoder: { numLatents: 32 } },
  about: {
    task: 'forecasting',
    summary: 'Looks at readings **wherever** they are.\n\nThen it says what comes next.',
    input: 'Readings in [-1, 1].',
    output: 'The next four.',
    loading: [
      { by: 'renga', snippet: { language: 'ts', code: 'const model = sample();\n' }, note: 'In Node.' },
    ],
    snippet: { language: 'ts', code: "console.log('<4>');\n" },
    results: [{ what: 'error', value: '0.1', source: 'arXiv:2107.14795, table 1' }],
    training: [
      { what: 'data', value: 'ImageNet, nothing else', source: 'arXiv:2107.14795' },
      { what: 'seed' },
    ],
    differences: [
      { what: 'FLOPs', said: 'Table 11: 113B', found: '120.9B', source: 'counted from the model' },
    ],
    uses: 'Forecasting.',
    limits: 'Not of weather.',
    license: { code: 'Apache-2.0', weights: 'CC BY 4.0 (somebody)' },
    citation: '@misc{sample,\n  title = {A sample}\n}',
  },
  examples: [{ title: 'A forecast', html: '<p class="forecast">1, 2, 3, 4</p>', markdown: '1, 2, 3, 4' }],
};

/** A hostile name. */
export const harm = `<script>alert("1")</script><img src=x onerror='alert(2)'>" onload="alert(3)`;

/** A model of which nobody wrote anything, and every name means harm. */
export const hostile: ModelDocument = {
  name: 'hostile',
  title: harm,
  doc: harm,
  sources: [harm, `javascript:alert(1)`, `https://example.org/"onclick="alert(1)`],
  notes: [harm],
  checkpoint: { url: 'javascript:alert(1)', license: harm },
  inputs: [{ name: harm, shape: [harm], dtype: harm }],
  outputs: [{ name: harm, shape: [1], dtype: 'float32' }],
  parameters: 1,
  flops: 1,
  bytes: { weights: 4, activations: 4, activationsUntiled: 4 },
  views: [
    {
      depth: 1,
      blocks: [
        { id: harm, kind: 'input', label: harm, count: 1, repeats: 1, parameters: 0, flops: 0 },
        { id: 'b', kind: 'module', label: harm, path: harm, count: 1, repeats: 1, parameters: 1, flops: 1 },
      ],
      groups: [],
      arrows: [{ from: harm, to: 'b', shape: [1], kind: 'data' }],
    },
  ],
  widths: [{ where: harm, axis: 'width', arithmetic: { kind: 'size', size: 1, what: harm }, why: harm }],
  modules: [
    { path: harm, config: {}, calls: 1, inputs: [[1]], outputs: [[1]], parameters: 1, flops: 1, bytes: 4 },
  ],
  leaves: [{ module: harm, leaf: harm, shape: [1], initializer: harm, count: 1, share: 1 }],
  fields: [
    { path: harm, type: harm, presence: 'default', default: harm, value: harm, meaning: harm, source: harm },
  ],
  config: { [harm]: harm },
  examples: [],
};

/** A model of which nothing is known but what is read off it. */
export const bare: ModelDocument = {
  ...sample,
  name: 'bare',
  title: 'A bare one',
  sources: [],
  notes: [],
  checkpoint: undefined,
  growth: undefined,
  fields: [],
  config: undefined,
  about: undefined,
  examples: [],
};
