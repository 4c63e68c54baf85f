"""The Haiku network that pickles are applied in: a table, attention, norms with and without state, a convolution."""

import haiku as hk
import jax
import jax.numpy as jnp


class Attention(hk.Module):
    """Multi-head attention with a linear layer for queries, keys, values and the result."""

    def __init__(self, num_heads):
        super().__init__()
        self.num_heads = num_heads

    def __call__(self, x):
        batch, length, channels = x.shape
        scaled = hk.initializers.VarianceScaling(1.0)

        def heads():
            projected = hk.Linear(channels, w_init=scaled)(x)
            return projected.reshape(batch, length, self.num_heads, -1)

        queries, keys, values = heads(), heads(), heads()
        scores = jnp.einsum("bthd,bshd->bhts", queries, keys) / jnp.sqrt(queries.shape[-1])
        mixed = jnp.einsum("bhts,bshd->bthd", jax.nn.softmax(scores), values)
        return hk.Linear(channels, w_init=scaled)(mixed.reshape(batch, length, channels))


def network(ids, image, is_training):
    """ids [B, T] int32, image [B, H, W, C], to [B, 7]."""
    words = hk.Embed(11, 12)(ids)
    normed = hk.LayerNorm(-1, create_scale=True, create_offset=True)(words)
    attended = Attention(num_heads=3)(normed)
    pixels = hk.Conv2D(5, kernel_shape=3, stride=2)(image)
    pixels = hk.BatchNorm(True, True, 0.9)(pixels, is_training)
    pooled = jnp.mean(jax.nn.relu(pixels), axis=(1, 2))
    joined = jnp.concatenate([jnp.mean(attended, axis=1), pooled], axis=1)
    hidden = jax.nn.gelu(hk.Linear(16)(joined))
    return hk.Linear(7)(hidden)


transformed = hk.transform_with_state(network)
