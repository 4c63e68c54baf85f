/** Configs: every problem of somebody's JSON at once, and nothing let through or dropped in silence. */
import t from 'tap';
import * as fc from '../../property.js';
import * as E from 'fp-ts/lib/Either.js';
import * as io from 'io-ts';
import {
  config,
  ConfigError,
  type ConfigOf,
  count,
  decodeConfig,
  finite,
  flag,
  natural,
  oneOf,
  optional,
  type OptionsFor,
  positive,
  probability,
  required,
  showConfigProblem,
  sizes,
  text,
  union,
  withDefault,
} from '../../../lib/data/config.js';

const about = { doc: 'for the test' };
const attention = config('attention', 'Attention.', {
  numHeads: withDefault(count, 8, about),
  dropoutRate: withDefault(probability, 0, about),
  qkChannels: optional(count, about),
});
const position = union('position', {
  fourier: config('fourier', 'Fourier features.', {
    numBands: required(count, about),
    concatPos: withDefault(flag, true, about),
  }),
  trainable: config('trainable', 'Learned.', { initScale: withDefault(positive, 0.02, about) }),
});
const model = config('model', 'A model.', {
  name: required(text, about),
  inputShape: required(sizes, about),
  encoder: withDefault(attention, {}, about),
  position: withDefault(position, { kind: 'fourier', numBands: 64 }, about),
  modalities: optional(io.readonlyArray(attention), about),
  mode: withDefault(oneOf('train', 'eval'), 'eval', about),
  offset: withDefault(finite, 0, about),
  skip: withDefault(natural, 0, about),
});
type Model = ConfigOf<typeof model>;
type Options = OptionsFor<typeof model>;

const small: Options = { name: 'a', inputShape: [2, 3] };
const full: Model = {
  name: 'a',
  inputShape: [2, 3],
  encoder: { numHeads: 8, dropoutRate: 0, qkChannels: undefined },
  position: { kind: 'fourier', numBands: 64, concatPos: true },
  modalities: undefined,
  mode: 'eval',
  offset: 0,
  skip: 0,
};

const problems = (json: unknown): readonly string[] => {
  const decoded = decodeConfig(model, json);
  return E.isLeft(decoded) ? decoded.left.map(showConfigProblem) : [];
};

t.test('defaults are filled in, at every level', async (t) => {
  t.same(model.make(small), JSON.parse(JSON.stringify(full)), 'what has no default is left out');
  t.same(model.make({ ...small, encoder: { numHeads: 2 } }).encoder, { numHeads: 2, dropoutRate: 0 });
  t.same(decodeConfig(model, JSON.parse(JSON.stringify(small))), E.right(model.make(small)));
});

t.test('every problem comes back at once, saying where, what and what was expected', async (t) => {
  t.same(
    problems({
      inputShape: [2, 0, 'x'],
      encoder: { numHeads: 1.5, dropoutRate: -1, numheads: 3 },
      position: { kind: 'fourier', concatPos: 'yes' },
      modalities: [{}, { qkChannels: 0 }],
      mode: 'test',
      offset: null,
      skip: -1,
      extra: [1],
    }),
    [
      'extra: found [1], expected one of the fields (name, inputShape, encoder, position, modalities, mode, offset, skip)',
      'name: found nothing, expected string',
      'inputShape.1: found 0, expected a whole number from 1',
      'inputShape.2: found "x", expected a whole number from 1',
      "encoder.numheads: found 3, expected one of the fields (numHeads, dropoutRate, qkChannels); did you mean 'numHeads'?",
      'encoder.numHeads: found 1.5, expected a whole number from 1',
      'encoder.dropoutRate: found -1, expected a number from 0 to 1',
      'position.numBands: found nothing, expected a whole number from 1',
      'position.concatPos: found "yes", expected boolean',
      'modalities.1.qkChannels: found 0, expected a whole number from 1',
      "mode: found \"test\", expected 'train' or 'eval'",
      'skip: found -1, expected a whole number from 0',
    ],
  );
});

t.test('what is no object at all is one problem', async (t) => {
  for (const json of [3, 'text', null, [small], undefined]) {
    t.match(problems(json), [/^\(the whole\): found .*, expected an object of model$/]);
  }
});

t.test('null is as good as absent', async (t) => {
  t.same(model.make({ ...small, encoder: null, modalities: null, mode: null } as never), model.make(small));
  t.same(problems({ ...small, name: null }), ['name: found null, expected string']);
});

