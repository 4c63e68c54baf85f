/**
 * Names: every program that was written in Haiku for the comparison, transcribed, gives Haiku's tree. Where Python
 * constructs a module before it calls it, the transcription declares it first.
 */
import t from 'tap';
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { chain, type Layer, module, named, nameOfClass, outline, type Scope, tree } from '../../lib/index.js';
import { ones } from '../../lib/initializers.js';
import { batchNorm } from '../../modules/batchNorm.js';
import { exponentialMovingAverage } from '../../modules/exponentialMovingAverage.js';
import { linear } from '../../modules/linear.js';

type Flow = Layer<[x: tf.Tensor], tf.Tensor>;
interface Expected {
  readonly program: string;
  readonly params: Readonly<Record<string, readonly number[]>>;
  readonly state: Readonly<Record<string, readonly number[]>>;
}

const x = { shape: [2, 4, 6] };
const sum = (...terms: readonly tf.Tensor[]): tf.Tensor => terms.reduce((a, b) => tf.add(a, b));

/** `CamelCaseMLP2D` and the like: a class of that name with one linear layer. */
const ofClass = (className: string, channels: number) =>
  named(nameOfClass(className), (s, input: tf.Tensor) => linear(channels)(s, input));

const outer = (name = 'outer') =>
  module(name, (s) => {
    const first = s.declare(linear(3));
    const second = s.declare(linear(3, { name: 'named' }));
    const helper = s.method('helper', (input: tf.Tensor) => linear(3)(s, input));
    return (input: tf.Tensor) => sum(first(input), second(input), linear(3)(s, input), helper(input));
  });

const mlp = (widths: readonly number[]) =>
  module('mlp', (s) => {
    const layers = widths.map((width, i) => s.declare(linear(width, { name: `linear_${i}` })));
    return (input: tf.Tensor) => layers.reduce((flowing, layer) => layer(flowing), input);
  });

const multiHeadAttention = (numHeads: number, keySize: number) =>
  module('multi_head_attention', (s) => (query: tf.Tensor, key: tf.Tensor, value: tf.Tensor) => {
    const project = (name: string, input: tf.Tensor) => linear(numHeads * keySize, { name })(s, input);
    const attended = sum(project('query', query), project('key', key), project('value', value));
    return linear(numHeads * keySize)(s, attended);
  });

const programs: Readonly<Record<string, Flow>> = {
  two_linears: (s, input) => {
    const last = s.declare(linear(3));
    return last(s.declare(linear(5))(input));
  },
  same_name_twice: (s, input) => sum(linear(3, { name: 'a' })(s, input), linear(3, { name: 'a' })(s, input)),
  numbered_name: (s, input) => sum(...['a_1', 'a', 'a'].map((name) => linear(3, { name })(s, input))),
  constructor_method_other_method: (s, input) => outer()(s, input),
  two_outers_one_named: (s, input) => sum(outer()(s, input), outer('second')(s, input), outer()(s, input)),
  camel_case: ofClass('CamelCaseMLP2D', 2),
  module_called_twice: (s, input) => {
    const layer = s.declare(linear(6));
    return layer(layer(input));
  },
  top_level_parameter: (s, input) => tf.mul(input, s.param('g', [], ones)),
  sequential: chain(linear(4), (_s, input) => tf.relu(input), linear(2)),
  mlp: mlp([4, 2]),
  name_scope: named('scope', linear(2)),
  multi_head_attention: (s, input) => multiHeadAttention(2, 3)(s, input, input, input),
  batch_norm: batchNorm({ decayRate: 0.9 }),
  ema: exponentialMovingAverage({ decayRate: 0.9 }),
};

const goldens = JSON.parse(readFileSync('test/goldens/random/scoping.json', 'utf8')) as Readonly<
  Record<string, Expected>
>;

const shapesOf = (specs: tree.Tree<{ readonly shape: readonly number[] }>) =>
  Object.fromEntries(tree.flatten(specs).map(([path, { shape }]) => [path, shape]));

