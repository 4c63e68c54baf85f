"""Writes specialPoints.json: values and gradients of losses, activations and layers where a slope is a convention.

Run with JAX 0.10.2, optax 0.2.8 and Haiku 0.0.17: python test/data/specialPoints.py > test/data/specialPoints.json,
and prettier --write test/data/specialPoints.json
The gradient is of the sum of the values times 1, 1.25, 1.5 and so on.
"""

import json
import math

import haiku as hk
import jax
import jax.numpy as jnp
import numpy as np
import optax

inf = math.inf
points = [0., 1., -1., 2.]
large = [0., 20., -20., 100., -100., 1e4, -1e4]
same = [[3., 3., 3., 3.], [0., 0., 0., 0.]]
image = [[[[1.], [1.], [0.]], [[1.], [1.], [0.]], [[0.], [0.], [0.]]]]


def layer(make, **options):
  def run(x):
    def f(x):
      return make()(x, **options)
    model = hk.transform_with_state(f)
    params, state = model.init(None, x)
    return model.apply(params, state, None, x)[0]
  return run


def attend(q, k, v, mask):
  """Perceiver's attend: one head, rows without keys give zeros."""
  scores = jnp.einsum('bthd,bshd->bhts', q, k) / math.sqrt(q.shape[-1])
  weights = jax.nn.softmax(jnp.where(mask[:, None] > 0, scores, -1e30))
  out = jnp.einsum('bhts,bshd->bthd', weights, v)
  return jnp.where(jnp.any(mask > 0, -1)[..., None, None], out, 0)


def huber(delta):
  return lambda a, b: optax.huber_loss(a, b, delta=delta)


def masked_attend(rows):
  return lambda q, k, v: attend(q, k, v, jnp.asarray(rows))


def maximum_of(lo):
  return lambda x: jnp.maximum(x, lo)


q = [[[[1., 0.]], [[0., 1.]]]]
k = [[[[1., 1.]], [[1., 1.]], [[1., -1.]]]]
v = [[[[1., 2.]], [[3., 4.]], [[5., 6.]]]]
labels = jnp.asarray([0, 2])