t.test('a union takes the fields of its kind alone', async (t) => {
  const kinds = "an object with kind 'fourier', 'trainable'";
  t.same(problems({ ...small, position: { numBands: 3 } }), [
    `position: found {"numBands":3}, expected ${kinds}`,
  ]);
  t.same(problems({ ...small, position: { kind: 'constructor' } }), [
    `position: found {"kind":"constructor"}, expected ${kinds}`,
  ]);
  t.same(problems({ ...small, position: { kind: 'trainable', numBands: 3 } }), [
    'position.numBands: found 3, expected one of the fields (initScale)',
  ]);
  t.same(model.make({ ...small, position: { kind: 'trainable' } }).position, {
    kind: 'trainable',
    initScale: 0.02,
  });
});

t.test('names of every object are no fields', async (t) => {
  const odd: unknown = JSON.parse(
    '{"name":"a","inputShape":[1],"__proto__":{"mode":"train"},"constructor":1}',
  );
  t.match(problems(odd), [/^__proto__: found/, /^constructor: found 1/]);
});

t.test("a programmer's config that does not fit is thrown, with every problem", async (t) => {
  const wrong = (): unknown => model.make({ name: 'a', inputShape: [0], offset: NaN });
  t.throws(wrong, ConfigError);
  t.throws(wrong, {
    name: 'ConfigError',
    message:
      'model: inputShape.0: found 0, expected a whole number from 1; offset: found NaN, expected a finite number',
  });
  // @ts-expect-error the types know that a name is needed
  t.throws(() => model.make({ inputShape: [1] }), { message: /name: found nothing/ });
  // @ts-expect-error and that there is no such field
  t.throws(() => model.make({ ...small, colour: 'red' }), { message: /colour: found "red"/ });
});

t.test('numbers are what their names say', async (t) => {
  const takes = (codec: io.Type<number>, ...numbers: readonly unknown[]) =>
    numbers.filter((n) => E.isRight(codec.decode(n)));
  const all = [-1, -0.5, 0, 0.5, 1, 2, 2 ** 53, NaN, Infinity, '1', null, true];
  t.same(takes(count, ...all), [1, 2]);
  t.same(takes(natural, ...all), [0, 1, 2]);
  t.same(takes(probability, ...all), [0, 0.5, 1]);
  t.same(takes(finite, ...all), [-1, -0.5, 0, 0.5, 1, 2, 2 ** 53]);
  t.same(takes(positive, ...all), [0.5, 1, 2, 2 ** 53]);
});

const counts = fc.integer({ min: 1, max: 9 });
const maybe = <A>(arbitrary: fc.Arbitrary<A>) => fc.option(arbitrary, { nil: undefined });
const attentions = fc.record(
  { numHeads: counts, dropoutRate: fc.double({ min: 0, max: 1, noNaN: true }), qkChannels: maybe(counts) },
  { requiredKeys: [] },
);
const options: fc.Arbitrary<Options> = fc.record(
  {
    name: fc.string(),
    inputShape: fc.array(counts),
    encoder: attentions,
    position: fc.oneof(
      fc.record({ kind: fc.constant('fourier' as const), numBands: counts }),
      fc.record({ kind: fc.constant('trainable' as const), initScale: fc.constantFrom(0.5, 1) }),
    ),
    modalities: fc.array(attentions),
    mode: fc.constantFrom('train' as const, 'eval' as const),
    offset: fc.double({ noNaN: true, noDefaultInfinity: true }),
  },
  { requiredKeys: ['name', 'inputShape'] },
);

t.test('a full config is a config, and stays what it is', async (t) => {
  fc.assert(
    fc.property(options, (given) => {
      const made = model.make(given);
      t.same(decodeConfig(model, made), E.right(made));
      t.same(
        decodeConfig(model, JSON.parse(JSON.stringify(made))),
        E.right(JSON.parse(JSON.stringify(made))),
      );
      t.match(made, JSON.parse(JSON.stringify(given)) as object, 'what was given is kept');
    }),
  );
});

t.test('a definition knows its fields, for documentation', async (t) => {
  t.same(Object.keys(model.fields), [
    'name',
    'inputShape',
    'encoder',
    'position',
    'modalities',
    'mode',
    'offset',
    'skip',
  ]);
  t.match(attention.fields.numHeads, { default: 8, doc: 'for the test', presence: 'default' });
  t.equal(model.doc, 'A model.');
});
