"""The language model's parameters by seed, drawn by JAX on the CPU in one compiled function.

initialise.py MODEL [--compile-each-time]: MODEL lists the parameters in Haiku's order: shape, kind of leaf, and which
key of Haiku's sequence draws it, if any.
"""

import json
import math
import sys

import jax
import jax.numpy as jnp

from contestant import serve


def stddev(kind, shape):
    """Haiku's initialisers as the model uses them."""
    if kind == "w":
        return 1 / math.sqrt(shape[0]) / 0.87962566103423978
    return 1.0 if kind == "embeddings" else 0.02


def draw(key, kind, shape):
    if key is None:
        return jnp.full(shape, 1.0 if kind == "scale" else 0.0, jnp.float32)
    return stddev(kind, shape) * jax.random.truncated_normal(key, -2, 2, shape, jnp.float32)


def initialise(model):
    def draw_all(key):
        keys = []
        for _ in range(model["draws"]):
            key, sub = jax.random.split(key)
            keys.append(sub)
        key_of = lambda number: None if number is None else keys[number]
        return [draw(key_of(each["draw"]), each["kind"], each["shape"]) for each in model["params"]]

    return draw_all


def engine(path, compiles_each_time):
    with open(path) as file:
        model = json.load(file)
    draw_all = jax.jit(initialise(model))
    key = jax.random.key(model["seed"])

    def run():
        if compiles_each_time:
            jax.clear_caches()
        return jax.block_until_ready(draw_all(key))

    return run


serve(lambda: engine(sys.argv[1], sys.argv[2:] == ["--compile-each-time"]))
