"""Draws that random/random.npz leaves out: scalars, empty and odd shapes, chunk edges, extreme arguments.

Run with jax 0.10 and dm-haiku 0.0.17 on a CPU:  python make.py  writes extra.npz beside this file.
Every name is `<mode>/<case>`; the cases are transcribed in the tests, which fail when one is left out.
"""
import pathlib

import haiku as hk
import jax
import jax.numpy as jnp
import numpy as np

r = jax.random
LOGITS = np.array([[[0, 1, -1, 0.5], [2, 0, 0, 0.5], [-np.inf, 1, 3, 0.5]],
                   [[0, 0, 0, 0], [1, -2, 0, 0.3], [0.5, 0.5, 0.5, -np.inf]]], np.float32)


def derivation(k):
  chain = k
  for i in range(20):
    chain = r.fold_in(r.split(chain, 3)[i % 3], i)
  return {
      'split0': r.split(k, 0), 'split1': r.split(k, 1), 'split7': r.split(k, 7),
      'fold_in_0': r.fold_in(k, 0), 'fold_in_max': r.fold_in(k, 2**32 - 1), 'chain': chain,
  }


def draws(k):
  yield 'bits', r.bits(k)
  yield 'bits_4097', r.bits(k, (4097,))
  for width, dtype in ((8, jnp.uint8), (16, jnp.uint16)):
    for shape in ((), (1,), (4,), (5, 3)):
      yield f'bits{width}_{"x".join(map(str, shape))}', r.bits(k, shape, dtype)
  yield 'uniform', r.uniform(k)
  yield 'uniform_0', r.uniform(k, (0,))
  yield 'uniform_2x0x3', r.uniform(k, (2, 0, 3))
  yield 'uniform_2049_wide', r.uniform(k, (2049,), minval=-1e30, maxval=3e30)
  yield 'uniform_7_tiny', r.uniform(k, (7,), minval=1, maxval=1 + 2e-7)
  yield 'normal', r.normal(k)
  yield 'normal_3001', r.normal(k, (3001,))
  for lower, upper in ((-2, 2), (-5, -1), (0.5, 6), (-0.001, 0.001), (-np.inf, np.inf), (0, 1e-3)):
    yield f'truncated_normal_{lower}_{upper}', r.truncated_normal(k, lower, upper, (301,))
  for p in (0.0, 0.5, 0.9, 1.0):
    yield f'bernoulli_{p}', r.bernoulli(k, p, (33,))
  yield 'bernoulli', r.bernoulli(k, 0.5)
  for low, high in ((0, 1), (0, 3), (5, 5), (7, 3), (0, 65536), (0, 65537), (-2**31, 2**31 - 1), (-3, 2**30)):
    yield f'randint_{low}_{high}', r.randint(k, (17,), low, high)
  for n in (0, 1, 2, 1700):
    yield f'permutation_{n}', r.permutation(k, n)
  grid = jnp.arange(24, dtype=jnp.int32).reshape(4, 3, 2)
  for axis in (0, 1, -1):
    yield f'permutation_grid_{axis}', r.permutation(k, grid, axis)
  for axis in (0, 1, 2):
    yield f'categorical_{axis}', r.categorical(k, LOGITS, axis)
  yield 'categorical_1_5', r.categorical(k, LOGITS, 1, (5, 2, 4))
  yield 'gumbel_3x5', r.gumbel(k, (3, 5))
  for a in (0.01, 0.3, 1.0, 4.5):
    yield f'gamma_{a}', r.gamma(k, a, (9,))
    yield f'loggamma_{a}', r.loggamma(k, a, (9,))
  yield 'beta_1.5_0.7', r.beta(k, 1.5, 0.7, (9,))
  yield 'beta_3_2', r.beta(k, 3.0, 2.0)


I = hk.initializers
INITIALIZERS = [
    ('orthogonal_5x6', I.Orthogonal(), (5, 6)),
    ('orthogonal_4x4', I.Orthogonal(2.0), (4, 4)),
    ('orthogonal_axis0_3x4x5', I.Orthogonal(axis=0), (3, 4, 5)),
    ('orthogonal_axis1_3x14x2', I.Orthogonal(axis=1), (3, 14, 2)),
    ('orthogonal_axis-2_7x2', I.Orthogonal(axis=-2), (7, 2)),
    ('identity_2x3x4', I.Identity(0.3), (2, 3, 4)),
    ('identity_5x2', I.Identity(), (5, 2)),
    ('constant_3x2x3', I.Constant(np.array([[1.5], [2.5]])), (3, 2, 3)),
    ('uniform_scaling_7', I.UniformScaling(), (7,)),
    ('variance_scaling_axes_2x3x4', I.VarianceScaling(1.7, 'fan_in', 'normal', [0, 2]), (2, 3, 4)),
    ('variance_scaling_out_axes_2x3x4', I.VarianceScaling(1.7, 'fan_out', 'uniform', [1]), (2, 3, 4)),
    ('variance_scaling_7', I.VarianceScaling(0.1), (7,)),
    ('variance_scaling', I.VarianceScaling(0.1, 'fan_avg'), ()),
    ('variance_scaling_zero_5', I.VarianceScaling(0.0), (5,)),
    ('truncated_normal_bounds_33', I.TruncatedNormal(0.3, -1.0, -0.5, 3.0), (33,)),
    ('random_normal_33', I.RandomNormal(3.0, -7.0), (33,)),
]


def initial(k):
  for name, initializer, shape in INITIALIZERS:
    f = hk.transform(lambda: initializer(shape, jnp.float32))  # pylint: disable=cell-var-from-loop
    yield f'init/{name}', f.apply({}, k)


out = {}
for mode in ('partitionable', 'legacy'):
  with jax.threefry_partitionable(mode == 'partitionable'):
    key = r.key(2**31 + 12345)
    for name, value in derivation(key).items():
      out[f'{mode}/{name}'] = np.asarray(r.key_data(value))
    for name, value in [*draws(key), *initial(key)]:
      out[f'{mode}/{name}'] = np.asarray(value)
for seed in (0, -1, -12345, 2**31, 2**32 + 7, -2**63, 2**63 - 1):
  out[f'seed/{seed}'] = np.asarray(r.key_data(r.key(seed)))
np.savez_compressed(pathlib.Path(__file__).with_name('extra.npz'), **out)
