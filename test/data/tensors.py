"""Writes small safetensors files as their own library makes them, with what they hold.

    pip install numpy safetensors ml_dtypes
    python test/data/tensors.py > test/data/tensors.json && npx prettier --write test/data/tensors.json
"""

import base64
import json

import ml_dtypes
import numpy as np
import safetensors
from safetensors.numpy import save

random = np.random.default_rng(0)

DTYPES = [
    np.float64, np.float32, np.float16, ml_dtypes.bfloat16, np.int64, np.int32, np.int16, np.int8,
    np.uint64, np.uint32, np.uint16, np.uint8, np.bool_,
]  # fmt: skip


def values(dtype, shape):
  if dtype == np.bool_:
    return random.integers(0, 2, shape).astype(dtype)
  raw = random.integers(0, 256, (*shape, np.dtype(dtype).itemsize), dtype=np.uint8)
  return raw.view(dtype)[..., 0]


def file(name, arrays, metadata=None):
  return {
      'name': name,
      'file': base64.b64encode(save(arrays, metadata)).decode(),
      'metadata': metadata or {},
      'arrays': {
          key: {
              'dtype': np.dtype(array.dtype).name,
              'shape': list(array.shape),
              'bytes': np.ascontiguousarray(array).tobytes().hex(),
          }
          for key, array in arrays.items()
      },
  }


every = {f'every/{np.dtype(dtype).name}': values(dtype, (2, 3)) for dtype in DTYPES}
odd = {
    'm/scalar': np.array(1.5, np.float32),
    'm/empty': np.zeros((0, 4), np.float32),
    'módulo/線形/w': values(np.int16, (3,)),
    'a "quoted" \\ name\n/w': values(np.uint8, (5,)),
}
files = [
    file('every element type', every),
    file('odd shapes and names', odd, {'format': 'np', 'note': 'é "x"\n'}),
    file('none', {}),
]
print(json.dumps({'versions': {'safetensors': safetensors.__version__, 'numpy': np.__version__}, 'files': files}))
