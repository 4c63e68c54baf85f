/**
 * Programs that were written in Haiku for the names that it gives, transcribed. Where Python constructs a module before
 * it calls it, the transcription declares it first.
 */
import * as tf from '@tensorflow/tfjs-core';
import { chain, type Layer, lift, module, named, relu, remat, type Scope } from '../../../../lib/index.js';
import { ones } from '../../../../lib/language/initializers.js';
import { batchNorm } from '../../../../modules/batchNorm.js';
import { embed } from '../../../../modules/embed.js';
import { linear } from '../../../../modules/linear.js';

export type Flow = Layer<[x: tf.Tensor], tf.Tensor>;

/** Sizes of a file of programs: channels of the input, and of most layers. */
export interface Sizes {
  readonly channels: number;
  readonly c: number;
}

type Call = (x: tf.Tensor) => tf.Tensor;

const sum = (...terms: readonly tf.Tensor[]): tf.Tensor => terms.reduce((a, b) => tf.add(a, b));

/** Programs that need something that renga does not have. */
export const lacking: Readonly<Record<string, string>> = {
  'name-like-call': 'name_like',
  'force-name': 'force_name',
  lift: 'lift of a transformed function',
  'transparent-lift': 'transparent_lift',
  'lift-in-module': 'lift of a transformed function',
  'transparent-lift-in-module': 'transparent_lift',
  'lift-ensemble': 'lift of a transformed function',
  'lift-twice-same-name': 'lift of a transformed function',
  'transparent-lift-reused': 'transparent_lift',
  'lift-closes-over-a-module': 'lift of a transformed function',
  'in-a-scan': 'scans',
  'made-in-a-scan': 'scans',
};

