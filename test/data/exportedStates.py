"""Writes exportedStates.json: pickles of the states of exported steps after three updates, and the losses of all four.

Run with JAX 0.10.2 and NumPy, after `node dist/test/lib/train/exportedSteps.js FOLDER`:
python test/data/exportedStates.py FOLDER > test/data/exportedStates.json
"""

import base64
import json
import pickle
import sys
from pathlib import Path

import jax
import numpy as np
from jax import export

folder = Path(sys.argv[1])
batches = np.load(folder / 'batches.npz')
weights = pickle.loads((folder / 'weights.pickle').read_bytes())
load = lambda path: export.deserialize(bytearray(path.read_bytes())).call


def run(name):
  state, losses = load(folder / f'{name}.start.jax')(weights, jax.random.PRNGKey(7)), []
  step = jax.jit(load(folder / f'{name}.step.jax'), donate_argnums=0)
  for n in range(4):
    if n == 3:
      saved = pickle.dumps(jax.device_get(state))
    result = step(state, {'x': batches[f'x{n}'], 'y': batches[f'y{n}']})
    state = result['state']
    losses.append(float(f"{float(result['metrics']['loss']):.8g}"))
  return {'pickle': base64.b64encode(saved).decode(), 'losses': losses}


names = sorted(path.name.split('.')[0] for path in folder.glob('*.step.jax'))
print(json.dumps({name: run(name) for name in names}, indent=1))
