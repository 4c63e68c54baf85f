"""Takes steps of an exported program: python take_steps.py FOLDER COUNT; the folder has step.jax, state.pickle and in.npz with
the batches x0, y0, ... The state after them takes the place of the one before. Prints the losses as JSON."""

import json
import pickle
import sys
from pathlib import Path

import jax
import numpy as np
from jax import export

folder, count = Path(sys.argv[1]), int(sys.argv[2])
step = export.deserialize(bytearray((folder / "step.jax").read_bytes())).call
state = pickle.loads((folder / "state.pickle").read_bytes())
batches, losses = np.load(folder / "in.npz"), []
for n in range(count):
    result = step(state, {"x": batches[f"x{n}"], "y": batches[f"y{n}"]})
    state = result["state"]
    losses.append(float(result["metrics"]["loss"]))
(folder / "state.pickle").write_bytes(pickle.dumps(jax.device_get(state)))
print(json.dumps(losses))