/** By the names that the programs have in `scoping.json` and `sharing.json`. */
export const programs = ({ channels, c }: Sizes): Readonly<Record<string, Flow>> => {
  const own = (s: Scope, x: tf.Tensor) => linear(c, { name: 'own' })(s, x);
  const inScope = module(
    'in_scope',
    (s) => (x: tf.Tensor) => sum(named('s', linear(c))(s, x), linear(c)(s, x)),
  );
  const meth = () =>
    module('meth', (s) => {
      const made = s.param('made_in_constructor', [channels], ones);
      const enc = s.method('enc', (x: tf.Tensor) => tf.mul(linear(c)(s, x), s.param('g', [], ones)));
      const dec = s.method('dec', (x: tf.Tensor) => linear(c)(s, x));
      const hidden = s.method('_private', (x: tf.Tensor) => linear(c)(s, x));
      return { call: (x: tf.Tensor) => sum(enc(tf.mul(x, made)), dec(x), hidden(x)), enc, dec };
    });
  const helper = module('helper', (s) => {
    const h = s.method('h', (x: tf.Tensor) => sum(linear(c)(s, x), linear(c)(s, x)));
    return (x: tf.Tensor) => sum(h(x), h(x), linear(c)(s, x));
  });
  const transparent = module('transp', (s) => {
    const h = (x: tf.Tensor) => linear(c)(s, x);
    return (x: tf.Tensor) => sum(linear(c)(s, x), h(x), linear(c)(s, x));
  });
  const child = module('child', (s) => {
    const parentsCall = s.method('call', (x: tf.Tensor) => linear(c)(s, x));
    return (x: tf.Tensor) => sum(linear(c)(s, x), parentsCall(x), own(s, x));
  });
  const prop = module('prop', (s) => {
    const l = s.method('l', () => s.declare(linear(c)));
    return (x: tf.Tensor) => sum(l()(x), l()(x));
  });
  const callee = (f: Flow) => module('callee', (s) => (x: tf.Tensor) => f(s, x));
  const constructorScope = module('ctor_scope', (s) => {
    let l: Call | undefined;
    named('inner', (inner: Scope) => void (l = inner.declare(linear(c))))(s);
    return l as Call;
  });
  const uses = (layer: Call) => module('uses', (s) => (x: tf.Tensor) => sum(layer(x), own(s, x)));
  const other = (layer: Call) =>
    module('other', (s) => ({
      call: (x: tf.Tensor) => sum(layer(x), own(s, x)),
      again: (x: tf.Tensor) => layer(x),
    }));
  const owns = () =>
    module('owns', (s) => {
      const l = s.declare(linear(c)) as Call;
      return { call: (x: tf.Tensor) => l(x), l };
    });
  const makesInCall = () => module('makes_in_call', (s) => (x: tf.Tensor) => linear(c)(s, x));
  const siblings = module('sib', (s) => {
    const l = s.declare(linear(c, { name: 'shared' }));
    const mine = (x: tf.Tensor) => sum(l(x), linear(c, { name: 'mine' })(s, x));
    const one = s.method('one', mine);
    const two = s.method('two', (x: tf.Tensor) => sum(mine(x), tf.mean(one(x))));
    return { call: (x: tf.Tensor) => sum(one(x), two(x)), one };
  });
  const lazy = module('lazy', (s) => {
    const l = linear(c);
    const get = s.method('get', (x: tf.Tensor) => l(s, x));
    return { call: (x: tf.Tensor) => sum(get(x), linear(c)(s, x)), other: (x: tf.Tensor) => get(x) };
  });
  const remats = module('remats', (s) => {
    const l = s.declare(linear(c));
    const body = s.method('body', (x: tf.Tensor) => sum(l(x), linear(c)(s, x)));
    const first: Flow = remat((_s, x) => body(x));
    const second: Flow = remat((scope, x) => sum(l(x), linear(c)(scope, x)));
    return { call: (x: tf.Tensor) => sum(first(s, x), second(s, x)), body };
  });
  const nest = module('nest', (s) => {
    const o = s.declare(owns());
    const m = s.declare(makesInCall());
    return {
      call: (x: tf.Tensor) => sum(o(x), m(x), o.l(x), m(x), makesInCall()(s, x)),
      o: (x: tf.Tensor) => o(x),
    };
  });

  return {
    'name-scope-twice': (s, x) => sum(named('a', linear(c))(s, x), named('a', linear(c))(s, x)),
    'name-scope-nested': named('a', (s, x: tf.Tensor) => sum(named('b', linear(c))(s, x), linear(c)(s, x))),
    'name-scope-module-from-outside': (s, x) => {
      const l = s.declare(linear(c));
      return named('a', (inner, y: tf.Tensor) => sum(l(y), linear(c)(inner, y)))(s, x);
    },
    'name-scope-module-used-outside': (s, x) => {
      const l = linear(c);
      named('a', (inner: Scope) => void inner.declare(l))(s);
      return sum(l(s, x), linear(c)(s, x));
    },
    'name-scope-in-module-called-twice': (s, x) => {
      const m = s.declare(inScope);
      return sum(m(x), m(x));
    },
    'name-scope-in-constructor': (s, x) => constructorScope(s, x),
    'name-scope-method-name': (s, x) =>
      s
        .declare(
          module('s', (inner) => ({ call: () => undefined, encode: (y: tf.Tensor) => linear(c)(inner, y) })),
        )
        .encode(x),
    'name-scope-takes-a-layers-name': (s, x) => sum(named('linear', linear(c))(s, x), linear(c)(s, x)),
    'name-scope-parameter': named('a', (s, x: tf.Tensor) => tf.mul(x, s.param('g', [channels], ones))),
    'methods-and-parameters': (s, x) => meth()(s, x),
    'method-called-from-outside': (s, x) => {
      const m = s.declare(meth());
      return sum(m.enc(x), m.dec(x));
    },
    'method-twice-in-one-call': (s, x) => helper(s, x),
    'transparent-method': (s, x) => transparent(s, x),
    'super-call': (s, x) => child(s, x),
    'property-makes-module': (s, x) => prop(s, x),
    'closure-makes-module-inside': callee((s, x) => linear(c)(s, x)),
    'closure-around-outer-instance': (s, x) => {
      const l = s.declare(linear(c));
      return callee((_s, y) => l(y))(s, x);
    },
    'to-module': named('wrapped', (s, x: tf.Tensor) => linear(c)(s, x)),
    'explicit-slash-name': (s, x) => linear(c, { name: 'a/b' })(s, x),

    'passed-to-two-classes': (s, x) => {
      const l = s.declare(linear(c));
      const again = () => s.declare(other(l)).again(x);
      return sum(uses(l)(s, x), other(l)(s, x), again());
    },
    'made-by-one-used-by-another': (s, x) => {
      const o = s.declare(owns());
      return sum(uses(o.l)(s, x), o(x));
    },
    'constructor-against-call': (s, x) => {
      const [a, b] = [s.declare(owns()), s.declare(makesInCall())];
      return sum(a(x), a(x), b(x), b(x));
    },
    'sibling-methods': (s, x) => {
      const m = s.declare(siblings);
      return sum(m(x), m.one(x));
    },
    'made-once-in-a-method': (s, x) => {
      const m = s.declare(lazy);
      return sum(m.other(x), m(x), m(x));
    },
    'constructed-before-used-after': (s, x) => {
      const [a, b] = [s.declare(linear(c)), s.declare(linear(c))];
      return sum(b(x), a(x), linear(c)(s, x));
    },
    'square-module-chained': (s, x) => {
      const l = linear(channels);
      return sum(l(s, l(s, x)), linear(channels)(s, x));
    },
    'across-name-scopes': (s, x) => {
      const l = s.declare(linear(c));
      const first = named('first', (inner, y: tf.Tensor) => sum(l(y), uses(l)(inner, y)))(s, x);
      return named('second', (inner, y: tf.Tensor) => sum(first, uses(l)(inner, y)))(s, x);
    },
    'under-remat': (s, x) => {
      const l = s.declare(linear(channels));
      const f: Flow = remat((inner, y) => sum(l(y), linear(channels)(inner, y)));
      return sum(l(x), f(s, x), f(s, x));
    },
    'remat-of-a-method': (s, x) => {
      const m = s.declare(remats);
      return sum(m(x), m.body(x));
    },
    'remat-of-a-module': (s, x) => {
      const m = makesInCall();
      return sum(remat(m)(s, x), m(s, x));
    },
    'tied-embedding': (s, x) => {
      const e = s.declare(embed({ vocabSize: 9, numChannels: channels }));
      const ids = tf.tensor2d([1, 2, 3, 4, 5, 6, 7, 8], [2, 4], 'int32');
      const flat = tf.reshape(tf.add(x, e(ids)), [-1, channels]) as tf.Tensor2D;
      return tf.reshape(tf.matMul(flat, e.table() as tf.Tensor2D, false, true), [2, 4, 9]);
    },
    'in-a-sequential-twice': (s, x) => {
      const l = linear(channels);
      return chain(l, lift(relu), l, linear(c))(s, x);
    },
    'two-instances-one-explicit-name': (s, x) => {
      const l = s.declare(linear(c, { name: 'a' }));
      return callee((inner, y) => sum(l(y), linear(c, { name: 'a' })(inner, y)))(s, x);
    },
    'number-taken-later': (s, x) =>
      sum(linear(c)(s, x), linear(c, { name: 'linear_1' })(s, x), linear(c)(s, x)),
    'nested-ownership': (s, x) => {
      const n = s.declare(nest);
      return sum(n(x), n.o(x));
    },
    'batch-norm-shared': (s, x) => {
      const b = batchNorm({ decayRate: 0.9 });
      return sum(b(s, x), b(s, tf.mul(x, 2)));
    },
  };
};