cases = {
    'sigmoidBinaryCrossEntropy': (optax.sigmoid_binary_cross_entropy,
                                  [[0., 0., 0., 0., 20., -20., 100., -100., 1e4], [0., 1., .5, .2, 0., 1., 0., 1., 0.]]),
    'softmaxCrossEntropy': (optax.softmax_cross_entropy,
                            [[[2., 2., 2.], [1e4, 0., -1e4]], [[1., 0., 0.], [.2, .5, .3]]]),
    'softmaxCrossEntropyWithIntegerLabels': (
        lambda x: optax.softmax_cross_entropy_with_integer_labels(x, labels), [[[2., 2., 2.], [1e4, 0., -1e4]]]),
    'integer labels, a logit of -inf': (
        lambda x: optax.softmax_cross_entropy_with_integer_labels(x, labels), [[[1., -inf, 0.], [-inf, -inf, 0.]]]),
    'integer labels, the own logit is -inf': (
        lambda x: optax.softmax_cross_entropy_with_integer_labels(x, labels), [[[-inf, 1., 0.], [0., 1., -inf]]]),
    'maskedLanguageLoss': (
        lambda x: optax.softmax_cross_entropy_with_integer_labels(x, labels) * jnp.asarray([1., 0.]),
        [[[1., -inf, 1.], [0., 1., 0.]]]),
    'l1Loss': (lambda a, b: jnp.abs(a - b), [points, [0., 1., 1., 0.]]),
    'l2Loss': (optax.l2_loss, [points, [0., 1., 1., 0.]]),
    'huberLoss': (huber(1.), [[0., 1., -1., 2., .5], [0.] * 5]),
    'huberLoss, delta 0.5': (huber(.5), [[0., .5, -.5, 2., .25], [0.] * 5]),
    'endPointError': (lambda a, b: optax.safe_norm(a - b, 0., axis=-1), [[[0., 0.], [3., 4.], [0., 1.]], [[0., 0.], [0., 0.], [0., 1.]]]),
    'relu': (jax.nn.relu, [points]),
    'relu6': (jax.nn.relu6, [[0., 6., 1., -1., 7.]]),
    'leakyRelu': (lambda x: jax.nn.leaky_relu(x, .2), [points]),
    'elu': (jax.nn.elu, [points + [-100., 100.]]),
    'selu': (jax.nn.selu, [points + [-100., 100.]]),
    'gelu, tanh': (lambda x: jax.nn.gelu(x, approximate=True), [points + [20., -20., 100., -100.]]),
    'gelu, exact': (lambda x: jax.nn.gelu(x, approximate=False), [points + [20., -20., 100., -100.]]),
    'swish': (jax.nn.swish, [points + [100., -100.]]),
    'squared relu': (lambda x: jnp.square(jax.nn.relu(x)), [points]),
    'sigmoid': (jax.nn.sigmoid, [large]),
    'tanh': (jnp.tanh, [large]),
    'softplus': (jax.nn.softplus, [large]),
    'logSigmoid': (jax.nn.log_sigmoid, [large]),
    'softmax': (lambda x: jax.nn.softmax(x), [[[2., 2., 2.], [1e4, 0., -1e4], [0., -inf, 1.]]]),
    'logSoftmax': (lambda x: jax.nn.log_softmax(x), [[[2., 2., 2.], [1e4, 0., -1e4]]]),
    'logSumExp': (lambda x: jax.nn.logsumexp(x, axis=-1), [[[2., 2., 2.], [1e4, 1e4, -1e4], [0., -inf, 1.]]]),
    'log1p': (jnp.log1p, [[0., -.5, 1e4, 1e-8, 1e30]]),
    'expm1': (jnp.expm1, [[0., 1e-8, -100., 50.]]),
    'abs': (jnp.abs, [points]),
    'sqrt': (jnp.sqrt, [[0., 1., 4.]]),
    'sqrt of a square': (lambda x: jnp.sqrt(jnp.square(x)), [[0., 2.]]),
    'rsqrt': (jax.lax.rsqrt, [[0., 1., 4.]]),
    'square': (jnp.square, [points]),
    'norm': (lambda x: jnp.linalg.norm(x, axis=-1), [[[0., 0.], [3., 4.]]]),
    'prelu': (lambda x, a: jnp.where(x >= 0, x, a * x), [points, [.5, .5, .5, .5]]),
    'reciprocal': (lambda x: 1 / x, [points]),
    'maximum': (jnp.maximum, [points, [0., 1., 1., 3.]]),
    'minimum': (jnp.minimum, [points, [0., 1., 1., 3.]]),
    'maximum of a number': (maximum_of(1.), [points]),
    'clip': (lambda x: jnp.clip(x, 0., 1.), [points]),
    'max': (lambda x: jnp.max(x, -1), [[[2., 1., 2., 2.], [0., 0., 0., 0.]]]),
    'min': (lambda x: jnp.min(x, -1), [[[2., 1., 2., 1.], [0., 0., 0., 0.]]]),
    'pow': (jnp.power, [[0., 2., 4., 0.], [2., 0., .5, 1.]]),
    'where': (lambda x: jnp.where(x > 0, jnp.log(jnp.where(x > 0, x, 1.)), 0.), [points]),
    'layerNorm': (layer(lambda: hk.LayerNorm(-1, True, True)), [same]),
    'batchNorm': (layer(lambda: hk.BatchNorm(True, True, .9), is_training=True), [[[1., 0.], [1., 0.], [1., 0.]]]),
    'groupNorm': (layer(lambda: hk.GroupNorm(2)), [[[[1., 1., 0., 0.], [1., 1., 0., 0.]]]]),
    'instanceNorm': (layer(lambda: hk.InstanceNorm(True, True)), [[[[1., 0.], [1., 0.]]]]),
    'rmsNorm': (layer(lambda: hk.RMSNorm(-1)), [same]),
    'attend': (masked_attend([[[1, 1, 1], [0, 0, 1]]]), [q, k, v]),
    'attend, a row without keys': (masked_attend([[[0, 0, 0], [1, 1, 0]]]), [q, k, v]),
    'maxPool': (lambda x: hk.max_pool(x, (2, 2, 1), (1, 1, 1), 'SAME', channel_axis=-1), [image]),
    'maxPool of 3': (lambda x: hk.max_pool(x, (3, 3, 1), (2, 2, 1), 'SAME', channel_axis=-1), [image]),
    'avgPool': (lambda x: hk.avg_pool(x, (2, 2, 1), (1, 1, 1), 'SAME', channel_axis=-1), [image]),
}


def listed(x):
  """Numbers in order; those that JSON lacks as words."""
  words = {inf: 'Infinity', -inf: '-Infinity'}
  return [words.get(n, 'NaN' if math.isnan(n) else n) for n in (float(f'{n:.8g}') for n in np.asarray(x).ravel())]


def case(f, inputs):
  arrays = [jnp.asarray(x, jnp.float32) for x in inputs]
  value, back = jax.vjp(f, *arrays)
  grads = back((1 + jnp.arange(value.size) / 4).reshape(value.shape))
  return {'inputs': [{'shape': list(x.shape), 'data': listed(x)} for x in arrays],
          'value': listed(value), 'grads': [listed(g) for g in grads]}


lines = [f' {json.dumps(name)}: {json.dumps(case(*of))}' for name, of in cases.items()]
print('{\n' + ',\n'.join(lines) + '\n}')
