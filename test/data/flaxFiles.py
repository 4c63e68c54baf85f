"""Writes small files as Flax saves them, with the arrays that Flax reads in them.

    pip install flax==0.12.8 jax==0.10.2 optax
    python test/data/flaxFiles.py > test/data/flaxFiles.json && npx prettier --write test/data/flaxFiles.json
"""

import base64
import json

import flax
import flax.linen as nn
from flax import serialization
from flax.training import train_state
import jax
import jax.numpy as jnp
import numpy as np
import optax


def packed(data):
  return base64.b64encode(data).decode()


def leaves(value, path=()):
  if isinstance(value, dict):
    for key, part in value.items():
      yield from leaves(part, (*path, str(key)))
  elif isinstance(value, list):
    for i, part in enumerate(value):
      yield from leaves(part, (*path, str(i)))
  elif isinstance(value, (np.ndarray, np.generic)):
    yield '.'.join(path), np.asarray(value)


def array(value):
  return dict(dtype=value.dtype.name, shape=list(value.shape), data=packed(value.tobytes()))


def good(name, data):
  value = serialization.msgpack_restore(data)
  return dict(name=name, file=packed(data), arrays={path: array(leaf) for path, leaf in leaves(value)})


def bad(name, data, refusal):
  return dict(name=name, file=packed(data), refusal=refusal)


class Net(nn.Module):

  @nn.compact
  def __call__(self, x, is_training=False):
    x = nn.Dense(2)(x)
    x = nn.BatchNorm(use_running_average=not is_training)(x)
    return nn.Sequential([nn.Dense(3), nn.LayerNorm()])(x)


variables = Net().init(jax.random.key(0), jnp.ones((1, 4)))


def trained():
  state = train_state.TrainState.create(
      apply_fn=None, params=variables['params'], tx=optax.adam(1e-3))
  return state.apply_gradients(grads=state.params)


def dtypes():
  numbers = np.array([[0, 1, 2], [3, 100, 7]])
  names = ['float64', 'float32', 'float16', 'int64', 'int32', 'int16', 'int8', 'uint64', 'uint32', 'uint16', 'uint8']
  return {
      **{name: numbers.astype(name) for name in names},
      'bool': numbers > 2,
      'bfloat16': jnp.asarray(numbers * 1.1, jnp.bfloat16),
  }


def plain():
  return {
      'scalar': np.float32(1.5), 'number': 3, 'negative': -(2**31), 'real': 0.25, 'yes': True, 'none': None,
      'empty': np.zeros((2, 0), np.float32), 'flat': np.array(2.0), 'transposed': np.arange(6.0).reshape(2, 3).T,
      'list': [np.int8(1), {'w': np.ones(1, np.int16)}],
  }


def chunked(value):
  most, serialization.MAX_CHUNK_SIZE = serialization.MAX_CHUNK_SIZE, 16
  try:
    return serialization.msgpack_serialize(value)
  finally:
    serialization.MAX_CHUNK_SIZE = most


files = [
    good('params', serialization.to_bytes(variables['params'])),
    good('variables', serialization.to_bytes(variables)),
    good('train-state', serialization.to_bytes(trained())),
    good('dtypes', serialization.to_bytes({'m': dtypes()})),
    good('plain', serialization.msgpack_serialize({'m': plain()})),
    good('chunked', chunked({'m': {'w': np.arange(15, dtype=np.float32).reshape(3, 5), 'b': np.ones(2)}})),
    good('deep', serialization.msgpack_serialize({'a': {'b': {'c': {'d': {'e': np.arange(2)}}}}})),
    good('many', serialization.msgpack_serialize({f'module_{i}': {'w': np.int8(i % 100)} for i in range(20)})),
    good('long-names', serialization.msgpack_serialize({'n' * 40: {'é' * 200: np.int8(1)}})),
    bad('complex', serialization.msgpack_serialize({'m': {'w': np.ones(1, np.complex64)}}), 'elements of type "complex64"'),
    bad('text', serialization.msgpack_serialize({'m': {'w': 'text'}}), 'at m.w: found the string "text"'),
]

print(json.dumps(dict(flax=flax.__version__, jax=jax.__version__, files=files)))
