"""Writes optaxUpdates.json: what optax makes of a small tree, for what the goldens lack.

Run with JAX 0.10.2, optax 0.2.8 and NumPy: python test/data/optaxUpdates.py > test/data/optaxUpdates.json
"""

import json

import jax
import jax.numpy as jnp
import numpy as np
import optax

rng = np.random.default_rng(7)
shapes = {'layer_norm': {'scale': (3,)}, 'linear': {'b': (4,), 'w': (3, 4)}, 'table': {'w': (2, 5, 3)}}


def draw():
  return {m: {n: jnp.asarray(rng.normal(size=s).round(3), jnp.float32) for n, s in leaves.items()}
          for m, leaves in shapes.items()}


def listed(tree):
  return {f'{m}/{n}': [float(f'{x:.7g}') for x in np.asarray(leaf, np.float32).ravel()]
          for m, leaves in tree.items() for n, leaf in leaves.items()}


params = draw()
# LAMB takes a ratio of 1 where a norm is 0.
params['linear']['b'] = jnp.zeros(4)
grads = [draw() for _ in range(4)]
for grad in grads:
  grad['layer_norm']['scale'] = jnp.zeros(3)

is_w = lambda tree: jax.tree_util.tree_map_with_path(lambda path, _: path[-1].key == 'w', tree)
label = lambda tree: jax.tree_util.tree_map_with_path(
    lambda path, _: 'table' if path[0].key == 'table' else 'rest', tree)

transformations = {
    'adam-nesterov': optax.adam(.01, nesterov=True),
    'adam-eps-root': optax.adam(.01, b1=.8, b2=.95, eps=1e-3, eps_root=1e-2),
    'rmsprop-momentum': optax.rmsprop(.01, momentum=.9, initial_scale=1.),
    'rmsprop-centered-nesterov': optax.rmsprop(.01, centered=True, momentum=.9, nesterov=True, eps=1e-2),
    'rmsprop-eps-outside': optax.rmsprop(.01, eps=1e-3, eps_in_sqrt=False),
    'lion-decayed': optax.lion(.01, b1=.8, b2=.9, weight_decay=.1, mask=is_w),
    'adafactor-momentum': optax.adafactor(
        .1, min_dim_size_to_factor=3, momentum=.9, weight_decay_rate=.01, clipping_threshold=.5),
    'adafactor-plain': optax.adafactor(
        .1, factored=False, multiply_by_parameter_scale=False, clipping_threshold=None),
    'lamb-zero-norms': optax.lamb(.01, weight_decay=.1),
    'clip': optax.chain(optax.clip(.5), optax.sgd(.1)),
    'ema': optax.chain(optax.ema(.9), optax.sgd(.1)),
    'ema-biased': optax.chain(optax.ema(.9, debias=False), optax.sgd(.1)),
    'masked': optax.chain(optax.masked(optax.scale_by_adam(), is_w), optax.sgd(.1)),
    'labelled': optax.partition({'table': optax.adam(.01), 'rest': optax.sgd(.1, momentum=.9)}, label),
    'schedule': optax.sgd(optax.exponential_decay(.1, 2, .5, staircase=True)),
    'multi-steps': optax.MultiSteps(optax.adam(.01), every_k_schedule=2),
}


def run(transformation):
  now, state, results = params, transformation.init(params), []
  for grad in grads:
    updates, state = transformation.update(grad, state, now)
    now = optax.apply_updates(now, updates)
    results.append(listed(now))
  return results


schedules = {
    'joined': optax.join_schedules(
        [optax.linear_schedule(0., 1., 4), optax.constant_schedule(.5), optax.cosine_decay_schedule(.5, 6)], [4, 8]),
    'staircase': optax.exponential_decay(.2, 3, .5, transition_begin=2, staircase=True, end_value=.03),
    'growing': optax.exponential_decay(.2, 3, 1.5, end_value=.5),
    'cosine-power': optax.cosine_decay_schedule(.5, 10, alpha=.1, exponent=2.),
    'warmup-cosine': optax.warmup_cosine_decay_schedule(.01, .4, 3, 10, .02),
    'warmup-to-nothing': optax.warmup_cosine_decay_schedule(.1, 0., 3, 10),
}

print(json.dumps({
    'params': listed(params),
    'grads': [listed(grad) for grad in grads],
    'shapes': {f'{m}/{n}': s for m, leaves in shapes.items() for n, s in leaves.items()},
    'transformations': {name: run(each) for name, each in transformations.items()},
    'schedules': {name: [float(each(i)) for i in range(16)] for name, each in schedules.items()},
}))