t.test('every program gives the tree that Haiku gives it', async (t) => {
  t.same(Object.keys(programs), Object.keys(goldens), 'all of them are transcribed');
  for (const [name, { program, params, state }] of Object.entries(goldens)) {
    const found = outline(programs[name], [x]);
    t.same(shapesOf(found.params), params, program);
    t.same(shapesOf(found.state), state, program);
  }
});

/** Modules that have a `w`, in the order in which they ask for it. */
const modulesOf = (layer: Flow): readonly string[] =>
  tree.paths(tree.filter(outline(layer, [x]).params, /\/w$/)).map((path) => path.slice(0, -2));

const linears = (...names: readonly string[]): Flow[] =>
  names.map(
    (name): Flow =>
      (s, input) =>
        linear(6, { name })(s, input),
  );
const inTurn =
  (...layers: readonly Flow[]): Flow =>
  (s, input) =>
    layers.reduce((flowing, layer) => layer(s, flowing), input);

// The names below are dm-haiku 0.0.17's for the same programs.

t.test('explicit numbers are taken as they are, and counting goes on from the highest', async (t) => {
  t.same(modulesOf(inTurn(...linears('a_5', 'a_2', 'a', 'b_0', 'b', 'c', 'c_0', 'c'))), [
    'a_5',
    'a_2',
    'a_6',
    'b_0',
    'b_1',
    'c',
    'c_0',
    'c_1',
  ]);
});

/** Its other method is called twice: names begin anew, so that both calls share. */
const helper = () =>
  module('helper', (s) => {
    const help = s.method('help', (input: tf.Tensor) => linear(6)(s, input));
    return {
      call: (input: tf.Tensor): tf.Tensor => sum(help(input), help(input), linear(6)(s, input)),
      help,
    };
  });

t.test('every call of a method starts its names afresh', async (t) => {
  t.same(modulesOf(helper()), ['helper/~help/linear', 'helper/linear']);
});

t.test('a name scope opened twice is two scopes', async (t) => {
  t.same(modulesOf(inTurn(named('s', linear(6)), named('s', linear(6)))), ['s/linear', 's_1/linear']);
});

const given = (inner: (input: tf.Tensor) => tf.Tensor) =>
  module('given', (s) => {
    const own = s.declare(linear(6));
    return (input: tf.Tensor) => sum(inner(input), own(input), linear(6)(s, input));
  });

t.test('a declared module that is handed to another keeps its own path', async (t) => {
  const program: Flow = (s, input) => {
    const layer = s.declare(linear(6));
    const first = s.declare(given(layer));
    return sum(s.declare(given(first))(input), layer(input));
  };
  t.same(modulesOf(program), [
    'linear',
    'given/~/linear',
    'given/linear',
    'given_1/~/linear',
    'given_1/linear',
  ]);
});

t.test('modules within modules are named from the outside in', async (t) => {
  const deep = module('deep', (s) => (input: tf.Tensor) => {
    const last = s.declare(helper()); // declared first, asked for last
    return last(inTurn(helper(), linear(6))(s, input));
  });
  t.same(modulesOf(inTurn(deep)), [
    'deep/helper_1/~help/linear',
    'deep/helper_1/linear',
    'deep/linear',
    'deep/helper/~help/linear',
    'deep/helper/linear',
  ]);
});

t.test('what a constructor declares, calls or not, is under its mark', async (t) => {
  const c: Flow = (s, input) =>
    module('c', (inner) => {
      const y = inner.declare(linear(6))(input);
      const help = inner.declare(helper());
      return () => sum(help(y), help.help(y));
    })(s);
  t.same(modulesOf(c), ['c/~/linear', 'c/~/helper/~help/linear', 'c/~/helper/linear']);
});

