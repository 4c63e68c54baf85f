"""DeepMind's own language model and a program exported here, each as a function under jax.jit, with the same pickle.

jit_deepmind.py CODE FOLDER ROUNDS: CODE has DeepMind's folder `perceiver`; FOLDER has model.jax, model.pickle, inputs.npz and
sizes.json. Outputs in FOLDER/out.npz as `deepmind` and `ours`; the seconds of each run, in turn, are printed as JSON.
"""

import json
import os
import pathlib
import pickle
import sys
import time

# What is timed is compiled as JAX compiles it for everybody.
os.environ.pop("JAX_DISABLE_MOST_OPTIMIZATIONS", None)
sys.path.insert(0, sys.argv[1])

import jax
import numpy as np
from jax import export

from deepmind_language import language_model

folder, rounds = pathlib.Path(sys.argv[2]), int(sys.argv[3])
with open(folder / "model.pickle", "rb") as file:
    params = jax.tree.map(jax.numpy.asarray, pickle.load(file))
inputs = np.load(folder / "inputs.npz")
ids, mask = inputs["ids"], inputs["mask"].astype(np.float32)
sizes = json.loads((folder / "sizes.json").read_text())
key = jax.random.PRNGKey(0)
deepmind = language_model(sizes).apply
exported = export.deserialize(bytearray((folder / "model.jax").read_bytes()))
functions = {
    "deepmind": jax.jit(lambda params, ids, mask: deepmind(params, key, ids, mask)),
    "ours": jax.jit(exported.call),
}
seconds = {name: [] for name in functions}
outputs = {}
for _ in range(rounds + 1):
    for name, function in functions.items():
        start = time.perf_counter()
        outputs[name] = function(params, ids, mask).block_until_ready()
        seconds[name].append(time.perf_counter() - start)
np.savez(folder / "out.npz", **{name: np.asarray(output) for name, output in outputs.items()})
# The first run compiles.
print(json.dumps({name: all_of[1:] for name, all_of in seconds.items()}))
