/**
 * Statements about presets are true: figures are those of the models, code compiles and prints as promised, commands
 * are accepted, models build at every charted size.
 */
import { basename, join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import t from 'tap';
import { showDigits } from '../../cli/demo/digits.js';
import { showMotion } from '../../cli/demo/motion.js';
import { digitToneResults } from '../../cli/demo/digitTones.js';
import { showWords } from '../../cli/demo/words.js';
import type { About, Snippet } from '../../lib/docs/about.js';
import { summary } from '../../lib/graph/index.js';
import { engine } from '../../lib/index.js';
import { abouts } from './abouts.js';
import type { AnyModel, AnyPreset } from '../../presets/preset.js';
import { networks } from './networks.js';
import { families } from '../../presets/huggingFace/families.js';
import { presets, recipes } from '../../presets/index.js';
import { rengaInTurn } from '../cli/run.js';
import { grouped, showShare } from '../../lib/data/quantities.js';
import { commandsOf, compile, fillProject, keeps, logsOf, run } from '../snippets.js';

const all = Object.entries(abouts) as readonly (readonly [keyof typeof presets, About])[];

/** One of each network: variants have the same code, and the same chart. */
const distinct = networks.map(([name]) => [name, abouts[name]] as const);
const preset = (name: keyof typeof presets): AnyPreset => presets[name] as AnyPreset;

/** Everything that is said of a model. */
const textOf = (about: About): string => JSON.stringify(about);

/** A figure as texts have it. */
const billions = (n: number, digits = 1): string =>
  (n / 1e9).toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });

const summaryOf = ({ network, inputs }: Pick<AnyModel, 'network' | 'inputs'>) => summary(network, inputs);

t.test('every preset is written of, and nothing else', async (t) => {
  t.same(Object.keys(abouts), Object.keys(presets));
});

t.test('every model with a recipe shows it', async (t) => {
  for (const name of Object.keys(recipes) as (keyof typeof recipes)[])
    t.ok(
      abouts[name].training.some(({ what }) => /(^|: )learning rate$/.test(what)),
      name,
    );
  t.ok('glue' in recipes);
});

for (const [name, about] of all) {
  const model = preset(name)();
  const found = summaryOf(model);

  t.test(`${name}: no text is empty, and licences are those of its card`, async (t) => {
    const texts = [about.task, about.summary, about.input, about.output, about.uses, about.limits];
    for (const text of texts) t.match(text, /^\S[^]*[^\s,;:]$/);
    for (const { what, value } of [...about.results, ...about.training]) {
      t.not(what.trim(), '');
      t.not(value?.trim(), '');
    }
    for (const { what, said, found } of about.differences) t.notOk([what, said, found].includes(''), what);
    t.equal(about.license.code, 'Apache-2.0');
    t.equal(about.license.weights, model.card.checkpoint?.license);
    const { citation } = about;
    t.match(citation, /Perceiver \{(IO|AR)\}/);
    t.equal(citation.split('{').length, citation.split('}').length, 'its braces are balanced');
  });

  t.test(`${name} has the parameters that its summary says`, async (t) => {
    t.match(about.summary, grouped(found.parameters));
  });

  t.test(`${name}: every width that is explained is one of the model's`, async (t) => {
    const { modules } = found;
    const leaves = Object.values(model.outline.params).flatMap((module) => Object.values(module));
    const sizes = [
      ...modules.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]).flat(),
      ...leaves.flatMap(({ shape }) => shape),
      ...[...JSON.stringify(model.config).matchAll(/\d+/g)].map(([n]) => Number(n)),
    ];
    for (const width of Object.keys(about.why ?? {})) t.ok(sizes.includes(Number(width)), width);
  });
}

for (const [name, about] of distinct)
  t.test(`${name} builds at every size of its chart, and costs more each time`, async (t) => {
    const { sizes, published, at } = about.growth!;
    t.ok(sizes.includes(published));
    t.same(preset(name)(at(published)).config, preset(name)().config, 'the published size changes nothing');
    const flops = sizes.map((size) => summaryOf(preset(name)(at(size))).flops);
    t.same(
      [...flops].sort((a, b) => a - b),
      flops,
    );
    t.equal(new Set(flops).size, sizes.length);
  });

const number = '\\d+(?:,\\d{3})*';
const terms = `${number}(?: [+·×] ${number})+`;

/** Sums of products, without brackets. */
const valueOf = (expression: string): number =>
  expression
    .replaceAll(',', '')
    .split(' + ')
    .map((product) => product.split(/ [·×] /).reduce((a, b) => a * Number(b), 1))
    .reduce((a, b) => a + b, 0);

