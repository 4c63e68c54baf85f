"""A training step by Haiku and optax, compiled by JAX on the CPU: loss, gradients and Adam.

step_jax.py FOLDER: as `program` reads it.
"""

import pathlib
import sys

import haiku as hk
import jax
import jax.numpy as jnp
import numpy as np
import optax

from contestant import serve
from program import Program, steps_of


class ops:
    reshape, transpose, broadcast = jnp.reshape, jnp.transpose, jnp.broadcast_to
    concat, add, sub, mul, exp = jnp.concatenate, jnp.add, jnp.subtract, jnp.multiply, jnp.exp
    erf, relu, lookUp = jax.scipy.special.erf, jax.nn.relu, lambda table, ids: table[ids]
    gelu = lambda x: jax.nn.gelu(x, approximate=True)
    geluExact = lambda x: jax.nn.gelu(x, approximate=False)
    scale = lambda x, by: x * by
    rsqrt = lambda x, epsilon: jax.lax.rsqrt(x + epsilon)
    mean = lambda x: jnp.mean(x, range(x.ndim - 1), keepdims=True)
    softmax = jax.nn.softmax
    slice = lambda x, axis, start, size: jax.lax.slice_in_dim(x, start, start + size, axis=axis)
    pad = lambda x, each: jnp.pad(x, [(n, n) for n in each])

    def layerNorm(x, scale, offset):
        mean = jnp.mean(x, -1, keepdims=True)
        return (x - mean) * jax.lax.rsqrt(jnp.var(x, -1, keepdims=True) + 1e-5) * scale + offset

    def matMul(a, b, transpose_a=False, transpose_b=False):
        return (a.swapaxes(-1, -2) if transpose_a else a) @ (b.swapaxes(-1, -2) if transpose_b else b)

    def affine(x, w, b=None):
        return x @ w if b is None else x @ w + b

    def attend(q, k, v, mask=None, _is_causal=False):
        scores = jnp.einsum("bthd,bshd->bhts", q, k) / np.float32(np.sqrt(q.shape[-1]))
        if mask is not None:
            scores = jnp.where(mask[:, None] > 0, scores, -1e30)
        weights = jax.nn.softmax(scores)
        out = jnp.einsum("bhts,bshd->bthd", weights, v)
        if mask is not None:
            out = jnp.where(jnp.any(mask > 0, -1)[:, :, None, None], out, 0)
        return out.reshape(*out.shape[:2], -1)

    def conv2d(x, w, stride):
        return jax.lax.conv_general_dilated(
            x, w, (stride, stride), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")
        )

    def maxPool(x, stride):
        sizes, strides = (1, 3, 3, 1), (1, stride, stride, 1)
        return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, sizes, strides, "SAME")


def engine(folder):
    program = Program(folder)

    def model(*inputs):
        def param(name):
            shape = program.params[name].shape
            return hk.get_parameter(name.replace("/", "."), shape, init=hk.initializers.Constant(0))

        return program(ops, param, program.constants, inputs)

    apply = hk.without_apply_rng(hk.transform(model)).apply
    adam = optax.adam(1e-3)

    def loss_of(params, inputs, targets):
        output = apply(params, *inputs)
        if program.loss == "squares":
            return jnp.mean(jnp.square(output - targets))
        logits = output.reshape(-1, output.shape[-1])
        return optax.softmax_cross_entropy_with_integer_labels(logits, targets).mean()

    def update(params, state, inputs, targets):
        loss, grads = jax.value_and_grad(loss_of)(params, inputs, targets)
        updates, state = adam.update(grads, state, params)
        return optax.apply_updates(params, updates), state, loss

    jitted = jax.jit(update, donate_argnums=(0, 1))
    params = {"~": {name.replace("/", "."): jnp.asarray(value) for name, value in program.params.items()}}
    now = {"params": params, "state": adam.init(params)}
    *inputs, targets = program.batch

    def step():
        now["params"], now["state"], loss = jitted(now["params"], now["state"], inputs, targets)
        return jax.block_until_ready((loss, now["params"]))[0]

    return steps_of(step)


serve(lambda: engine(pathlib.Path(sys.argv[1])))