t.test('a module keeps the path of the method that declared it in another one', async (t) => {
  const d = module('d', (s) => {
    const use = s.method('use', (layer: (input: tf.Tensor) => tf.Tensor, input: tf.Tensor) =>
      layer(linear(6)(s, input)),
    );
    return (input: tf.Tensor) => sum(use(s.declare(linear(6)), input), linear(6)(s, input));
  });
  t.same(modulesOf(inTurn(d)), ['d/~use/linear', 'd/linear', 'd/linear_1']);
});

t.test('modules may contain themselves', async (t) => {
  const rec = (n: number): Flow =>
    module('rec', (s) => (input: tf.Tensor): tf.Tensor => {
      const y = linear(6)(s, input);
      return n ? rec(n - 1)(s, y) : y;
    });
  t.same(modulesOf(rec(2)), ['rec/linear', 'rec/rec/linear', 'rec/rec/rec/linear']);
});

t.test('a private method is named as it is in Python', async (t) => {
  const m = module('m', (s) => {
    const build = s.method('_buildNetworkInputs', (input: tf.Tensor) => linear(6)(s, input));
    return {
      call: build,
      decoderQuery: (input: tf.Tensor) => linear(6)(s, input),
    };
  });
  const program: Flow = (s, input) => {
    const declared = s.declare(m);
    return sum(declared(input), declared.decoderQuery(input));
  };
  t.same(modulesOf(program), ['m/~_build_network_inputs/linear', 'm/~decoder_query/linear']);
});

t.test('the same value in a scope is the same module, another value the next', async (t) => {
  const norm = linear(6);
  t.same(modulesOf(inTurn(norm, linear(6), norm)), ['linear', 'linear_1']);
  t.same(
    modulesOf(inTurn(named('a', inTurn(norm, norm)), named('b', norm), norm)),
    ['a/linear', 'b/linear', 'linear'],
    'but another one in another scope',
  );
  const both = module('both', (s) => {
    s.declare(norm);
    return (input: tf.Tensor) => inTurn(norm, linear(6))(s, input);
  });
  t.same(modulesOf(both), ['both/~/linear', 'both/linear'], 'what the constructor declared stays');
});

t.test('a plain function opens no scope and shares nothing', async (t) => {
  const pair: Flow = (s, input) => linear(6)(s, linear(6)(s, input));
  t.same(modulesOf(inTurn(pair, pair)), ['linear', 'linear_1', 'linear_2', 'linear_3']);
  const declared: Flow = (s, input) => {
    const twice = s.declare(pair);
    return sum(twice(input), twice(input));
  };
  t.same(modulesOf(declared), ['linear', 'linear_1', 'linear_2', 'linear_3']);
});

t.test('classes are named as Haiku names them', async (t) => {
  const names = {
    CamelCaseMLP2D: 'camel_case_mlp2_d',
    SelfAttention: 'self_attention',
    HTTPServer: 'http_server',
    aBCd: 'a_b_cd',
    X: 'x',
    XYz: 'x_yz',
    Conv2D: 'conv2_d',
    MyRNNCell3x3: 'my_rnn_cell3x3',
    A1B2: 'a1_b2',
    lower: 'lower',
    ABC: 'abc',
    PerceiverIO: 'perceiver_io',
  };
  for (const [className, name] of Object.entries(names)) t.equal(nameOfClass(className), name);
});

t.test('names that are no identifiers, and numbers that are taken, are refused', async (t) => {
  const naming = (name: string) => () => outline(named('around', named(name, linear(1))), [x]);
  for (const name of ['', 'a/b', '1a', 'a-b', '~', '__proto__', 'a b']) {
    t.throws(naming(name), { message: `around: module name '${name}' is not an identifier` });
  }
  t.doesNotThrow(naming('constructor'));
  t.doesNotThrow(naming('_private'));
  t.throws(() => outline(inTurn(...linears('a', 'a', 'a_1')), [x]), {
    message: /module name 'a_1' is taken/,
  });
  const slashed = (s: Scope) => s.param('a/b', [1], ones);
  t.throws(() => outline(slashed, []), { message: /leaf name 'a\/b' has a slash/ });
});