t.test('every sum that is written out is right', async (t) => {
  const text = all.map(([, about]) => textOf(about)).join('\n');
  const found = [
    ...text.matchAll(new RegExp(`(${terms}) = (${number})(?!\\.?\\d)`, 'g')),
    ...text.matchAll(new RegExp(`(?<![.\\d]|[+·×] )(${number}) = (${terms})`, 'g')),
  ];
  t.ok(found.length >= 6, `${found.length} of them`);
  for (const [equation, left, right] of found) t.equal(valueOf(left), valueOf(right), equation);
});

t.test('a width that is written as a sum is that sum', async (t) => {
  const widths = all.flatMap(([, { why }]) => Object.entries(why ?? {}));
  const sums = widths.flatMap(([width, text]) =>
    [...text.matchAll(new RegExp(`(?:^|: )(${terms})(?= pixels [a-z]+,|[.:]|$)`, 'g'))].map(([, sum]) => [
      width,
      sum,
    ]),
  );
  t.ok(sums.length >= 5, `${sums.length} of them`);
  for (const [width, sum] of sums) t.equal(valueOf(sum), Number(width), `${width}: ${sum}`);
});

t.test('FLOPs of the models, and of others that papers speak of, are those that are said', async (t) => {
  const says = (name: keyof typeof presets, figure: string) =>
    t.ok(textOf(abouts[name]).includes(figure), `${name}: ${figure}`);
  const measure = (name: keyof typeof presets, changes: object = {}) => summaryOf(preset(name)(changes));
  for (const name of [
    ...(['language', 'language-plus', 'flow', 'flow-light', 'imagenet-learned', 'imagenet-fourier'] as const),
    ...(['imagenet-conv', 'imagenet-fourier-b', 'imagenet-conv-b'] as const),
  ]) {
    says(name, `${billions(measure(name).flops)} GFLOP`);
  }
  says('starcraft', `${billions(measure('starcraft').flops, 3)}B`);
  says(
    'language',
    `24 layers take ${billions(measure('language', { encoder: { numSelfAttendsPerBlock: 24 } }).flops)}B`,
  );
  const sentencePiece = measure('language', { vocabSize: 32_000, maxLength: 512 });
  says('language', `32,000 tokens ${billions(sentencePiece.flops)}B`);
  t.equal(Math.round(sentencePiece.parameters / 1e6), 223);
  const small = measure('flow', { encoder: { numSelfAttendsPerBlock: 16, numLatents: 1024 } });
  says('flow', `1,024 latents: ${grouped(small.parameters)}`);
  says('flow', `too: ${billions(small.flops)}B`);
  for (const numLatents of [392, 196]) {
    says(
      'multimodal',
      `${grouped(measure('multimodal', { encoder: { numLatents } }).parameters)} with ${numLatents}`,
    );
  }
});

t.test('the autoencoder costs what is said, in training and for a whole clip', async (t) => {
  const { network, inputs } = presets.multimodal();
  const cost = (image: number, audio: number): string => {
    const points = {
      image: { shape: [image], dtype: 'int32' },
      audio: { shape: [audio], dtype: 'int32' },
    } as const;
    return billions(summaryOf({ network, inputs: [inputs[0], points] } as never).flops);
  };
  const { summary: text, differences } = abouts.multimodal;
  const { found } = differences.find(({ what }) => what === 'FLOPs')!;
  t.match(text, `the label takes ${cost(512, 512)} GFLOP, the whole clip ${cost(16 * 224 * 224, 1920)}`);
  t.match(found, `${cost(512, 512)}B with 512 pixels`);
});

t.test("the StarCraft encoder's share is what is said", async (t) => {
  const { modules } = summaryOf(presets.starcraft());
  const counted = modules.filter(
    ({ path }) => !/^(entity_embedding|entity_projection|embedded_entity)$/.test(path),
  );
  const sum = (of: 'flops' | 'parameters') => counted.reduce((total, module) => total + module[of], 0);
  const { found } = abouts.starcraft.differences.find(({ what }) => what === 'FLOPs')!;
  t.match(found, `take ${billions(sum('flops'), 3)}B`);
  t.match(found, `hold ${grouped(sum('parameters'))} parameters`);
});

