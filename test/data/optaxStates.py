"""Writes optaxStates.json: pickles of optax's states after two updates, and the parameters after a third one.

Run with JAX 0.10.2, optax 0.2.8 and NumPy: python test/data/optaxStates.py > test/data/optaxStates.json
"""

import base64
import json
import pickle

import jax
import jax.numpy as jnp
import numpy as np
import optax

rng = np.random.default_rng(11)
shapes = {'layer_norm': {'scale': (3,)}, 'linear': {'b': (2,), 'w': (3, 2)}}


def draw():
  return {m: {n: jnp.asarray(rng.normal(size=s).round(3), jnp.float32) for n, s in leaves.items()}
          for m, leaves in shapes.items()}


def listed(tree):
  return {f'{m}/{n}': [float(f'{x:.7g}') for x in np.asarray(leaf, np.float32).ravel()]
          for m, leaves in tree.items() for n, leaf in leaves.items()}


first, grads = draw(), [draw() for _ in range(3)]
is_w = lambda tree: jax.tree_util.tree_map_with_path(lambda path, _: path[-1].key == 'w', tree)
label = lambda tree: jax.tree_util.tree_map_with_path(
    lambda path, _: 'linear' if path[0].key == 'linear' else 'rest', tree)
schedule = optax.warmup_cosine_decay_schedule(.01, .1, 2, 8)

transformations = {
    'perceiver-lamb': optax.chain(
        optax.clip_by_global_norm(1.), optax.scale_by_adam(eps=1e-6), optax.add_decayed_weights(.1, mask=is_w),
        optax.scale_by_trust_ratio(), optax.scale_by_learning_rate(schedule)),
    'adamw': optax.adamw(.01),
    'momentum': optax.sgd(.1, momentum=.9),
    'rmsprop': optax.rmsprop(.01, centered=True),
    'lion': optax.lion(.01),
    'adafactor': optax.adafactor(.1, min_dim_size_to_factor=2),
    'masked': optax.chain(optax.masked(optax.scale_by_adam(), is_w), optax.sgd(.1)),
    'labelled': optax.partition({'linear': optax.adam(schedule), 'rest': optax.sgd(.1)}, label),
    'ema': optax.chain(optax.ema(.9), optax.sgd(.1)),
    'multi-steps': optax.MultiSteps(optax.adam(.01), every_k_schedule=3),
}


def run(each):
  params, state = first, each.init(first)
  for i, grad in enumerate(grads):
    if i == 2:
      host = jax.tree.map(np.asarray, state)
      saved = pickle.dumps({'params': jax.tree.map(np.asarray, params), 'opt_state': host, 'global_step': 2,
                            'train_step_rng': np.asarray([[3, 4]], np.uint32)}, protocol=4)
    updates, state = each.update(grad, state, params)
    params = optax.apply_updates(params, updates)
  return {'pickle': base64.b64encode(saved).decode(), 'after': listed(params)}


print(json.dumps({
    'shapes': {f'{m}/{n}': s for m, leaves in shapes.items() for n, s in leaves.items()},
    'grad': listed(grads[2]),
    'states': {name: run(each) for name, each in transformations.items()},
}))
