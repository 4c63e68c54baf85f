"""Loads pickles by pickle.load, applies them in Haiku, and leaves the outputs beside them.

apply_haiku.py FOLDER: inputs in FOLDER/inputs.npz; for each FOLDER/NAME.pickle, outputs in FOLDER/NAME.out.npz.
Prints as JSON what each pickle's mapping is.
"""

import json
import pathlib
import pickle
import sys

import numpy as np

from network import transformed

folder = pathlib.Path(sys.argv[1])
inputs = np.load(folder / "inputs.npz")
mappings = {}
for path in sorted(folder.glob("*.pickle")):
    with open(path, "rb") as file:
        loaded = pickle.load(file)
    mappings[path.stem] = type(loaded["params"]).__name__
    output, _ = transformed.apply(
        loaded["params"], loaded["state"], None, inputs["ids"], inputs["image"], is_training=False
    )
    np.savez(path.with_suffix(".out.npz"), out=np.asarray(output))
print(json.dumps(mappings))
