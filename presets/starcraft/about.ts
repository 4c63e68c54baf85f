/** Texts of the StarCraft II encoder: published facts, and gaps that were filled. */
import type { About } from '../../lib/docs/about.js';
import { onCommandLine } from '../about/loading.js';
import { cite, code, counted, paper, perceiverIO } from '../about/sources.js';

const alphaStar = `@article{vinyals2019grandmaster,
  title   = {Grandmaster level in {StarCraft} {II} using multi-agent reinforcement learning},
  author  = {Vinyals, Oriol and Babuschkin, Igor and Czarnecki, Wojciech M. and others},
  journal = {Nature},
  volume  = {575},
  pages   = {350--354},
  year    = {2019},
  doi     = {10.1038/s41586-019-1724-z}
}`;

const alphaStarText = "AlphaStar's supplementary material, detailed-architecture.txt";

const battle = `[
  { unitType: 48, alliance: 1, x: 30, y: 71.5, health: 45, isActive: true },
  { unitType: 48, alliance: 4, x: 33, y: 70, health: 12.5 },
]`;

export const about: About = {
  task: 'encoding of StarCraft II entities',
  summary: `Takes what is on a map of StarCraft II, up to 512 units, buildings and resources, and gives a vector for each of them that knows of all others, and one vector for all. It stands where the agent AlphaStar had a Transformer; in the paper the agent won as often with a third of the encoder's FLOPs.

It is paper-consistent; widths are not published. The paper says 32 latents, 3 layers and 0.93B FLOPs; latents 512 wide give just that, and so do three other choices. Nobody published weights or code. The preset has 6,913,408 parameters.`,
  input:
    'A list of up to 512 records: unit type (0 to 255), alliance (0 to 4), x and y in game units (0 up to 256), and what else is known: health, shields, energy, cargo, orders, buffs and more, each with a value for when it is left out. A record becomes 1,628 numbers, most of them one-hot. The network itself takes features [batch, entities, 1628] and a mask [batch, entities], 1 where an entity is.',
  output:
    "`entityEmbeddings`, a vector of 256 numbers for each entity in the order in which they came, and `embeddedEntity`, one of 256 for all of them; none is negative. An agent's other parts are to be trained on them.",
  why: {
    '32': 'Number of latents. The authors tried 32 and 64.',
    '128':
      'Width of keys, values and of what the decoder gives. Table 6 says it of keys and values and of the queries too; table 5 has inputs of 256.',
    '256':
      'Width of an embedded entity, which is also its query, and of the outputs: as in the Transformer that it replaces.',
    '512':
      'Two things are 512: the most entities, as in the paper, and the width of the latents, which is our choice: with it the FLOPs are those of the paper.',
    '1628':
      'All features of an entity side by side. How many orders, buffs and add-ons there are was not published; ours leave room.',
  },
  loading: [
    {
      by: 'renga',
      snippet: {
        language: 'ts',
        code: `import { key } from 'renga';
import { starcraft } from 'renga/presets';

const { params } = starcraft().init(key(42)); // untrained, as nobody published trained ones
console.log(Object.keys(params).length);`,
      },
      note: 'No weights were published, nor code: it starts from parameters by seed.',
    },
    onCommandLine(
      ['npx renga init starcraft --seed 42 --out starcraft.npz', 'npx renga summary starcraft'],
      'What `init` writes, Python reads with `numpy.load`.',
    ),
  ],
  snippet: {
    language: 'ts',
    code: `import { either as E } from 'fp-ts';
import { engine, key } from 'renga';
import { showInputError, starcraft } from 'renga/presets';

await engine();
const model = starcraft({ numEntities: 16 }); // fewer places for entities, the same parameters
const weights = model.init(key(42)); // untrained: the vectors mean nothing yet
const vectors = await model.run(weights, ${battle})();
if (E.isLeft(vectors)) throw new Error(showInputError(vectors.left));
const { entityEmbeddings, embeddedEntity } = vectors.right;
console.log(entityEmbeddings.map((vector) => vector.length)); // 256, 256
console.log(embeddedEntity.length); // 256`,
  },
  results: [
    {
      what: 'wins against the Elite bot, after behavioural cloning',
      value: '87 %',
      source: paper('table 9'),
    },
    {
      what: 'wins against the Elite bot, after behavioural cloning',
      value: '87 %',
      of: 'AlphaStar with its Transformer',
      source: paper('table 9'),
    },
    { what: "the encoder's FLOPs", value: '0.93B', source: paper('table 9') },
    { what: "the encoder's FLOPs", value: '3.3B', of: 'the Transformer', source: paper('table 9') },
    {
      what: 'training steps a second, the whole agent',
      value: '2.9, as with the Transformer',
      source: paper('table 9'),
    },
  ],
  training: [
    { what: 'task', value: 'behavioural cloning of games, the whole agent', source: paper('appendix B') },
    {
      what: 'hyperparameters',
      value: 'as for ImageNet, but for 32 latents and 3 layers',
      source: paper('appendix B'),
    },
    { what: 'width of the latents' },
    { what: 'width of the decoder' },
    { what: 'optimiser, schedule and number of steps' },
  ],
  differences: [
    {
      what: 'widths',
      said: 'Table 5: inputs of 512 × 256, outputs of 512 × 128. Table 6: 128 channels for keys and values, 128 for the queries.',
      found:
        'They do not agree with each other. Here entities, which are the queries, are 256 wide, keys and values 128, and the decoder gives 128.',
      source: paper('tables 5 and 6'),
    },
    {
      what: 'FLOPs',
      said: 'Table 9: 0.93B.',
      found:
        'Encoder, decoder and the linear layer of `entityEmbeddings` take 0.929B with latents of 32 × 512, and hold 6,430,464 parameters. Three other choices of widths give 0.929 to 0.930B: the agreement proves nothing. The whole preset, with the embedding of 1,628 features, takes 1.389B.',
      source: counted,
    },
    {
      what: 'how much cheaper',
      said: 'Appendix B: 3 times. Section 4.4: about 3.5 times.',
      found: '3.3 / 0.93 = 3.55.',
      source: `arithmetic on ${paper('table 9')}`,
    },
    {
      what: 'parameters of the agent',
      said: 'Table 9: 140M with this encoder, 144M with the Transformer.',
      found: 'The encoder cannot make up the difference: the Transformer that it replaces has 2.37M in all.',
      source: `arithmetic on ${alphaStarText}`,
    },
    {
      what: 'features',
      said: 'AlphaStar Unplugged, whose code is public: 11 linear maps that are added; all four orders.',
      found:
        'The agent of 2019, which the paper built on, has its features side by side, and of the second to fourth order only those that build or train. The preset follows it.',
      source: alphaStarText,
    },
  ],
  uses: "Agents that see a set of things of many kinds, each with its own features: a start for encoders of game states, fleets, inventories. With `features: { kind: 'vectors', … }` it takes vectors of your own.",
  limits:
    "It is not the authors' model, which is not public, but one that agrees with all they published. It is untrained. Unit types, orders and buffs are to be numbered by you: the numbering of AlphaStar was not published.",
  license: { code },
  citation: cite(perceiverIO, alphaStar),
  growth: {
    what: 'entities',
    sizes: [128, 256, 512, 1024, 2048],
    published: 512,
    at: (numEntities) => ({ numEntities }),
  },
};
