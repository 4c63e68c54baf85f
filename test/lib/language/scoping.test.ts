/**
 * Names: programs within programs get dm-haiku's names. The stored programs of `scoping.json` are run with the other
 * goldens.
 */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { module, named, nameOfClass, outline, type Scope, tree } from '../../../lib/index.js';
import { ones } from '../../../lib/language/initializers.js';
import { linear } from '../../../modules/linear.js';
import { type Flow, sum, x } from '../../golden/scoping.js';

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
    ['a/linear'],
    'in other scopes, too',
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
