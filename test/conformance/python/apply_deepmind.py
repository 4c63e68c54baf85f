"""Loads a pickle by pickle.load and applies DeepMind's own language model with it.

apply_deepmind.py CODE FOLDER...: CODE has DeepMind's folder `perceiver`; each FOLDER has model.pickle, inputs.npz and
sizes.json with the model's length, width, and the constructor arguments of its encoder and decoder. Outputs in
FOLDER/out.npz.
"""

import json
import pathlib
import pickle
import sys

sys.path.insert(0, sys.argv[1])

import jax
import numpy as np

from deepmind_language import language_model

# Asked for by dropout, which drops nothing.
key = jax.random.PRNGKey(0)

for folder in map(pathlib.Path, sys.argv[2:]):
    with open(folder / "model.pickle", "rb") as file:
        params = pickle.load(file)
    inputs = np.load(folder / "inputs.npz")
    sizes = json.loads((folder / "sizes.json").read_text())
    logits = language_model(sizes).apply(params, key, inputs["ids"], inputs["mask"])
    np.savez(folder / "out.npz", out=np.asarray(logits))
print("null")