t.test('the small models are as good as is said', async (t) => {
  await engine();
  const [digits, words] = [await showDigits(1), await showWords(0)];
  const [right, , share] = /^(\d+) of (\d+) .* \((.*)\)/.exec(digits)!.slice(1);
  t.equal(abouts.digits.results[0].value, `${right} of 360 right, ${share}`);
  t.match(abouts.digits.summary, `${right} of 360`);
  const [pixels, matched, still] = /by (\S+) pixels .*by (\S+),.*by (\S+)\.$/s
    .exec(await showMotion())!
    .slice(1);
  t.equal(
    abouts.motion.results[0].value,
    `${pixels} pixels; ${matched} by block matching, ${still} without motion`,
  );
  const { fromPicture, fromSound } = await digitToneResults();
  const shown = [fromPicture, fromSound].map(
    (share) => `${Math.round(360 * share)} of 360, ${showShare(share)}`,
  );
  t.same(
    abouts['digit-tones'].results.map(({ value }) => value),
    shown,
  );
  const [missing, alone] = /: (.*?) right, (.*?) of those/.exec(words)!.slice(1);
  t.same(
    abouts.words.results.slice(0, 2).map(({ value }) => value),
    [`${missing} right`, `${alone} right`],
  );
});

/** Code with a name for its file. */
const snippets = all.flatMap(([name, { snippet, loading }]) => [
  { file: name as string, name, snippet },
  ...loading.map(({ snippet }, i) => ({ file: `${name}-loading${i}`, name, snippet })),
]);
const written = (language: Snippet['language']) =>
  snippets.filter(({ snippet }) => snippet.language === language);

const project = t.testdir({});
fillProject(
  project,
  Object.fromEntries(written('ts').map(({ file, snippet }) => [`${file}.ts`, snippet.code])),
);

const complaints = compile(written('ts').map(({ file }) => join(project, `${file}.ts`)));

t.test('all code compiles, strictly', async (t) => {
  t.same(complaints, []);
});

t.test('what runs as it stands prints what it says', async (t) => {
  const runs = await run(
    project,
    distinct.map(([name]) => `${name}.js`),
  );
  for (const [i, [name, { snippet }]] of distinct.entries()) {
    const { logged, error } = runs[i];
    t.equal(error, undefined, name);
    const promises = logsOf(snippet.code).map(({ promise }) => promise ?? '(nothing is promised)');
    t.ok(promises.length > 0);
    t.same(
      logged.map(({ text }, j) => keeps(text, promises[j]) || text),
      promises.map(() => true),
      name,
    );
  }
});

t.test('weights in the package are loaded as is said', async (t) => {
  const names = ['digits', 'digit-tones', 'words', 'motion'];
  const runs = await run(
    project,
    names.map((name) => `${name}-loading0.js`),
  );
  t.same(
    runs.map(({ logged, error }) => error ?? logged.map(({ text }) => text)),
    [['1'], ['7'], ['a small plant'], ['32']],
  );
});

t.test('every command is taken as it stands, as far as its files and a network are there', async (t) => {
  const renga = rengaInTurn(t, project, { RENGA_OFFLINE: '1', RENGA_CACHE: join(project, 'cache') });
  const lines = new Set(written('sh').flatMap(({ snippet }) => snippet.code.split('\n')));
  const commands = commandsOf(`\`\`\`sh\n${[...lines].join('\n')}\n\`\`\``);
  t.ok(commands.length >= 15);
  for (const [npx, program, ...args] of commands) {
    t.same([npx, program], ['npx', 'renga']);
    const { status, stderr } = await renga(...args);
    const isMissing = /^renga: \S+: found no such file|^renga: https:\S+ is not in the cache/.test(stderr);
    t.ok(status === 0 || isMissing, `${args.join(' ')}: ${stderr}`);
  }
});

t.test('Python is told the files, classes and configs that there are', async (t) => {
  for (const [name, { loading }] of all) {
    const { checkpoint } = preset(name).card;
    const haiku = loading.find(({ by }) => by === 'JAX (Haiku)');
    t.equal(haiku !== undefined, checkpoint !== undefined, name);
    if (checkpoint) t.match(haiku?.snippet.code, `open('${basename(checkpoint.url.pathname)}', 'rb')`);
    const torch = loading.find(({ by }) => by === 'PyTorch (transformers)');
    const family = Object.entries(families).find(([, { preset }]) => preset.card.name === name);
    t.equal(torch !== undefined, family !== undefined, name);
    if (family) t.match(torch?.snippet.code, new RegExp(`\\b${family[0]}\\.from_pretrained\\('deepmind/`));
  }
});

t.test('a config that is not valid does not pass for a size', async (t) => {
  const changes = abouts['imagenet-conv'].growth!.at(1);
  t.ok(E.isLeft(presets['imagenet-conv'].decode(changes)), 'a quarter of a pixel');
});
